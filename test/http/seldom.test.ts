import { expect, test } from 'vitest'
import { createSeldom } from '../../src/http/seldom.ts'

test('what happens often is told at once, and then how often every ten seconds', () => {
  let now = 0
  const told: unknown[] = []
  const count = createSeldom<'a' | 'b'>(
    () => now,
    (counts) => void told.push(counts),
  )
  for (const each of ['a', 'a', 'b'] as const) count(each)
  expect(told).toEqual([{ a: 1 }])
  now = 10_000
  count('a')
  count('a')
  expect(told).toEqual([{ a: 1 }, { a: 2, b: 1 }])
})
