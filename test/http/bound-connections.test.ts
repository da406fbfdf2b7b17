import { describe, expect, it, test } from 'vitest'
import { createThrottledCount, maxConnections, readOpenFilesLimit } from '../../src/http/bound-connections.ts'

describe('the limit of open files', () => {
  it('is read of this process', () => {
    expect(readOpenFilesLimit()).toBeGreaterThan(255)
  })

  it('leaves every connection a file, and the rest of the program what it needs', () => {
    expect(maxConnections(1024, 2)).toBe(440)
    expect(maxConnections(1024, 64)).toBe(192)
    expect(maxConnections(1_048_576, 2)).toBe(524_216)
    expect(maxConnections(Number.POSITIVE_INFINITY, 2)).toBe(Number.POSITIVE_INFINITY)
    expect(maxConnections(64, 8)).toBe(16)
  })
})

test('what happens often is told at once, and then how often every ten seconds', () => {
  let now = 0
  const told: unknown[] = []
  const count = createThrottledCount<'a' | 'b'>(
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
