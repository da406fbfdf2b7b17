import { describe, expect, it } from 'vitest'
import { toMark } from '../../src/core/mark.ts'
import type { SourceKey } from '../../src/core/source-key.ts'
import type { AliasRecord } from '../../src/plan/alias.ts'
import type { KnownResult, PlanStep } from '../../src/plan/decide.ts'
import { aliasesLeftBehind, decideAliases, isSameResult } from '../../src/plan/decide-aliases.ts'
import { emptyEntry, type ResultRecord } from '../../src/plan/ledger-entry.ts'
import type { VariantKey } from '../../src/url/keyring.ts'
import { toTransform } from '../support/parsed.ts'
import { aRecord, aResult } from './support.ts'

const SOURCE = 'a.jpg' as SourceKey
const nameOf = (secretIndex: number): string => `640w.q80.${String(secretIndex).padStart(16, '0')}.webp`
const RESULT = {
  transform: toTransform('640w.q80'),
  transformText: '640w.q80',
  format: 'webp',
  sizes: ['content'],
} as const
const RULES = { headersOf: () => 'now', isNarrowed: false }

const record = (etag: string, headers = 'now'): ResultRecord => aRecord({ etag, headers, maker: 'serve' })

const standing = (etag: string, secretIndex = 0): KnownResult => ({
  listed: aResult(SOURCE, toMark(etag), { name: nameOf(secretIndex), secretIndex }),
  records: [record(etag)],
})

const alias = (etag: string): AliasRecord => ({
  name: 'cache/x',
  transform: '640w.q80',
  format: 'webp',
  etag,
  at: 1,
})

const decide = (
  etags: readonly string[],
  results: readonly KnownResult[],
  steps: readonly PlanStep[] = [],
  rules = RULES,
) =>
  decideAliases(
    {
      group: {
        key: SOURCE,
        results: results.map(({ listed }) => listed),
        known: { ...emptyEntry(SOURCE), aliases: etags.map(alias) },
      },
      results,
    },
    steps,
    rules,
  ).map((step) => ({ ...step, alias: step.alias.name }))

const KEY = `a.jpg/${nameOf(0)}` as VariantKey

describe('an alias', () => {
  it('that can only hold what its result holds is left alone', () => {
    expect(decide(['one', 'one'], [standing('one')])).toEqual([])
  })

  it('is left alone where it can only hold what one of several records says of its result', () => {
    const twice = { ...standing('one'), records: [record('two'), record('one')] }
    expect(decide(['one'], [twice])).toEqual([])
    expect(decide(['one', 'three'], [twice])).toMatchObject([{ kind: 'write', etag: 'two' }])
  })

  it('whose result nobody knows is left to the next build', () => {
    expect(decide(['one'], [{ ...standing('one'), records: [] }])).toEqual([])
  })

  it('that may hold something else is written again', () => {
    expect(decide(['one', 'two'], [standing('two')])).toEqual([
      { kind: 'write', alias: 'cache/x', key: KEY, etag: 'two' },
    ])
  })

  it('follows its result when that is made or touched', () => {
    const steps: PlanStep[] = [{ kind: 'render', result: RESULT, reason: 'stale', maker: 'build' }]
    expect(decide(['one'], [standing('one')], steps)).toEqual([{ kind: 'follow', alias: 'cache/x' }])
    expect(decide(['one'], [], steps)).toEqual([{ kind: 'follow', alias: 'cache/x' }])
    const { listed } = standing('one')
    expect(
      decide(['one'], [standing('one')], [{ kind: 'touch', at: listed, record: record('one') }]),
    ).toEqual([{ kind: 'follow', alias: 'cache/x' }])
  })

  it('follows a copy only where something is to be changed', () => {
    const copy = (headers: string): PlanStep => ({
      kind: 'copy',
      from: standing('one', 1).listed,
      result: RESULT,
      record: record('one', headers),
    })
    expect(decide(['one'], [standing('one', 1)], [copy('now')])).toEqual([])
    expect(decide(['one'], [standing('one', 1)], [copy('before')])).toHaveLength(1)
    expect(decide(['two'], [standing('one', 1)], [copy('now')])).toMatchObject([{ kind: 'follow' }])
  })

  it('goes with its result', () => {
    expect(decide(['one'], [])).toEqual([{ kind: 'delete', alias: 'cache/x' }])
    expect(decide(['one'], [standing('one')], [{ kind: 'drop', key: KEY }])).toEqual([
      { kind: 'delete', alias: 'cache/x' },
    ])
  })

  it('is nobody’s business where its result is not in view', () => {
    expect(decide(['one'], [], [], { ...RULES, isNarrowed: true })).toEqual([])
  })

  it('stands for the result under the first secret, of several', () => {
    expect(decide(['one'], [standing('two', 1), standing('one')])).toEqual([])
    expect(decide(['one'], [standing('one', 1), standing('two')])).toHaveLength(1)
  })

  it('is left behind when the last of its results goes', () => {
    const group = {
      results: [standing('one').listed, standing('one', 1).listed],
      known: { ...emptyEntry(SOURCE), aliases: [alias('one')] },
    }
    expect(aliasesLeftBehind(group, (key) => key === KEY)).toEqual([])
    expect(aliasesLeftBehind(group, () => true).map(({ name }) => name)).toEqual(['cache/x'])
  })
})

it('a result is another one in another format, and in another size', () => {
  const webp = record('one')
  expect(isSameResult(webp, record('two'))).toBe(true)
  expect(isSameResult(webp, { ...webp, format: 'jpg' })).toBe(false)
  expect(isSameResult(webp, { ...webp, transform: '320w.q80' })).toBe(false)
})
