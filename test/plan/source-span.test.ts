import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareBytes } from '../../src/core/byte-order.ts'
import { compareSources } from '../../src/plan/source-order.ts'
import {
  EVERYTHING,
  isInSpan,
  listStraddling,
  meetsSpan,
  spanAfter,
  spansOfRange,
  spansOfSources,
} from '../../src/plan/source-span.ts'

const name = fc.string({ unit: fc.constantFrom('a', 'b', '-', '/', '0'), minLength: 1, maxLength: 4 })

describe('spans of sources', () => {
  const spans = spansOfSources(['b', 'd', 'f'])

  it('hold those and no other', () => {
    expect(['a', 'b', 'c', 'd', 'e', 'f', 'g'].filter((each) => isInSpan(spans, each))).toEqual([
      'b',
      'd',
      'f',
    ])
  })

  it('are met by what begins before them and ends in them or after', () => {
    const meets = (first: string, last: string) => meetsSpan(spans, first, last)
    expect([meets('a', 'a'), meets('a', 'b'), meets('b', 'b'), meets('c', 'c')]).toEqual([
      ...[false, true, true, false],
    ])
    expect([meets('c', 'e'), meets('e', 'z'), meets('g', 'z'), meets('f', 'z')]).toEqual([
      ...[true, true, false, true],
    ])
  })

  it('go on behind a source that was seen', () => {
    const [whole = () => 0] = EVERYTHING
    const rest = [spanAfter('b', whole)]
    expect(['a', 'b', 'b-', 'c'].filter((each) => isInSpan(rest, each))).toEqual(['c'])
  })
})

describe('spans of a range', () => {
  it('hold every source whose results may lie in it, and come in the order of sources', () => {
    fc.assert(
      fc.property(
        fc.record({ prefix: name, after: name, upTo: name }, { requiredKeys: [] }),
        name,
        (range, source) => {
          const keyIn = `${source}/5`
          const { prefix = '', after, upTo } = range
          const isIn =
            source.startsWith(prefix) &&
            (after === undefined || compareBytes(keyIn, after) > 0) &&
            (upTo === undefined || compareBytes(keyIn, upTo) <= 0)
          fc.pre(isIn)
          expect(spansOfRange(range).some((span) => span(source) === 0)).toBe(true)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('end with what sorts before its bound and is finished after it', () => {
    expect(listStraddling('a-b/c')).toEqual(['a-b', 'a'])
    expect(listStraddling('a0b')).toEqual([])
    expect(listStraddling('a-b-')).toEqual(['a-b', 'a'])
    expect(listStraddling('a-b/c').toSorted(compareSources)).toEqual(['a-b', 'a'])
  })

  it('leave out what ends at or before its beginning, or behind its end', () => {
    const [within = () => 0] = spansOfRange({ after: 'b0', upTo: 'd' })
    expect(['a', 'b', 'b0', 'c', 'd', 'e'].map(within).map(Math.sign)).toEqual([-1, -1, 0, 0, 0, 1])
  })
})
