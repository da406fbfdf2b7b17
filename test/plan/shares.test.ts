import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareBytes, isInRange } from '../../src/core/byte-order.ts'
import type { Problem } from '../../src/core/problem.ts'
import {
  areUneven,
  createBoundSampler,
  formatBounds,
  isInShare,
  parseBounds,
  rangeOfShare,
} from '../../src/plan/shares.ts'

const name = fc.string({
  unit: fc.constantFrom('a', 'b', '/', '-', '0', '\uffe6', '\u{10000}'),
  minLength: 1,
  maxLength: 4,
})
const bounds = fc.uniqueArray(name, { maxLength: 40 }).map((names) => names.sort(compareBytes))
const count = fc.integer({ min: 1, max: 60 })

const shares = (of: number) => Array.from({ length: of }, (_, i) => ({ index: i + 1, count: of }))

const sample = (names: readonly string[]): readonly string[] => {
  const sampler = createBoundSampler()
  for (const each of names) sampler.add(each)
  return sampler.bounds()
}

describe('shares', () => {
  it('hold every source once, whatever the bounds and however many there are', () => {
    fc.assert(
      fc.property(bounds, count, fc.array(name), (given, of, sources) => {
        const ranges = shares(of).map((shard) => rangeOfShare(given, shard))
        for (const source of [...sources, ...given])
          expect(
            ranges.filter((range) => range !== undefined && isInRange(source, range)),
            source,
          ).toHaveLength(1)
      }),
      { numRuns: 500 },
    )
  })

  it('of named sources hold each once, too', () => {
    fc.assert(
      fc.property(name, count, (source, of) => {
        expect(shares(of).filter((shard) => isInShare(source, shard))).toHaveLength(1)
      }),
    )
  })

  it('are even, of sources in any order, however many', () => {
    const sources = Array.from(
      { length: 50_000 },
      (_, i) => `${String((i * 7919) % 50_000).padStart(5, '0')}.jpg`,
    )
    const made = sample(sources)
    expect(made.length).toBeLessThan(4_096)
    for (const of of [2, 7, 64]) {
      const counts = shares(of).map((shard) => {
        const range = rangeOfShare(made, shard)
        return sources.filter((source) => range !== undefined && isInRange(source, range)).length
      })
      expect(Math.max(...counts)).toBeLessThan((1.1 * 50_000) / of)
    }
  })

  it('lie between sources, in the order of their bytes, and are as even when they are asked', () => {
    const names = Array.from({ length: 16 }, (_, i) => `a${String.fromCodePoint(0xfff8 + i)}`)
    expect(sample(names)).toEqual(names.toSorted(compareBytes).slice(0, -1))
    expect(areUneven(sample(names), names)).toBe(false)
    expect(areUneven(['a'], ['a', 'b'])).toBe(false)
    const many = Array.from({ length: 10_000 }, (_, i) => `a${i + 10_000}`)
    expect(areUneven(sample(many), many)).toBe(false)
  })

  it('are uneven once much has come to one place', () => {
    const before = Array.from({ length: 1_000 }, (_, i) => `a/${String(i).padStart(4, '0')}.jpg`)
    const made = sample(before)
    expect(areUneven(made, made)).toBe(false)
    expect(areUneven(made, sample([...before, ...before.map((each) => `${each}-2`)]))).toBe(false)
    expect(areUneven(made, sample([...before, ...before.map((each) => `b${each}`)]))).toBe(true)
    expect(areUneven([], sample(before))).toBe(true)
    expect(areUneven([], [])).toBe(false)
  })

  it('are read as they were written, and refused where they were not', () => {
    fc.assert(
      fc.property(bounds, (given) => {
        expect(parseBounds('s', formatBounds(given))).toEqual(given)
      }),
    )
    for (const text of [
      '',
      'hello',
      '[]',
      'null',
      '{"imgsizes":"ledger","version":1,"bounds":[]}',
      '{"imgsizes":"shards","version":2,"bounds":[]}',
      '{"imgsizes":"shards","version":1}',
      '{"imgsizes":"shards","version":1,"bounds":[1]}',
      '{"imgsizes":"shards","version":1,"bounds":["b","a"]}',
      '{"imgsizes":"shards","version":1,"bounds":["a","a"]}',
    ])
      expect(() => parseBounds('s', text), text).toThrow(
        expect.objectContaining({ code: 'shards-damaged' } satisfies Partial<Problem>),
      )
  })
})
