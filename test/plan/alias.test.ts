import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AliasRecord,
  groupAliases,
  keepAliases,
  settleAliases,
  WRITE_TIMEOUT_MS,
  WRITE_WITHIN_MS,
} from '../../src/plan/alias.ts'

const said = (etag: string | undefined, at: number, isDone = false): AliasRecord => ({
  name: 'cache/a',
  transform: '640w.q80',
  format: 'webp',
  at,
  ...(etag !== undefined && { etag }),
  ...(isDone && { isDone: true }),
})

const MINUTE = 60_000

describe('statements of an alias', () => {
  it('are overtaken by one made after the deed, once their writers have surely ended', () => {
    const old = said('one', 0)
    expect(settleAliases([old, said('two', 9 * MINUTE, true)])).toHaveLength(2)
    expect(settleAliases([old, said('two', 10 * MINUTE, true)])).toHaveLength(2)
    expect(settleAliases([old, said('two', 10 * MINUTE + 1, true)])).toEqual([said('two', 600_001, true)])
    expect(settleAliases([old, said('two', 60 * MINUTE)])).toHaveLength(2) // perhaps it was never written
  })

  it('of two deeds the later counts', () => {
    const [old, later] = [said('one', 3 * MINUTE), said('two', 15 * MINUTE, true)]
    expect(settleAliases([old, later, said('two', 1 * MINUTE, true)])).toEqual([later])
  })

  it('are kept once each, the latest', () => {
    expect(settleAliases([said('one', 5), said('one', 7), said('one', 6)])).toEqual([said('one', 7)])
    expect(settleAliases([said('one', 5), said('one', 5, true)])).toEqual([said('one', 5, true)])
    expect(settleAliases([said('one', 6), said('one', 5, true)])).toHaveLength(2)
  })

  it('are forgotten where nothing stands, and only there', () => {
    expect(keepAliases([said(undefined, 5, true)])).toEqual([])
    const perhaps = [said('one', 4), said(undefined, 5, true)]
    expect(keepAliases(perhaps)).toEqual(perhaps)
  })

  it('give the result that was named last', () => {
    const moved: AliasRecord = { ...said('two', 9), transform: '320w.q80' }
    expect(groupAliases([moved, said('one', 3), said(undefined, 5, true)])).toEqual([
      { name: 'cache/a', transform: '320w.q80', format: 'webp', etags: ['two', 'one'] },
    ])
    expect(groupAliases([said('one', 3), moved])).toMatchObject([{ transform: '320w.q80' }])
    expect(groupAliases([said(undefined, 5, true)])).toEqual([])
  })

  /**
   * Writers state, then write some time within the limit, or are killed before or after; those that record the deed
   * do so after. Whatever is left of the statements, in any grouping, names what stands there.
   */
  it('never leave out what stands there', () => {
    const writer = fc.record({
      etag: fc.option(fc.constantFrom('one', 'two', 'three'), { nil: undefined }),
      startsAt: fc.nat(60 * MINUTE),
      waitMs: fc.nat(WRITE_WITHIN_MS),
      takesMs: fc.nat(WRITE_TIMEOUT_MS),
      end: fc.constantFrom('stated', 'written', 'recorded'),
      skewMs: fc.integer({ min: -MINUTE, max: MINUTE }),
    })
    fc.assert(
      fc.property(fc.array(writer, { maxLength: 8 }), fc.nat(7), (writers, cut) => {
        const at = ({ startsAt, skewMs }: (typeof writers)[number]) => startsAt + skewMs
        const statements = writers.flatMap((each) => [
          // A deletion is stated by nobody before.
          ...(each.etag === undefined ? [] : [said(each.etag, at(each))]),
          ...(each.end === 'recorded' ? [said(each.etag, at(each), true)] : []),
        ])
        const writes = writers
          .filter(({ end }) => end !== 'stated')
          .map((each) => ({ ...each, writtenAt: each.startsAt + each.waitMs + each.takesMs }))
          .sort((a, b) => a.writtenAt - b.writtenAt)
        const standing = writes.at(-1)?.etag
        const left = settleAliases([
          ...settleAliases(statements.slice(0, cut)),
          ...settleAliases(statements.slice(cut)),
        ])
        const known = groupAliases(keepAliases(left))
        if (standing !== undefined) expect(known[0]?.etags).toContain(standing)
      }),
      { numRuns: 3_000 },
    )
  })
})
