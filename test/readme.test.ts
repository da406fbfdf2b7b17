import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../src/config/load.ts'
import { configSchema, sizeSchema } from '../src/config/schema.ts'
import { serveSchema } from '../src/config/serve-schema.ts'
import { createMetrics } from '../src/http/metrics.ts'

/** README.md is run: `sh` blocks by a shell, in order, in one new project; `ts` blocks as its configuration. */

const root = resolve(import.meta.dirname, '..')
const whole = readFileSync(join(root, 'README.md'), 'utf8')
// The walk-through has a bucket and a test of its own: test/e2e/walkthrough.test.ts.
const readme = whole.replace(/^## From nothing to a bucket and a CDN$.*?(?=^## )/ms, '')

const blocksOf = (language: string): readonly string[] =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text)

describe('README', () => {
  let folder = ''

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'imgsizes-readme-'))
    // Enough for what the examples name: AVIF of all the samples would take as long as many other tests.
    for (const photo of ['landscape/dunes.jpg', 'avatars/ada.jpg', 'icons/compass.svg'])
      cpSync(join(root, 'test/samples/photos', photo), join(folder, 'photos', photo))
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
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const run = (script: string) =>
    spawnSync('sh', ['-e', '-c', script], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${join(folder, '.bin')}:${process.env.PATH}`, NO_COLOR: '1' },
    })

  it('has examples to run', () => {
    expect(blocksOf('sh').length).toBeGreaterThanOrEqual(5)
  })

  it.each(blocksOf('sh').map((block) => [block]))('runs: %s', { timeout: 240_000 }, (block) => {
    const { status, stderr } = run(block)
    expect(status, stderr).toBe(0)
  })

  it('signs in a shell what it says it does', () => {
    const block = blocksOf('sh').find((each) => each.includes('openssl')) ?? ''
    const { stdout } = run(block)
    expect(readme).toContain(`prints \`${stdout.trim()}\``)
    expect(stdout.trim()).toBe('F5qBZZuh0iN5uWNN')
  })

  it('rewrote the page', () => {
    expect(readFileSync(join(folder, 'dist/index.html'), 'utf8')).toMatch(
      /^<p><picture [^>]*>.*alt="Dunes".*<\/picture><\/p>\n$/s,
    )
  })

  it.each(readdirSync(join(root, 'test/page/signing')))('shows %s as it is tested', (file) => {
    expect(readme).toContain(readFileSync(join(root, 'test/page/signing', file), 'utf8').trimEnd())
  })

  it.each(readdirSync(join(root, 'test/http/mounting')))('shows %s as it is tested', (file) => {
    expect(readme).toContain(readFileSync(join(root, 'test/http/mounting', file), 'utf8').trimEnd())
  })

  it.each(readdirSync(join(root, 'test/page/recipes')))('shows %s as it is tested', (file) => {
    expect(readme).toContain(readFileSync(join(root, 'test/page/recipes', file), 'utf8').trimEnd())
  })

  it('names every metric of the origin', async () => {
    const text = await createMetrics(() => ({ running: 0, waiting: 0, uploads: 0 })).read()
    const metrics = [...text.matchAll(/^# TYPE imgsizes_(\w+)/gm)].map(([, name]) => name)
    expect(metrics.length).toBeGreaterThan(15)
    expect(metrics.filter((name) => !readme.includes(`\`${name}\``))).toEqual([])
  })

  it('shows a configuration that holds', async () => {
    const [config = ''] = blocksOf('ts').filter((block) => block.includes('export default defineConfig'))
    writeFileSync(join(folder, 'readme.config.ts'), config)
    const env = { IMGSIZES_SECRET: 'correct-horse-battery-staple' }
    Object.assign(process.env, env)
    const loaded = await loadConfig({ configFile: 'readme.config.ts', cwd: folder })
    expect(loaded.sizes.map((size) => size.name)).toEqual(['content', 'card', 'avatar', 'share', 'strip'])
  })

  it('names every option of the configuration', () => {
    const rows = new Set([...readme.matchAll(/^\| `([a-zA-Z]+)` \|/gm)].map(([, name]) => name))
    expect(Object.keys(configSchema.shape).filter((option) => !rows.has(option))).toEqual([])
  })

  it('names every option of the origin and of a size', () => {
    const named = new Set([...readme.matchAll(/`([a-zA-Z.]+)[`:]/g)].map(([, name]) => name))
    const origin = Object.keys(serveSchema.shape).map((option) => `serve.${option}`)
    const size = Object.keys(sizeSchema.shape)
    expect([...origin, ...size].filter((option) => !named.has(option))).toEqual([])
  })
})
