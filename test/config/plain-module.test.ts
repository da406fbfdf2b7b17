import { readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createJiti } from 'jiti'
import { expect, test } from 'vitest'
import { formatConfigFile } from '../../src/cli/config-template.ts'
import { compilePlainModule } from '../../src/config/plain-module.ts'
import { makeSharedFolder } from '../support/folder.ts'

const FOLDER = realpathSync(makeSharedFolder())
const FILE = join(FOLDER, 'imgsizes.config.ts')
const OWN = join(FOLDER, 'imgsizes.cjs')
writeFileSync(OWN, 'exports.defineConfig = (input) => input')
const require = createRequire(FILE)

const compile = (text: string) =>
  compilePlainModule(FILE, text, (name) => require(name === 'imgsizes' ? OWN : name))

/** What runs every other module. */
const runWithJiti = async (text: string): Promise<unknown> => {
  writeFileSync(FILE, text)
  const jiti = createJiti(FILE, {
    alias: { imgsizes: OWN },
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
    tryNative: false,
  })
  const { default: given } = await jiti.import<{ default?: unknown }>(FILE)
  return given
}

test.each<[string, unknown]>([
  ['export default { a: 1 }', { a: 1 }],
  ["import { defineConfig } from 'imgsizes'\n\nexport default defineConfig({ a: 1 })\n", { a: 1 }],
  ["import fs from 'fs';\nimport os from 'os';\nexport default { a: [fs, os].length };", { a: 2 }],
  ["export default { a: 1 } // One export, not 'export const'.", { a: 1 }],
  ['const a = `\nexport default 1\n`\nexport default { a }', undefined],
  ['const a = 1', null],
  ['import { defineConfig as d, } from "imgsizes";\nexport default d({ a: 1 });', { a: 1 }],
  ["import{ defineConfig } from 'imgsizes'\nexport default defineConfig({ a: 1 })", undefined],
  ["\ufeff// A. `import`\n/* B\n */ import { sep } from 'node:path'\nexport default { a: sep }", { a: '/' }],
  [
    "import path from 'path'\nimport { EOL } from 'node:os'\nexport default { a: path.sep + EOL }",
    { a: '/\n' },
  ],
  ['const a = await Promise.resolve(1)\nexport default { a }\nfunction f() {}', { a: 1 }],
  ['export default { a: b() }\nfunction b() { return this === undefined }', { a: true }],
  ['export default { a: [__filename, __dirname] }', { a: [FILE, FOLDER] }],
  ['const widths = [1, 2].map((x) => (x > 1 ? 2 : 3))\nexport default { a: widths }', { a: [3, 2] }],
  // A word of text costs only time.
  ["export default { a: 'an import' }", undefined],
  ["/** @type {import('imgsizes').ConfigInput} */\nexport default { a: 1 }", { a: 1 }],
  ['const a = `\nexport default 1\n`', null],
  // More than a script has, or another meaning in TypeScript.
  ['export const a = 1\nexport default { a }', undefined],
  ['const a = 1\nexport { a as default }', undefined],
  ["import imgsizes from 'imgsizes'\nexport default imgsizes", undefined],
  ["import { a } from './a.ts'\nexport default a", undefined],
  ["import { a } from 'elsewhere'\nexport default a", undefined],
  ["import { type Config, defineConfig } from 'imgsizes'\nexport default defineConfig({ a: 1 })", undefined],
  ["import type { Config } from 'imgsizes'\nexport default { a: 1 }", undefined],
  ['export default { a: import.meta.url }', undefined],
  ["const a = await import('node:os')\nexport default a", undefined],
  ["const a = require('node:os')\nexport default a", undefined],
  ['module.exports = { a: 1 }', undefined],
  ['exports.default = 1', undefined],
  ['const a: number = 1\nexport default { a }', undefined],
  ['export default { a: 1 } satisfies object', undefined],
  ['const f = (x) => x\nconst T = 0\nexport default f<T>({ a: 1 })', undefined],
  ['const T = 0\nexport default new Map<T, T>\n(1)', undefined],
  ['const a = String.raw<string>`a`\nexport default { a }', undefined],
  ['enum A { B }\nexport default { a: 1 }', undefined],
  ['export default { a: 010 }', undefined],
  ['export default {', undefined],
])('%j', async (text, expected) => {
  const run = compile(text)
  if (expected === undefined) {
    expect(run).toBeUndefined()
    return
  }
  expect((await run?.())?.default ?? null).toEqual(expected)
  expect((await runWithJiti(text)) ?? null).toEqual(expected)
})

test('names the line of what fails', async () => {
  const run = compile(
    "import {\n  sep,\n  join as j\n} from 'node:path'\nimport { defineConfig }\n  from 'imgsizes'\n\nexport default {\n  a: none,\n}",
  )
  await expect(run?.()).rejects.toMatchObject({ stack: expect.stringContaining(`${FILE}:9:`) })
})

test('what `init` writes, and our own, need no more', async () => {
  const written = formatConfigFile({
    source: './photos',
    output: './img',
    baseUrl: '/img/',
    exclude: ['a/**'],
  })
  expect(await compile(written)?.()).toMatchObject({ default: { source: './photos', exclude: ['a/**'] } })
  expect(compile(readFileSync('imgsizes.config.ts', 'utf8'))).toBeDefined()
})
