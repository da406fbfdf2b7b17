import { setImmediate as settle } from 'node:timers/promises'
import type { Clock } from '../../src/waiting/clock.ts'

/** A clock that stands until it is moved. */
export interface ManualClock extends Clock {
  /** Sets the date so much forth, or back: no wait ends earlier or later for it. */
  setDateBy(ms: number): void
  /** Moves on, and ends the waits that are over; returns when what hangs on them has had its turn. */
  advance(ms: number): Promise<void>
}

export const createManualClock = (start = 1_700_000_000_000): ManualClock => {
  // Unlike any date, so that neither is taken for the other.
  let now = 1_000
  let dateAhead = start - now
  const waits = new Set<{ readonly until: number; readonly end: () => void }>()
  return {
    now: () => now,
    date: () => now + dateAhead,
    setDateBy: (ms) => {
      dateAhead += ms
    },
    random: () => 0.5,
    wait: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const end = (): void => {
          signal?.removeEventListener('abort', leave)
          resolve()
        }
        const wait = { until: now + ms, end }
        waits.add(wait)
        const leave = (): void => {
          waits.delete(wait)
          reject(signal?.reason)
        }
        signal?.addEventListener('abort', leave, { once: true })
      }),
    alarm: (ms, ring) => {
      const wait = { until: now + ms, end: ring }
      waits.add(wait)
      return () => waits.delete(wait)
    },
    advance: async (ms) => {
      now += ms
      for (const wait of waits) {
        if (wait.until > now) continue
        waits.delete(wait)
        wait.end()
      }
      for (let turn = 0; turn < 5; turn++) await settle()
    },
  }
}
