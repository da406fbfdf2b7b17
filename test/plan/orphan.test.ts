import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listOrphans, type OrphanRecord, settleOrphans, timeAfter } from '../../src/plan/orphan.ts'

const RECORDS: fc.Arbitrary<readonly OrphanRecord[]> = fc.array(
  fc
    .record({ name: fc.constantFrom('a', 'b'), since: fc.nat(9), isOver: fc.boolean() })
    .map(({ isOver, ...rest }) => ({ ...rest, ...(isOver && { isOver: true }) })),
  { maxLength: 8 },
)

const texts = (records: readonly OrphanRecord[]) => records.map((each) => JSON.stringify(each)).sort()

describe('orphans', () => {
  it('are the same in whatever order and grouping their records are merged', () => {
    fc.assert(
      fc.property(RECORDS, RECORDS, RECORDS, (a, b, c) => {
        const whole = texts(settleOrphans([...a, ...b, ...c]))
        expect(texts(settleOrphans([...settleOrphans([...c, ...a]), ...b]))).toEqual(whole)
        expect(texts(settleOrphans([...a, ...settleOrphans([...b, ...c])]))).toEqual(whole)
      }),
    )
  })

  it('count from the first record that nothing later says is over', () => {
    const over = { name: 'a', since: 5, isOver: true } as const
    const records = [3, 9, 7].map((since) => ({ name: 'a', since }))
    expect(listOrphans(records).get('a')).toBe(3)
    expect(listOrphans([...records, over]).get('a')).toBe(7)
    expect(listOrphans([...records.slice(0, 1), over]).has('a')).toBe(false)
    expect(listOrphans([{ name: 'a', since: 5 }, over]).has('a')).toBe(false)
  })

  it('are said anew by the clock, or a millisecond after what a clock ahead of it said', () => {
    expect(timeAfter([{ name: 'a', since: 9 }], 'a', 3)).toBe(10)
    expect(timeAfter([{ name: 'b', since: 9 }], 'a', 3)).toBe(3)
  })

  it('are said anew later than all that was said, though a clock was ahead', () => {
    fc.assert(
      fc.property(RECORDS, fc.nat(9), (records, now) => {
        const since = timeAfter(records, 'a', now)
        expect(since).toBeGreaterThanOrEqual(now)
        expect(listOrphans([...records, { name: 'a', since, isOver: true }]).has('a')).toBe(false)
        const known = listOrphans(records).get('a')
        expect(listOrphans([...records, { name: 'a', since }]).get('a')).toBe(known ?? since)
      }),
    )
  })
})
