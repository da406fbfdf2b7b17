import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import manifest from '../package.json' with { type: 'json' }
import { makeFolder } from './support/folder.ts'

/** Every `ts` and `js` block of README and docs/ is checked by the compiler against the types that the package ships. */

const ROOT = resolve(import.meta.dirname, '..')

// Plain JavaScript that does not ask twice whether a server has a port: test/http/mounting.test.ts runs it.
const RUN_ELSEWHERE = 'docs/guides/own-server.md'

interface Block {
  readonly page: string
  readonly language: string
  readonly text: string
}

const readBlocks = async (): Promise<readonly Block[]> => {
  const names = await readdir(join(ROOT, 'docs'), { recursive: true })
  const pages = [
    'README.md',
    ...names.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
  ].filter((page) => page !== RUN_ELSEWHERE)
  const texts = await Promise.all(
    pages.sort().map(async (page) => ({ page, text: await readFile(join(ROOT, page), 'utf8') })),
  )
  return texts.flatMap(({ page, text: whole }) =>
    [...whole.matchAll(/^```(ts|js)\n(.*?)^```/gms)].map(([, language = '', text = '']) => ({
      page,
      language,
      text,
    })),
  )
}

/** What an example takes as given that stands before it on its page. */
const toModule = (text: string): string => {
  const needsImages = /\bimages\./.test(text) && !/\bconst images\b/.test(text)
  return needsImages ? `import { images } from './given.ts'\n${text}` : text
}

const GIVEN = {
  'imgsizes.config.ts': `import { defineConfig } from 'imgsizes'
export default defineConfig({ source: './photos', output: './img', sizes: { card: { width: 400 }, content: { widths: [320] }, share: { width: 1200, height: 630 } } })
`,
  'given.ts': `import { createImages } from 'imgsizes'
import config from './imgsizes.config.ts'
export const images = createImages(config)
`,
  'images.json': JSON.stringify({
    imgsizes: 'images',
    version: 1,
    baseUrl: '/img/',
    versions: false,
    formats: ['webp'],
    sizes: { card: { transforms: ['400w.q80'], parsed: [{}] } },
    images: { 'cat.jpg': [640, 480, 'jpeg', '', '', '', '', 'ABCDEFGHIJKLMNOP'] },
  }),
}

/** What the compiler says of these files, one finding a line; '' where it has nothing to say. */
const compile = async (files: Readonly<Record<string, string>>): Promise<string> => {
  const folder = makeFolder()
  await mkdir(folder, { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const faces = Object.entries(manifest.exports).flatMap(([name, face]) =>
    typeof face === 'string' ? [] : [[name.replace(/^\./, 'imgsizes'), [join(ROOT, face.types)]] as const],
  )
  const config = {
    compilerOptions: {
      noEmit: true,
      strict: true,
      // Parameters of other tools' callbacks have no types in plain JavaScript.
      noImplicitAny: false,
      allowJs: true,
      checkJs: true,
      skipLibCheck: true,
      target: 'es2023',
      module: 'esnext',
      moduleResolution: 'bundler',
      resolveJsonModule: true,
      allowImportingTsExtensions: true,
      types: ['node'],
      paths: Object.fromEntries(faces),
    },
    include: ['*'],
  }
  const all = {
    ...GIVEN,
    ...files,
    'package.json': '{ "type": "module" }',
    'tsconfig.json': JSON.stringify(config),
  }
  await Promise.all(Object.entries(all).map(([name, text]) => writeFile(join(folder, name), text)))
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  return promisify(execFile)(process.execPath, [tsc, '-p', folder], { cwd: folder }).then(
    () => '',
    ({ stdout }: { readonly stdout: string }) => stdout,
  )
}

describe('the examples of README and docs', () => {
  test('are what the types of the package allow', async () => {
    const blocks = await readBlocks()
    expect(blocks.length).toBeGreaterThan(10)
    const files = Object.fromEntries(
      blocks.map(({ page, language, text }, index) => [
        `${page.replaceAll(/[^a-z]+/gi, '-')}-${index}.${language}`,
        toModule(text),
      ]),
    )
    expect(await compile(files)).toBe('')
  })

  test('would be told where they are not', async () => {
    const wrong =
      "import { defineConfig } from 'imgsizes'\nexport default defineConfig({ source: 1, output: './img' })\n"
    expect(await compile({ 'wrong.ts': wrong })).toContain("'number' is not assignable")
    expect(
      await compile({ 'wrong.js': toModule("images.url('cat.jpg', 'card', { format: 'bmp' })\n") }),
    ).toContain('bmp')
  })
})
