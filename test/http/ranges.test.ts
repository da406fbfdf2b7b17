import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatContentRange, parseRange } from '../../src/http/conditions.ts'

const part = (start: number, end: number) => ({ kind: 'part', range: { start, end } })

describe('ranges of 100 bytes (RFC 9110, 14)', () => {
  test.each<[string | null, object]>([
    [null, { kind: 'all' }],
    ['bytes=0-9', part(0, 9)],
    ['bytes=0-0', part(0, 0)],
    ['bytes=90-', part(90, 99)],
    ['bytes=90-1000', part(90, 99)],
    ['bytes=-1', part(99, 99)],
    ['bytes=-100', part(0, 99)],
    ['bytes=-1000', part(0, 99)],
    ['Bytes=5-6', part(5, 6)],
    ['bytes=100-', { kind: 'unsatisfiable' }],
    ['bytes=100-200', { kind: 'unsatisfiable' }],
    ['bytes=-0', { kind: 'unsatisfiable' }],
    ['bytes=9-5', { kind: 'all' }],
    ['bytes=-', { kind: 'all' }],
    ['bytes=', { kind: 'all' }],
    ['bytes=a-b', { kind: 'all' }],
    ['bytes=1.5-2', { kind: 'all' }],
    ['bytes 0-9', { kind: 'all' }],
    ['items=0-9', { kind: 'all' }],
    ['bytes=0-1,5-6', { kind: 'all' }],
    ['bytes=99999999999999999999-', { kind: 'unsatisfiable' }],
  ])('%s', (field, outcome) => {
    expect(parseRange(field, 100)).toEqual(outcome)
  })

  test('a part always lies within', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.nat(), fc.integer({ min: 1 }), (text, a, b, sizeBytes) => {
        for (const field of [text, `bytes=${a}-${b}`, `bytes=${a}-`, `bytes=-${b}`]) {
          const outcome = parseRange(field, sizeBytes)
          if (outcome.kind !== 'part') continue
          const { start, end } = outcome.range
          expect(start >= 0 && start <= end && end < sizeBytes).toBe(true)
        }
      }),
    )
  })

  test('are told as Content-Range says', () => {
    expect(formatContentRange({ start: 0, end: 9 }, 100)).toBe('bytes 0-9/100')
    expect(formatContentRange(undefined, 100)).toBe('bytes */100')
  })
})
