import { setImmediate as tick } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createBatches } from '../../../src/app/origin/batches.ts'
import type { AnswerEvent } from '../../../src/app/origin/event.ts'
import { Problem } from '../../../src/core/problem.ts'
import { emptyEntry, type LedgerEntry } from '../../../src/plan/ledger-entry.ts'
import { createLatch } from '../../support/latch.ts'

/** Batches over a ledger that fails as often as told, on a clock whose waits end at once unless they are held. */
const openBatches = ({ failures = 0, isHeld = false } = {}) => {
  const written: string[] = []
  const events: AnswerEvent[] = []
  let kept: LedgerEntry[] = []
  let failuresLeft = failures
  const recorder = {
    add: async (entry: LedgerEntry) => void kept.push(entry),
    flush: async () => {
      await tick()
      if (failuresLeft-- > 0) throw new Problem('store-unavailable', 'Not now.')
      written.push(...kept.map(({ source }) => source))
      kept = []
    },
  }
  const waits: number[] = []
  const alarms: (AbortSignal | undefined)[] = []
  const clock = {
    now: () => 0,
    wait: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        waits.push(ms)
        alarms.push(signal)
        if (signal?.aborted) reject(signal.reason)
        signal?.addEventListener('abort', () => reject(signal.reason))
        if (!isHeld) setTimeout(resolve, 1)
      }),
  }
  const batches = createBatches(recorder, clock, (event) => void events.push(event))
  return { batches, written, events, waits, alarms, stop: () => (failuresLeft = Number.POSITIVE_INFINITY) }
}

describe('who waits until the ledger says so', () => {
  it('hears of it when it does, not before, and through failures', async () => {
    const { batches, written, events } = openBatches({ failures: 2 })
    await batches.add(emptyEntry('a.jpg'))
    await batches.recorded()
    expect(written).toEqual(['a.jpg'])
    expect(events.map(({ kind }) => kind)).toEqual(['record-failed', 'record-failed'])
  })

  it('hears of it though another has written it meanwhile', async () => {
    const { batches, written, waits, alarms } = openBatches({ isHeld: true })
    await batches.add(emptyEntry('a.jpg'))
    await batches.close(new AbortController().signal) // takes it along
    await batches.add(emptyEntry('late.jpg'))
    expect([written, waits.length, alarms[0]?.aborted]).toEqual([['a.jpg'], 1, true])
    await expect(batches.recorded()).rejects.toThrow('closed')
    const other = openBatches()
    await other.batches.add(emptyEntry('b.jpg'))
    while (other.written.length === 0) await tick()
    await other.batches.recorded()
  })

  it('does not hear of a write that began before', async () => {
    const held = [createLatch(), createLatch()] as const
    let writes = 0
    const recorder = { add: async () => {}, flush: async () => held[writes++]?.opened }
    const batches = createBatches(recorder, { now: () => 0, wait: async () => {} }, () => {})
    const first = batches.recorded()
    while (writes === 0) await tick()
    let isHeard = false
    const second = batches.recorded().then(() => {
      isHeard = true
    })
    held[0].open()
    await first
    await tick()
    expect(isHeard).toBe(false)
    held[1].open()
    await second
  })

  it('waits no longer than it takes where somebody is in a hurry', async () => {
    const { batches, written, waits } = openBatches({ isHeld: true })
    await batches.add(emptyEntry('a.jpg'))
    await batches.add(emptyEntry('b.jpg'))
    const recorded = batches.recorded()
    batches.hurry()
    await recorded
    expect([written, waits]).toEqual([['a.jpg', 'b.jpg'], [1_000]])
    await batches.add(emptyEntry('c.jpg'))
    expect(waits).toEqual([1_000, 20])
  })

  it('is told where it comes to nothing', async () => {
    const { batches, waits, stop } = openBatches({ isHeld: true })
    stop()
    await batches.add(emptyEntry('a.jpg'))
    const recorded = batches.recorded()
    const closing = new AbortController()
    const ends = Promise.allSettled([recorded, batches.close(closing.signal)])
    await expect.poll(() => waits.length).toBe(2) // the second wait is that of `close`
    closing.abort()
    expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })
})

it('writes soon after a quiet time, and a busy origin ever more seldom, once a minute in the end', async () => {
  const waits: number[] = []
  let now = 0
  let writes = 0
  const recorder = { add: async () => {}, flush: async () => void writes++ }
  const clock = {
    now: () => now,
    wait: async (ms: number) => {
      waits.push(ms)
      now += ms
    },
  }
  const batches = createBatches(recorder, clock, () => {})
  const addAfter = async (quietMs: number) => {
    now += quietMs
    const before = writes
    await batches.add(emptyEntry('a.jpg'))
    while (writes === before) await tick()
  }
  for (let i = 0; i < 8; i++) await addAfter(0)
  await addAfter(60_000)
  await addAfter(60_001)
  expect(waits).toEqual([...[1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000], ...[60_000, 1_000]])
})

it('writes soon, and never later than a second, once somebody is in a hurry', async () => {
  const { batches, waits } = openBatches({ failures: 9 })
  batches.hurry()
  await batches.recorded()
  expect(waits).toEqual([20, 40, 80, 160, 320, 640, 1_000, 1_000, 1_000])
})

it('tries three times to write the last of it, and says why it did not', async () => {
  let writes = 0
  const recorder = {
    add: async () => {},
    flush: async () => {
      writes++
      throw new Problem('store-unavailable', 'Not now.')
    },
  }
  const waits: number[] = []
  const clock = {
    now: () => 0,
    wait: async (ms: number) => void waits.push(ms),
  }
  const batches = createBatches(recorder, clock, () => {})
  await expect(batches.close(new AbortController().signal)).rejects.toMatchObject({
    code: 'store-unavailable',
  })
  expect([writes, waits]).toEqual([3, [1_000, 2_000]])
})
