import { expect, it } from 'vitest'
import { formatCount, formatNumber } from '../../src/cli/format-numbers.ts'

it('writes whole numbers as English does', () => {
  for (const number of [0, 7, 999, 1_000, 12_345, 999_999, 1_000_000, 123_456_789])
    expect(formatNumber(number)).toBe(number.toLocaleString('en-US'))
  expect(formatCount(12_345, 'source')).toBe('12,345 sources')
})
