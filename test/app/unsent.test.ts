import { expect, it } from 'vitest'
import { createUnsent } from '../../src/app/answer/unsent.ts'

it('counts bytes once for all who have the same, until the last has taken them', () => {
  const unsent = createUnsent(100)
  const bytes = new Uint8Array(60)
  const [first, second] = [unsent.hold(bytes), unsent.hold(bytes)]
  expect(unsent.isFull).toBe(false)
  const other = unsent.hold(new Uint8Array(40))
  expect(unsent.isFull).toBe(true)
  first()
  expect(unsent.isFull).toBe(true)
  second()
  expect(unsent.isFull).toBe(false)
  other()
  unsent.hold(new Uint8Array(1_000))
  expect(unsent.isFull).toBe(true)
})
