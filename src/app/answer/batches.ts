import { asProblem } from '../../core/problem.ts'
import type { LedgerEntry } from '../../plan/ledger-entry.ts'
import type { Recorder } from '../ledger.ts'
import { orAborted } from './abort.ts'
import type { Clock } from './clock.ts'
import type { TellAnswer } from './event.ts'

/** Writes what is learned into the ledger, many at a time. */
export interface Batches {
  add(entry: LedgerEntry): Promise<void>
  /** Writes what is kept now, and nothing by itself any more; rejects with the signal's reason where it aborts first. */
  close(signal: AbortSignal): Promise<void>
}

/** The first record after a quiet time is soon seen by a plan; a busy origin writes a part a minute. */
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 60_000
/** On top of the store's own: what is not recorded is looked at or rendered again, no more. */
const CLOSING_ATTEMPTS = 3

export const createBatches = (recorder: Recorder, clock: Clock, tell: TellAnswer): Batches => {
  const stop = new AbortController()
  let waitMs = FIRST_WAIT_MS
  let lastFlushAt = Number.NEGATIVE_INFINITY
  let scheduled: Promise<void> | undefined

  const flush = async (): Promise<void> => {
    try {
      await recorder.flush()
    } catch (error) {
      tell({ kind: 'record-failed', problem: asProblem(error) })
      schedule() // it is kept
    }
  }
  const schedule = (): void => {
    if (scheduled !== undefined || stop.signal.aborted) return
    const isQuiet = clock.now() - lastFlushAt > LONGEST_WAIT_MS
    waitMs = isQuiet ? FIRST_WAIT_MS : Math.min(waitMs * 2, LONGEST_WAIT_MS)
    scheduled = clock.wait(waitMs, stop.signal).then(
      async () => {
        scheduled = undefined
        lastFlushAt = clock.now()
        await flush()
      },
      () => {}, // closed: what is kept is written there
    )
    scheduled.catch((error: unknown) => tell({ kind: 'bug', error }))
  }

  return {
    add: async (entry) => {
      try {
        await recorder.add(entry)
      } catch (error) {
        tell({ kind: 'record-failed', problem: asProblem(error) })
      }
      schedule()
    },
    close: async (signal) => {
      stop.abort()
      for (let attempt = 1; ; attempt++) {
        try {
          return await orAborted(recorder.flush(), signal)
        } catch (error) {
          signal.throwIfAborted()
          if (attempt === CLOSING_ATTEMPTS) throw error
          tell({ kind: 'record-failed', problem: asProblem(error) })
          await clock.wait(FIRST_WAIT_MS * attempt, signal)
        }
      }
    },
  }
}
