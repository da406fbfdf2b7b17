import { expect, it } from 'vitest'
import { createOriginalMemory } from '../../src/render/original-memory.ts'

const isSameMemory = (a: Buffer, b: Buffer): boolean => a.buffer === b.buffer && a.byteOffset === b.byteOffset

it('gives one original after the other the same memory, new where it is too small', () => {
  const memory = createOriginalMemory(1_000)
  const first = memory.take(500)
  memory.giveBack()
  const smaller = memory.take(400)
  expect(isSameMemory(smaller, first)).toBe(true)
  expect(smaller).toHaveLength(400)
  memory.giveBack()
  const larger = memory.take(600)
  expect(isSameMemory(larger, first)).toBe(false)
  memory.giveBack()
  expect(isSameMemory(memory.take(500), larger)).toBe(true)
})

it('gives nobody what is in use, may be in use, or is too large to be kept', () => {
  const memory = createOriginalMemory(1_000)
  const taken = memory.take(500)
  expect(isSameMemory(memory.take(400), taken)).toBe(false)
  memory.leave()
  expect(isSameMemory(memory.take(500), taken)).toBe(false)
  memory.giveBack()
  const large = memory.take(1_001)
  memory.giveBack()
  expect(isSameMemory(memory.take(1_001), large)).toBe(false)
})
