import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareBytes } from '../../src/core/byte-order.ts'
import { toMark } from '../../src/core/mark.ts'
import { parseSourceKey, type SourceKey } from '../../src/core/source-key.ts'
import type { AliasRecord } from '../../src/plan/alias.ts'
import { groupBySource, type ListedResult, type ListedSource } from '../../src/plan/group.ts'
import { emptyEntry, type LedgerEntry } from '../../src/plan/ledger-entry.ts'
import { compareSources } from '../../src/plan/source-order.ts'
import { createKeyring } from '../../src/url/keyring.ts'
import { toSource } from '../support/parsed.ts'
import { collect, each } from '../support/streams.ts'
import { aRecord, aSource } from './support.ts'

it('a source is finished where the byte after its slash comes, before any that begins there', () => {
  const sources = ['a', 'a-2', 'a/5.png', 'a0', 'b']
  expect(sources.toSorted(compareSources)).toEqual(['a-2', 'a/5.png', 'a', 'a0', 'b'])
})

const keyring = createKeyring([{ value: 'correct-horse-battery-staple', isRetired: false }])

// Few letters, so that names are often prefixes of one another, and the bytes around "/" are among them.
const sourceKey: fc.Arbitrary<SourceKey> = fc
  .string({
    unit: fc.constantFrom('a', 'b', '-', '.', '/', '0', '!', '\u{1F600}', '\uFFFD'),
    minLength: 1,
    maxLength: 7,
  })
  .map((text) => parseSourceKey(text))
  .filter((key) => key !== undefined)

const toResult = (source: SourceKey, width: number): ListedResult => {
  const transform = { resize: { kind: 'width' as const, width }, quality: 80 }
  const verified = keyring.verify(keyring.keyOf({ source, transform, format: 'webp' }))
  if (verified === undefined) throw new Error('unverified')
  return { ...verified, sizeBytes: 1, modifiedAt: 0, mark: toMark('m') }
}

const unique = fc.uniqueArray(sourceKey, { maxLength: 10 })

/** In pieces of these lengths, then the rest. */
const inPieces = <T>(values: readonly T[], lengths: readonly number[]): T[][] => {
  const left = [...values]
  return [...lengths.map((length) => left.splice(0, length)), left]
}

/** May stand though its source is gone, so that it is nobody's to pass over. */
const ALIAS: AliasRecord = { name: 'cache/a', transform: '640w.q80', format: 'webp', etag: 'x', at: 1 }

describe('groupBySource', () => {
  it('brings together all of each source, once, in the order in which sources end', async () => {
    await fc.assert(
      fc.asyncProperty(
        unique,
        fc.uniqueArray(fc.tuple(sourceKey, fc.constantFrom(1, 5, 640)), {
          selector: (pair) => pair.join(' '),
          maxLength: 15,
        }),
        unique,
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 20 }),
        async (keys, pairs, known, pieces) => {
          const sources = [...keys].sort(compareBytes).map((key) => aSource(key))
          const results = pairs
            .map(([key, width]) => toResult(key, width))
            .sort((a, b) => compareBytes(a.key, b.key))
          const aliased = new Set(known.filter((_, index) => index % 2 === 0))
          const ledger = [...known]
            .sort(compareSources)
            .map((key) => ({ ...emptyEntry(key), aliases: aliased.has(key) ? [ALIAS] : [] }))
          const groups = await collect(
            groupBySource({
              sources: each(sources),
              results: each(inPieces(results, pieces)),
              ledger: each(ledger),
            }),
          )
          const named = new Set<string>([...keys, ...pairs.map(([key]) => key), ...aliased])
          expect(groups.map((group) => group.key)).toEqual([...named].sort(compareSources))
          for (const group of groups) {
            expect(group.source?.key).toBe(keys.includes(group.key) ? group.key : undefined)
            expect(group.results).toEqual(results.filter((result) => result.variant.source === group.key))
            expect(group.known?.source).toBe(known.includes(group.key) ? group.key : undefined)
          }
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('keeps a source open whose name begins as a result of another that is gone', async () => {
    const [gone, longer] = ['a', 'a/640w'].map((name) => toSource(name)) as [SourceKey, SourceKey]
    const results = [toResult(gone, 640), toResult(longer, 5)]
    const input = { sources: each([aSource(longer)]), results: each([results]), ledger: each([]) }
    const groups = await collect(groupBySource(input))
    expect(groups.map(({ key, source, results }) => [key, source?.key, results.length])).toEqual([
      [longer, longer, 1],
      [gone, undefined, 1],
    ])
  })

  it('of a listing that may hide keys, brings a source that only the ledger names, if it has results', async () => {
    const [made, unmade] = ['a', 'b'].map((name) => emptyEntry(toSource(name)))
    const ledger = () => each([{ ...made, results: [aRecord()] }, unmade] as LedgerEntry[])
    const keysOf = async (mayHide: boolean) => {
      const groups = groupBySource({ sources: each([]), results: each([]), ledger: ledger(), mayHide })
      return (await collect(groups)).map(({ key }) => key)
    }
    expect([await keysOf(true), await keysOf(false)]).toEqual([['a'], []])
  })

  it('holds no more open than a chain of prefixes', async () => {
    let pulled = 0
    async function* sources() {
      for (let i = 0; i < 10_000; i++) {
        pulled++
        yield aSource(toSource(`photo-${String(i).padStart(6, '0')}.jpg`))
      }
    }
    let yielded = 0
    for await (const _ of groupBySource({ sources: sources(), results: each([]), ledger: each([]) })) {
      yielded++
      expect(pulled - yielded).toBeLessThanOrEqual(2)
    }
    expect(yielded).toBe(10_000)
  })
})

it('a sidecar is told of with its original, and by itself where that is gone', async () => {
  const sidecarOf = (text: string): ListedSource => ({
    ...aSource(toSource(`${text}.json`)),
    sidecarOf: toSource(text),
  })
  const strays: string[] = []
  const groups = await collect(
    groupBySource({
      sources: each([
        aSource(toSource('a.jpg')),
        sidecarOf('a.jpg'),
        aSource(toSource('b.jpg')),
        sidecarOf('c.jpg'),
      ]),
      results: each([]),
      ledger: each([]),
      onStray: (sidecar) => void strays.push(sidecar),
    }),
  )
  expect(groups.map(({ key, hasSidecar }) => [key, hasSidecar])).toEqual([
    ['a.jpg', true],
    ['b.jpg', undefined],
  ])
  expect(strays).toEqual(['c.jpg.json'])
})
