import { setMaxListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { createRecentOriginals } from '../../../src/app/origin/recent-originals.ts'
import { openBench, putText } from '../../support/bench-project.ts'
import { createManualClock } from '../../support/manual-clock.ts'

const never = new AbortController().signal
setMaxListeners(0, never)
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

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
      idleBytes: maxBytes / 4,
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

  it('are evicted, the longest unused first, and no more held at once than there is memory for', async () => {
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

  it('take no more than a quarter of the memory while nobody uses them', async () => {
    const { use, readCount } = await setUp(20_000, 20)
    for (let index = 0; index < 20; index++) await use(index)
    for (let index = 19; index >= 15; index--) await use(index)
    expect(readCount()).toBe(20)
    await use(14)
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
