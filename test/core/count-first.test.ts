import fc from 'fast-check'
import { expect, it } from 'vitest'
import { countFirst } from '../../src/core/count-first.ts'

it('counts what passes before all that does not, and asks of few', () => {
  fc.assert(
    fc.property(fc.nat(300), fc.nat(300), (length, passing) => {
      const items = Array.from({ length }, (_, i) => i)
      let asked = 0
      const counted = countFirst(items, (item) => {
        asked++
        return item < passing
      })
      expect(counted).toBe(Math.min(length, passing))
      expect(asked).toBeLessThanOrEqual(Math.ceil(Math.log2(length + 1)))
    }),
  )
})
