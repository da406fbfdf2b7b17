import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isInRange, rangeBelow, reachesInto } from '../../src/core/byte-order.ts'

const text = fc.string({
  unit: fc.constantFrom('a', 'b', '/', '!', '0', '\ud7ff', '\u{10000}'),
  maxLength: 5,
})
const range = fc.record({ prefix: text, after: text, upTo: text }, { requiredKeys: [] })

it('a folder that holds a key of a range is one that the range reaches into', () => {
  fc.assert(
    fc.property(range, text, text, (given, folder, name) => {
      fc.pre(isInRange(`${folder}/${name}`, given))
      expect(reachesInto(given, `${folder}/`)).toBe(true)
    }),
    { numRuns: 2000 },
  )
})

it('folders before, after and beside a range are left alone', () => {
  expect(reachesInto({ after: 'b' }, 'a/')).toBe(false)
  expect(reachesInto({ after: 'a/5' }, 'a/')).toBe(true)
  expect(reachesInto({ after: 'a0' }, 'a/')).toBe(false)
  expect(reachesInto({ upTo: 'b/5' }, 'b/')).toBe(true)
  expect(reachesInto({ upTo: 'b' }, 'b/')).toBe(false)
  expect(reachesInto({ prefix: 'a/b' }, 'a/')).toBe(true)
  expect(reachesInto({ prefix: 'a/b' }, 'a/c/')).toBe(false)
})

it('a range begins behind the key it is after, and ends with the key it goes up to', () => {
  const within = (key: string) => isInRange(key, { prefix: 'a', after: 'ab', upTo: 'ad' })
  expect(['aa', 'ab', 'ac', 'ad', 'ae', 'b'].filter(within)).toEqual(['ac', 'ad'])
})

it('below a folder a range is what is left of it, or nothing', () => {
  expect(rangeBelow({ prefix: 'a/b', after: 'a/c', upTo: 'z' }, 'a/')).toEqual({ prefix: 'b', after: 'c' })
  expect(rangeBelow({ after: 'b' }, 'a/')).toBeUndefined()
})
