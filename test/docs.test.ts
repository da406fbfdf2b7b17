import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { openCompiler } from '../docs/generate/compiler.ts'
import { formatConfiguration } from '../docs/generate/configuration.ts'
import { readOptions } from '../docs/generate/options.ts'
import { formatProblems } from '../docs/generate/problems.ts'
import { loadConfig } from '../src/config/load.ts'
import { POLICIES, type Policy } from '../src/core/problem.ts'
import { createMetrics } from '../src/http/metrics.ts'
import { runCommand } from './support/command-line.ts'
import { makeSharedFolder } from './support/folder.ts'

/**
 * README.md and docs/ are run: `sh` blocks by a shell, page by page, in one new project; each configuration in a `ts`
 * block is loaded.
 */

const root = resolve(import.meta.dirname, '..')
const PAGES = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`)
    .toSorted(),
]
const textOf = (page: string): string => readFileSync(join(root, page), 'utf8')
const everything = PAGES.map(textOf).join('\n')

// That guide has a bucket and a test of its own: test/e2e/walkthrough.test.ts.
const FOLLOWED_ELSEWHERE = 'docs/guides/bucket-and-cdn.md'

const blocksOf = (language: string): readonly (readonly [page: string, block: string])[] =>
  PAGES.filter((page) => page !== FOLLOWED_ELSEWHERE).flatMap((page) =>
    [...textOf(page).matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
      ([, text = '']) => [page, text] as const,
    ),
  )

/** The anchors of a page, as forges make them of its headings. */
const anchorsOf = (page: string): ReadonlySet<string> =>
  new Set(
    [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )

/** The links of a page to files and headings of this repository that are not there. */
const brokenLinksOf = (page: string): readonly string[] =>
  [
    ...textOf(page)
      .replace(/^```.*?^```|`[^`\n]+`/gms, '')
      .matchAll(/\]\(([^)\s]+)\)/g),
  ]
    .map(([, target = '']) => target)
    .filter((target) => !/^https?:/.test(target))
    .filter((target) => {
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? page : relative(root, resolve(root, dirname(page), path))
      if (!existsSync(join(root, file))) return true
      return anchor !== undefined && !anchorsOf(file).has(anchor)
    })

