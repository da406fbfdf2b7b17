import { setMaxListeners } from 'node:events'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBufferPool } from '../../../src/app/origin/buffer-pool.ts'
import { createRecentOriginals } from '../../../src/app/origin/recent-originals.ts'
import type { Originals } from '../../../src/app/originals.ts'
import { toMark } from '../../../src/core/mark.ts'
import { aSource } from '../../plan/support.ts'
import { createManualClock } from '../../support/manual-clock.ts'

const MB = 1024 * 1024
const allocateNew = (sizeBytes: number): Uint8Array => new Uint8Array(sizeBytes)

describe('buffers', () => {
  it('are exactly as large as asked for, and never two at once of the same memory', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ sizeBytes: fc.integer({ min: 0, max: 300_000 }), isGiven: fc.boolean() })),
        (takes) => {
          const buffers = createBufferPool(MB)
          const held = new Map<ArrayBufferLike, Uint8Array>()
          for (const { sizeBytes, isGiven } of takes) {
            const bytes = buffers.take(sizeBytes)
            expect(bytes.length).toBe(sizeBytes)
            expect(held.has(bytes.buffer)).toBe(false)
            held.set(bytes.buffer, bytes)
            if (!isGiven) continue
            buffers.give(bytes)
            buffers.give(bytes) // once is enough
            held.delete(bytes.buffer)
          }
        },
      ),
    )
  })

  it('are used again for what is nearly as large, and waste no more than an eighth', () => {
    const buffers = createBufferPool(10 * MB)
    const first = buffers.take(1_400_000)
    expect(first.buffer.byteLength).toBeLessThan(1_400_000 * 1.13)
    buffers.give(first)
    const second = buffers.take(1_399_000)
    expect(second.buffer).toBe(first.buffer)
    expect(second.length).toBe(1_399_000)
    expect(buffers.take(1_400_000).buffer).not.toBe(first.buffer)
  })

  it('are kept up to so many bytes, and foreign memory is not', () => {
    const buffers = createBufferPool(2 * MB)
    const [a, b, c] = [buffers.take(MB), buffers.take(MB), buffers.take(MB)]
    for (const each of [a, b, c, new Uint8Array(MB)]) buffers.give(each)
    const again = [buffers.take(MB), buffers.take(MB), buffers.take(MB)].map(({ buffer }) => buffer)
    expect(again.slice(0, 2)).toEqual([b.buffer, c.buffer])
    expect([a.buffer, b.buffer, c.buffer]).not.toContain(again[2])
  })
})

describe('originals in buffers', () => {
  it('show their own bytes to everyone, however few there is room for', async () => {
    const read: Pick<Originals, 'find' | 'read'>['read'] = async (key, { allocate = allocateNew } = {}) => {
      const index = Number.parseInt(key, 10)
      const bytes = allocate(70_000 + (index % 3) * 500)
      await new Promise(setImmediate)
      bytes.fill(index)
      const source = aSource(key, { sizeBytes: bytes.length, mark: toMark(`${index}`) })
      return { source, bytes, fingerprint: `${index}` }
    }
    const clock = createManualClock()
    const recent = createRecentOriginals({
      originals: { find: async () => undefined, read },
      maxBytes: 250_000,
      idleBytes: 62_500,
      reserveBytes: 72_000,
      fetchTimeoutMs: 60_000,
      clock,
      tell: () => {},
    })
    const { signal } = new AbortController()
    setMaxListeners(0, signal) // one for each that waits
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ index: fc.nat(11), turns: fc.nat(3) }), { minLength: 20, maxLength: 60 }),
        async (uses) => {
          await Promise.all(
            uses.map(({ index, turns }) =>
              recent.use(
                `${index}.jpg` as never,
                { signal, until: clock.now() + 60_000 },
                async ({ bytes }) => {
                  for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
                  expect(new Set(bytes)).toEqual(new Set([index]))
                },
              ),
            ),
          )
        },
      ),
      { numRuns: 20 },
    )
  })
})
