import { expect, test } from 'vitest'
import { IMGPROXY_NAMES, PRESET_NAMES, READ_OPTIONS } from '../../src/core/imgproxy-names.ts'
import { DEFAULT_OPTIONS, readOption } from '../../src/url/imgproxy-options.ts'

test('no name stands for two options, and every one that is read is known', () => {
  const names = Object.entries(READ_OPTIONS).flatMap(([name, others]) => [name, ...others])
  expect(new Set(names).size).toBe(names.length)
  for (const name of [...names, ...PRESET_NAMES]) expect(IMGPROXY_NAMES.has(name)).toBe(true)
})

test('what is known and not read is refused', () => {
  const read = new Set(Object.entries(READ_OPTIONS).flatMap(([name, others]) => [name, ...others]))
  const refused = [...IMGPROXY_NAMES].filter((name) => !read.has(name))
  expect(refused.length).toBeGreaterThan(50)
  for (const name of refused)
    expect([name, readOption(name, ['1'], DEFAULT_OPTIONS)]).toEqual([name, undefined])
})
