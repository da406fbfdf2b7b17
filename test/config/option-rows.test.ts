import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { openCompiler } from '../../docs/generate/compiler.ts'
import { type OptionRow, readOptions } from '../../docs/generate/options.ts'
import { ConfigProblem } from '../../src/config/config-problem.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import { isObject } from '../../src/core/json.ts'
import { makeSharedFolder } from '../support/folder.ts'
import { configFaultsOf } from '../support/problems.ts'

/** What the row of an option says of its default, held against what the program does. */

using compiler = openCompiler()
const { rows } = readOptions(compiler)
const root = resolve(import.meta.dirname, '../..')

const defaultOf = (text: string): string | undefined => /Default:? (.*)\.$/.exec(text)?.[1]

/** A default that is written as code, perhaps with another for `serve.encoders`; undefined for words. */
const literalOf = ({ path, text }: OptionRow): { readonly value: unknown } | undefined => {
  const [, plain, ofServe] =
    /^`([^`]*)`(?:; in `serve.encoders` `([^`]*)`)?$/.exec(defaultOf(text) ?? '') ?? []
  const code = path.startsWith('serve.encoders.') ? (ofServe ?? plain) : plain
  if (code === undefined) return undefined
  const json = code
    .replaceAll("'", '"')
    .replace(/(\d)_(?=\d)/g, '$1')
    .replace(/(\w+): /g, '"$1": ')
  return { value: JSON.parse(json) }
}

/** The least configuration in which every option may be set. */
const BASE = {
  source: { uri: 'https://example.com/' },
  output: './img',
  sizes: { '*': { width: 100, height: 100 } },
  watermark: { file: 'test/samples/photos/icons/compass.svg' },
  serve: { cache: { maxBytes: '1GB' } },
  dialects: {
    nginx: { type: 'nginx', prefix: '/n/', secret: 'a secret' },
    imgproxy: { type: 'imgproxy', key: 'ab', salt: 'cd' },
  },
}

const toInput = ({ sizes, dialects, ...rest }: Readonly<Record<string, unknown>>): unknown => ({
  ...rest,
  sizes: isObject(sizes) && { box: sizes['*'] },
  dialects: isObject(dialects) && Object.values(dialects),
})

const withOption = (config: unknown, [name = '', ...rest]: readonly string[], value: unknown): object => {
  const fields = isObject(config) ? config : {}
  return { ...fields, [name]: rest.length === 0 ? value : withOption(fields[name], rest, value) }
}

const resolveInput = (input: object) => resolveConfig(toInput({ ...input }), { root })

test('there are options of every kind', () => {
  const kinds = new Set(rows.map(({ path }) => path.split('.', 1)[0]))
  expect(kinds.size).toBeGreaterThan(20)
  expect(rows.length).toBeGreaterThan(100)
})

describe('the row of an option', () => {
  test.each(rows)('$path says its default, if it may be left out', ({ text, isRequired }) => {
    expect(defaultOf(text) === undefined).toBe(isRequired)
  })

  const told = rows.filter((row) => literalOf(row) !== undefined && !row.path.startsWith('source.*'))

  test.each(told)('$path says the default that it has: to set it changes nothing', (row) => {
    const given = withOption(BASE, row.path.split('.'), literalOf(row)?.value)
    expect(resolveInput(given)).toEqual(resolveInput(BASE))
  })

  // Those of `include` are told in words.
  const filled = rows.filter(
    ({ path, initial }) => initial !== undefined && !isObject(initial) && path !== 'include',
  )

  test.each(filled)('$path says the default that its schema fills in', (row) => {
    expect(literalOf(row)?.value).toEqual(row.initial)
  })
})

describe('the row of a number', () => {
  const ranged = rows.flatMap(({ path, text }) => {
    const [, least, most] = /([\d.]+)\.\.(\d+)/.exec(text) ?? []
    return least === undefined ? [] : [{ path, least: Number(least), most: Number(most) }]
  })

  test.each(ranged)('$path says which it takes: $least..$most', ({ path, least, most }) => {
    const isRefused = (value: number) =>
      // Others may ask for what has to stand beside it.
      configFaultsOf(() => resolveInput(withOption(BASE, path.split('.'), value))).some((fault) =>
        fault.path.endsWith(/\.?\w+$/.exec(path)?.[0] ?? ''),
      )
    expect([least - 1, least, most, most + 1].map(isRefused)).toEqual([true, false, false, true])
  })
})

describe('a value of a wrong kind', () => {
  const wrong = [undefined, null, -1, 0.5, 1e99, true, '', '\n', [], [5], [''], {}, { nobody: 1 }, () => 1]

  test.each(rows)('of $path is explained in our words', ({ path }) => {
    for (const value of wrong) {
      try {
        resolveInput(withOption(BASE, path.split('.'), value))
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigProblem)
        expect(String(error)).not.toMatch(/Invalid|expected|\[object/)
      }
    }
  })
})

describe('the published type', () => {
  const folder = makeSharedFolder()
  const compilerOptions = {
    ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: true, noEmit: true, types: [] },
    ...{ module: 'nodenext', target: 'esnext', allowImportingTsExtensions: true },
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
  writeFileSync(
    join(folder, 'imgsizes.config.ts'),
    `import { type ConfigInput, defineConfig } from '${join(root, 'dist/index.js')}'
import type { ConfigInput as OfSchema } from '${join(root, 'src/config/config-input.ts')}'
export const published = (given: OfSchema): ConfigInput => given
export const ofSchema = (given: ConfigInput): OfSchema => given
const least = { source: 'a', output: 'b' }
defineConfig(least)
defineConfig({ ...least, formats: ['avif'] as const, limits: { frames: undefined } })
// @ts-expect-error: the output is missing
defineConfig({ source: 'a' })
// @ts-expect-error: a text for a number
defineConfig({ ...least, quality: '80' })
// @ts-expect-error: an option that there is not
defineConfig({ ...least, sizes: { a: { wdith: 9 } } })
`,
  )
  const user = openCompiler(join(folder, 'tsconfig.json'), join(root, 'dist/config/config-input.d.ts'))
  afterAll(() => user[Symbol.dispose]())

  test('shows to editors what the row of each option says', () => {
    expect(readOptions(user).rows).toEqual(rows.map((row) => ({ ...row, see: undefined })))
  })

  test('takes what the schema takes, and refuses the rest', () => {
    const faults = user.program.getSemanticDiagnostics(join(folder, 'imgsizes.config.ts'))
    expect(faults.map(({ text }) => text)).toEqual([])
  })
})
