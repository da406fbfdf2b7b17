import { expect, it } from 'vitest'
import { createOutgoing } from '../../../src/app/origin/outgoing.ts'

it('counts bytes once for all who have the same, until the last has taken them', () => {
  const outgoing = createOutgoing(100)
  const bytes = new Uint8Array(60)
  expect(createOutgoing(1).isFull).toBe(false)
  const [first, second] = [outgoing.hold(bytes), outgoing.hold(bytes)]
  expect(outgoing.isFull).toBe(false)
  const other = outgoing.hold(new Uint8Array(40))
  expect(outgoing.isFull).toBe(true)
  first()
  expect(outgoing.isFull).toBe(true)
  second()
  expect(outgoing.isFull).toBe(false)
  other()
  const [again] = [outgoing.hold(bytes), outgoing.hold(new Uint8Array(40))]
  expect(outgoing.isFull).toBe(true)
  again()
  expect(outgoing.isFull).toBe(false)
  outgoing.hold(new Uint8Array(1_000))
  expect(outgoing.isFull).toBe(true)
})
