import { setMaxListeners } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createRecentOriginals } from '../../../src/app/origin/recent-originals.ts'
import type { Original } from '../../../src/app/originals.ts'
import { openBench, putText } from '../../support/bench-project.ts'
import { createManualClock } from '../../support/manual-clock.ts'

const never = new AbortController().signal
setMaxListeners(0, never)

describe('originals kept for a moment', () => {
  type Work = (original: Original, fetchedInMs: number) => Promise<unknown>
  const textOf = ({ bytes }: Original) => new TextDecoder().decode(bytes.subarray(0, 3))

  const setUp = async (maxBytes: number, count: number) => {
    const bench = openBench()
    const keys = Array.from({ length: count }, (_, index) => `${index}.jpg`)
    for (const key of keys) await putText(bench.source, key, 'x'.repeat(1_000))
    const clock = createManualClock()
    let reads = 0
    let heard = (): void => {}
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
      tell: () => heard(),
    })
    return {
      recent,
      clock,
      readCount: () => reads,
      put: (index: number, text: string) => putText(bench.source, `${index}.jpg`, text),
      onRead: (listener: () => void) => {
        heard = listener
      },
      use: (index: number, work: Work = async () => {}, signal = never) =>
        recent.use(`${index}.jpg` as never, { signal, until: clock.now() + 1_000 }, work),
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

  it('take the memory that they need and no more once they are read, and none where they are missing', async () => {
    const { use, put, clock } = await setUp(4_000, 9)
    for (let index = 10; index < 20; index++) expect(await use(index)).toBeUndefined()
    let held = 0
    for (let index = 0; index < 9; index++) await put(index, 'abc')
    const all = Array.from({ length: 9 }, (_, index) =>
      use(index, async () => {
        held++
        await clock.wait(500)
      }),
    )
    await expect.poll(() => held).toBe(9)
    await clock.advance(500)
    await Promise.all(all)
  })

  it('make room in the order of their last use', async () => {
    const { use, readCount } = await setUp(20_000, 6)
    for (const index of [0, 1, 2, 3, 4, 0, 5]) await use(index)
    expect(readCount()).toBe(6)
    await use(0)
    expect(readCount()).toBe(6)
    await use(1)
    expect(readCount()).toBe(7)
  })

  it('are fresh for two seconds after each look at them', async () => {
    const { use, put, clock } = await setUp(100_000, 1)
    const lookAfter = async (ms: number): Promise<string> => {
      await clock.advance(ms)
      let text = ''
      await use(0, async (original) => {
        text = textOf(original)
      })
      return text
    }
    expect([await lookAfter(0), await lookAfter(3_000)]).toEqual(['xxx', 'xxx'])
    await put(0, 'new')
    expect([await lookAfter(1_999), await lookAfter(1)]).toEqual(['xxx', 'new'])
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
    const { use, clock, readCount } = await setUp(1_000, 2)
    const first = use(0, () => clock.wait(5_000))
    await turn()
    const second = use(1)
    const refused = expect(second).rejects.toMatchObject({ code: 'overloaded' })
    await clock.advance(1_000)
    await refused
    await use(0)
    expect(readCount()).toBe(1)
    await clock.advance(5_000)
    await first
    await use(1)
  })

  it('are read again where they have made room between the look at them and their use', async () => {
    const { use, clock, readCount } = await setUp(4_000, 5)
    await use(0)
    const others = [1, 2, 3].map((index) => use(index, () => clock.wait(500)))
    await turn()
    await turn()
    const both = [use(0), use(4)]
    await turn()
    await clock.advance(500)
    await Promise.all([...others, ...both])
    expect(readCount()).toBe(6)
  })

  it('do not outlive an error of who used them', async () => {
    const { use, readCount } = await setUp(1_500, 3)
    await expect(use(0, () => Promise.reject(new Error('bad')))).rejects.toThrow('bad')
    await use(1)
    await use(2)
    expect(readCount()).toBe(3)
  })

  it('that are replaced while they are used keep their bytes to the end, and then give back their memory', async () => {
    const { use, clock, put } = await setUp(3_000, 4)
    const shown: string[] = []
    const first = use(0, async (original) => {
      await clock.wait(60_000)
      shown.push(textOf(original))
    })
    await turn()
    await put(0, 'new'.repeat(400))
    await clock.advance(3_000)
    await use(0, async (original) => shown.push(textOf(original)))
    await clock.advance(60_000)
    await first
    expect(shown).toEqual(['new', 'xxx'])
    const together = [1, 2, 3].map((index) => use(index, () => clock.wait(500)))
    await turn()
    await turn()
    await clock.advance(500)
    await Promise.all(together)
  })

  it('count towards what may lie unused as long as they do, whoever has used them how often', async () => {
    const { use, clock, readCount } = await setUp(20_000, 12)
    for (let round = 0; round < 4; round++) {
      const inUse = use(0, () => clock.wait(40_000))
      const aside = use(0, async () => {})
      await turn()
      await turn()
      await clock.advance(35_000)
      await use(0)
      await clock.advance(40_000)
      await Promise.all([inUse, aside])
    }
    const before = readCount()
    for (let index = 1; index < 12; index++) await use(index)
    for (let index = 11; index >= 7; index--) await use(index)
    expect(readCount()).toBe(before + 11)
    await use(6)
    expect(readCount()).toBe(before + 12)
  })

  it('are kept for two seconds where whoever they were read for has just gone, and no longer', async () => {
    const { use, clock, onRead, readCount } = await setUp(1_000, 2)
    const leaving = new AbortController()
    onRead(() => leaving.abort(new Error('gone')))
    await expect(use(0, async () => {}, leaving.signal)).rejects.toThrow('gone')
    await turn()
    const refused = expect(use(1)).rejects.toMatchObject({ code: 'overloaded' })
    await clock.advance(1_000)
    await refused
    await use(0)
    expect(readCount()).toBe(1)
    const other = await setUp(1_000, 2)
    const second = new AbortController()
    other.onRead(() => second.abort(new Error('gone')))
    await expect(other.use(0, async () => {}, second.signal)).rejects.toThrow('gone')
    await other.clock.advance(2_000)
    await other.use(1)
    expect(other.readCount()).toBe(2)
  })

  it('say how long they were read, as far as it was waited for', async () => {
    const { use, clock, onRead } = await setUp(4_000, 1)
    onRead(() => void clock.advance(300))
    const waits: number[] = []
    const note: Work = async (_, fetchedInMs) => waits.push(fetchedInMs)
    await use(0, note)
    await use(0, note)
    expect(waits).toEqual([300, 0])
    const crowded = await setUp(1_000, 2)
    const first = crowded.use(0, () => crowded.clock.wait(500))
    const second = crowded.use(1, note)
    await turn()
    await crowded.clock.advance(500)
    await Promise.all([first, second])
    expect(waits).toEqual([300, 0, 0])
  })
})
