import { expect, test } from 'vitest'
import { parseBytes, parseDurationMs } from '../../src/config/units.ts'

test.each<[string, number | undefined]>([
  ['64MB', 64_000_000],
  ['64 mb', 64_000_000],
  ['1.5kB', 1500],
  ['1KiB', 1024],
  ['1MiB', 1_048_576],
  ['2GiB', 2_147_483_648],
  ['10B', 10],
  ['64', undefined],
  ['MB', undefined],
  ['-1MB', undefined],
  ['1e3MB', undefined],
  ['1TB', undefined],
])('%s is %s bytes', (text, expected) => {
  expect(parseBytes(text)).toBe(expected)
})

test.each<[string, number | undefined]>([
  ['15s', 15_000],
  ['500ms', 500],
  ['1.5 m', 90_000],
  ['2min', 120_000],
  ['1h', 3_600_000],
  ['7d', 604_800_000],
  ['15', undefined],
  ['15S', undefined],
  ['15w', undefined],
])('%s is %s ms', (text, expected) => {
  expect(parseDurationMs(text)).toBe(expected)
})