describe('README and docs', () => {
  const folder = makeSharedFolder()

  beforeAll(async () => {
    // Enough for what the examples name: AVIF of all the samples as they are would take as long as many other tests.
    for (const photo of ['landscape/dunes.jpg', 'avatars/ada.jpg', 'icons/compass.svg'])
      cpSync(join(root, 'test/samples/photos', photo), join(folder, 'photos', photo))
    for (const photo of ['landscape/dunes.jpg', 'avatars/ada.jpg'])
      await sharp(join(root, 'test/samples/photos', photo))
        .resize(200)
        .toFile(join(folder, 'photos', photo))
    mkdirSync(join(folder, 'dist'))
    writeFileSync(join(folder, 'dist/index.html'), '<p><img src="/landscape/dunes.jpg" alt="Dunes"></p>\n')
    // What npx does for one who has installed the package.
    mkdirSync(join(folder, '.bin'))
    writeFileSync(
      join(folder, '.bin/npx'),
      `#!/bin/sh\nshift\nexec node ${join(root, 'bin/imgsizes.cjs')} "$@"\n`,
    )
    chmodSync(join(folder, '.bin/npx'), 0o755)
  })

  const run = (script: string) =>
    spawnSync('sh', ['-e', '-c', script], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${join(folder, '.bin')}:${process.env.PATH}`, NO_COLOR: '1' },
    })

  it('has examples to run', () => {
    expect(blocksOf('sh').length).toBeGreaterThanOrEqual(5)
  })

  it.each(blocksOf('sh'))('%s: %s', { timeout: 240_000 }, (_page, block) => {
    const { status, stderr } = run(block)
    expect(status, stderr).toBe(0)
  })

  it('signs in a shell what it says it does', () => {
    const [, block = ''] = blocksOf('sh').find(([, each]) => each.includes('openssl')) ?? []
    const { stdout } = run(block)
    expect(textOf('docs/reference/keys.md')).toContain(`prints \`${stdout.trim()}\``)
    expect(stdout.trim()).toBe('F5qBZZuh0iN5uWNN')
  })

  it('rewrote the page', () => {
    expect(readFileSync(join(folder, 'dist/index.html'), 'utf8')).toMatch(
      /^<p><picture [^>]*>.*alt="Dunes".*<\/picture><\/p>\n$/s,
    )
  })

  it.each(readdirSync(join(root, 'test/page/signing')))('shows %s as it is tested', (file) => {
    expect(textOf('docs/guides/signing.md')).toContain(
      readFileSync(join(root, 'test/page/signing', file), 'utf8').trimEnd(),
    )
  })

  it.each(readdirSync(join(root, 'test/http/mounting')))('shows %s as it is tested', (file) => {
    expect(textOf('docs/guides/own-server.md')).toContain(
      readFileSync(join(root, 'test/http/mounting', file), 'utf8').trimEnd(),
    )
  })

  it.each(readdirSync(join(root, 'test/page/recipes')))('shows %s as it is tested', (file) => {
    expect(everything).toContain(readFileSync(join(root, 'test/page/recipes', file), 'utf8').trimEnd())
  })

  it.each(readdirSync(join(root, 'test/library')))('shows %s as it is tested', (file) => {
    const text = readFileSync(join(root, 'test/library', file), 'utf8').trimEnd()
    expect(textOf('docs/reference/library.md')).toContain(text)
  })

  it('names every command and flag, as --help does', async () => {
    const text = textOf('docs/reference/command-line.md')
    const help = async (...args: readonly string[]): Promise<string> =>
      (await runCommand([...args, '--help'], { cwd: root, env: process.env })).stdout
    const commands = [...(await help()).matchAll(/^ {2}imgsizes (\w+)/gm)].map(([, name = '']) => name)
    expect(commands.length).toBeGreaterThan(13)
    for (const command of new Set(commands)) {
      const [, section = ''] = new RegExp(`^## ${command}$(.*?)^## `, 'ms').exec(text) ?? []
      const common = text.slice(text.indexOf('## Which pictures and results'))
      const flags = [...(await help(command)).matchAll(/^ {2}(?:-\w, | {4})(--[\w-]+)(?= {2}|$)/gm)].map(
        ([, flag = '']) => flag,
      )
      expect([command, section]).not.toEqual([command, ''])
      const unnamed = flags.filter((flag) => !`${section}${common}`.includes(`\`${flag}`))
      expect([command, unnamed]).toEqual([command, []])
    }
  })

  it('names every status that serve answers with', () => {
    const page = textOf('docs/reference/http.md')
    const statuses = new Set(Object.values<Policy>(POLICIES).flatMap(({ status }) => status ?? []))
    expect(statuses.size).toBeGreaterThan(10)
    const named = new Set(
      [...page.matchAll(/^\| ([\d, ]+) \|/gm)].flatMap(([, list = '']) => list.split(', ')),
    )
    expect([...statuses, 200, 204, 206, 302, 304].filter((status) => !named.has(String(status)))).toEqual([])
  })

  it('names every event', () => {
    const kinds = ['app/event.ts', 'app/site/page-event.ts'].flatMap((file) =>
      [...readFileSync(join(root, 'src', file), 'utf8').matchAll(/readonly kind: '([a-z-]+)'/g)].map(
        ([, kind]) => kind,
      ),
    )
    expect(kinds.length).toBeGreaterThan(20)
    expect(kinds.filter((kind) => !textOf('docs/reference/events.md').includes(`\`${kind}\``))).toEqual([])
  })

  it('names every metric of the origin', async () => {
    const text = await createMetrics(() => ({ running: 0, waiting: 0, uploads: 0 })).read()
    const metrics = [...text.matchAll(/^# TYPE imgsizes_(\w+)/gm)].map(([, name]) => name)
    expect(metrics.length).toBeGreaterThan(15)
    expect(metrics.filter((name) => !textOf('docs/reference/metrics.md').includes(`\`${name}\``))).toEqual([])
  })

  const configurations = blocksOf('ts').filter(([, block]) => block.includes('export default defineConfig'))

  it.each(configurations)('%s shows a configuration that holds', async (page, block) => {
    writeFileSync(join(folder, 'shown.config.ts'), block)
    Object.assign(process.env, { IMGSIZES_SECRET: 'correct-horse-battery-staple' })
    const loaded = await loadConfig({ configFile: 'shown.config.ts', cwd: folder })
    expect(loaded.sizes.length).toBeGreaterThan(0)
    if (page === 'docs/reference/configuration.md')
      expect(loaded.sizes.map((size) => size.name)).toEqual(['content', 'card', 'avatar', 'share', 'strip'])
  })

  it.each([...PAGES, 'CONTRIBUTING.md'])('%s links to what is there', (page) => {
    expect(brokenLinksOf(page)).toEqual([])
  })

  it('can be reached, every page, from its index', () => {
    const index = textOf('docs/README.md')
    const pages = PAGES.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md')
    expect(pages.filter((page) => !index.includes(`(${relative('docs', page)})`))).toEqual([])
  })

  it('has a README that is read in ten minutes', () => {
    expect(textOf('README.md').split('\n').length).toBeLessThanOrEqual(251)
  })
})

it('every script that a page or CONTRIBUTING names is there', () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Readonly<Record<string, string>> }
  const named = [
    ...`${everything}\n${textOf('CONTRIBUTING.md')}`.matchAll(
      /\bnpm run ((?:bench|test|bundle|demo):[\w:]+)/g,
    ),
  ]
  expect(named.length).toBeGreaterThan(3)
  expect(named.flatMap(([, name = '']) => (name in scripts ? [] : [name]))).toEqual([])
})

it('what the reference takes from the code is up to date: npm run docs', () => {
  expect(textOf('docs/reference/problems.md')).toBe(formatProblems())
  const configuration = textOf('docs/reference/configuration.md')
  using compiler = openCompiler()
  expect(configuration).toBe(formatConfiguration(configuration, readOptions(compiler).rows))
})
