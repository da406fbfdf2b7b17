import { setMaxListeners } from 'node:events'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRecentOriginals } from '../../src/app/answer/recent-originals.ts'
import { createRoom } from '../../src/app/answer/room.ts'
import { openBench, putText } from '../support/bench-project.ts'
import { createManualClock } from '../support/manual-clock.ts'

const never = new AbortController().signal
setMaxListeners(0, never)
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('room', () => {
  it('is never more than there is, first come first served, and one that is too large gets in alone', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 150 }), { maxLength: 20 }), async (sizes) => {
        const room = createRoom(100, () => false)
        const order: number[] = []
        let held = 0
        const takes = sizes.map(async (bytes, index) => {
          await room.take(bytes, never)
          order.push(index)
          held += bytes
          expect(held <= 100 || held === bytes).toBe(true)
          await turn()
          held -= bytes
          room.give(bytes)
        })
        await Promise.all(takes)
        expect(order).toEqual(sizes.map((_, index) => index))
      }),
      { numRuns: 50 },
    )
  })

  it('is left by who does not want it any more', async () => {
    const room = createRoom(100, () => false)
    await room.take(100, never)
    const leaving = new AbortController()
    const left = room.take(50, leaving.signal)
    const next = room.take(60, never)
    leaving.abort(new Error('gone'))
    await expect(left).rejects.toThrow('gone')
    room.give(100)
    await next
  })
})

describe('originals kept for a moment', () => {
  const setUp = async (maxBytes: number, count: number) => {
    const bench = openBench()
    const keys = Array.from({ length: count }, (_, index) => `${index}.jpg`)
    for (const key of keys) await putText(bench.source, key, 'x'.repeat(1_000))
    const clock = createManualClock()
    let reads = 0
    const recent = createRecentOriginals({
      originals: {
        ...bench.originals,
        read: (key, options) => {
          reads++
          return bench.originals.read(key, options)
        },
      },
      maxBytes,
      reserveBytes: 1_000,
      fetchTimeoutMs: 1_000,
      clock,
      tell: () => {},
    })
    return {
      recent,
      clock,
      readCount: () => reads,
      use: (index: number, work = async () => {}) =>
        recent.use(`${index}.jpg` as never, { signal: never, until: clock.now() + 1_000 }, work),
    }
  }

  it('are evicted, the longest unused first, and no more held at once than there is room for', async () => {
    const { use, readCount } = await setUp(4_000, 20)
    let held = 0
    let most = 0
    const holding = async (): Promise<void> => {
      held++
      most = Math.max(most, held)
      await turn()
      held--
    }
    await Promise.all(Array.from({ length: 20 }, (_, index) => use(index, holding)))
    expect(most).toBeLessThanOrEqual(4)
    expect(readCount()).toBe(20)
    await use(19)
    expect(readCount()).toBe(20)
    await use(0)
    expect(readCount()).toBe(21)
  })

  it('are asked after when they are not quite fresh, and read again when they are old', async () => {
    const { use, readCount, clock } = await setUp(100_000, 1)
    await use(0)
    await clock.advance(10_000)
    await use(0)
    expect(readCount()).toBe(1)
    await clock.advance(40_000)
    await use(0)
    expect(readCount()).toBe(2)
  })

  it('are waited for no longer than the queue allows', async () => {
    const { use, clock } = await setUp(1_000, 2)
    const first = use(0, () => clock.wait(5_000))
    await turn()
    const second = use(1)
    const refused = expect(second).rejects.toMatchObject({ code: 'overloaded' })
    await clock.advance(1_000)
    await refused
    await clock.advance(5_000)
    await first
    await use(1)
  })

  it('do not outlive an error of who used them', async () => {
    const { use, readCount } = await setUp(1_500, 3)
    await expect(use(0, () => Promise.reject(new Error('bad')))).rejects.toThrow('bad')
    await use(1)
    await use(2)
    expect(readCount()).toBe(3)
  })
})
