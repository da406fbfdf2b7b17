import { describe, expect, it } from 'vitest'
import { createBatches } from '../../src/app/answer/batches.ts'
import type { AnswerEvent } from '../../src/app/answer/event.ts'
import { Problem } from '../../src/core/problem.ts'
import { emptyEntry, type LedgerEntry } from '../../src/plan/ledger-entry.ts'

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
  const clock = {
    now: () => 0,
    random: () => 0,
    alarm: () => () => {},
    wait: (_: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason))
        if (!isHeld) setTimeout(resolve, 1)
      }),
  }
  const batches = createBatches(recorder, clock, (event) => void events.push(event))
  return { batches, written, events, stop: () => (failuresLeft = Number.POSITIVE_INFINITY) }
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('who waits until the ledger says so', () => {
  it('hears of it when it does, not before, and through failures', async () => {
    const { batches, written, events } = openBatches({ failures: 2 })
    await batches.add(emptyEntry('a.jpg'))
    await batches.recorded()
    expect(written).toEqual(['a.jpg'])
    expect(events.map(({ kind }) => kind)).toEqual(['record-failed', 'record-failed'])
  })

  it('hears of it though another has written it meanwhile', async () => {
    const { batches, written } = openBatches()
    await batches.add(emptyEntry('a.jpg'))
    await batches.close(AbortSignal.timeout(1_000)) // takes it along
    expect(written).toEqual(['a.jpg'])
    await expect(batches.recorded()).rejects.toThrow('closed')
    const other = openBatches()
    await other.batches.add(emptyEntry('b.jpg'))
    while (other.written.length === 0) await tick()
    await other.batches.recorded()
  })

  it('waits no longer than it takes where somebody is in a hurry', async () => {
    const { batches, written } = openBatches({ isHeld: true })
    await batches.add(emptyEntry('a.jpg'))
    const recorded = batches.recorded()
    batches.hurry()
    await recorded
    expect(written).toEqual(['a.jpg'])
  })

  it('is told where it comes to nothing', async () => {
    const { batches, stop } = openBatches({ isHeld: true })
    stop()
    await batches.add(emptyEntry('a.jpg'))
    const recorded = batches.recorded()
    const closed = batches.close(AbortSignal.timeout(50))
    await expect(recorded).rejects.toThrow()
    await expect(closed).rejects.toThrow()
  })
})
