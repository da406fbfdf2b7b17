import { asProblem } from '../../core/problem.ts'
import type { LedgerEntry } from '../../plan/ledger-entry.ts'
import type { Clock } from '../../waiting/clock.ts'
import { orAborted } from '../../waiting/signals.ts'
import type { Recorder } from '../ledger/ledger.ts'
import type { TellAnswer } from './event.ts'

/** Writes records into the ledger, many at a time. */
export type Batches = ReturnType<typeof createBatches>

/** The first record after a quiet time is written soon, for plans to see it; a busy origin writes once a minute. */
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 60_000
const HURRIED_WAIT_MS = 10
/** In addition to the store's own attempts. What is not recorded costs a later look or render, no more. */
const CLOSING_ATTEMPTS = 3

interface Listener {
  resolve(): void
  reject(error: unknown): void
}

/** Keeps records in memory until it is time to write. What could not be written is told and tried again. */
export const createBatches = (
  recorder: Pick<Recorder, 'add' | 'flush'>,
  clock: Pick<Clock, 'now' | 'wait'>,
  tell: TellAnswer,
) => {
  let waitMs = FIRST_WAIT_MS
  let lastFlushAt = Number.NEGATIVE_INFINITY
  let isHurried = false
  let isClosed = false
  let alarm = new AbortController()
  let scheduled: Promise<void> | undefined
  let listeners: Listener[] = []

  /** Writes what is kept, then calls those who wait for it. */
  const write = async (): Promise<void> => {
    const heard = listeners
    listeners = []
    try {
      await recorder.flush()
    } catch (error) {
      listeners = [...heard, ...listeners]
      throw error
    }
    for (const { resolve } of heard) resolve()
  }
  const flush = async (): Promise<void> => {
    try {
      await write()
    } catch (error) {
      tell({ kind: 'record-failed', problem: asProblem(error) })
      schedule() // the records are still kept
    }
  }
  const nextWaitMs = (): number => {
    if (isHurried) return Math.min(waitMs * 2, FIRST_WAIT_MS)
    const isQuiet = clock.now() - lastFlushAt > LONGEST_WAIT_MS
    return isQuiet ? FIRST_WAIT_MS : Math.min(waitMs * 2, LONGEST_WAIT_MS)
  }
  const cancel = (): void => {
    alarm.abort()
    alarm = new AbortController()
    scheduled = undefined
  }
  const schedule = (): void => {
    if (scheduled !== undefined || isClosed) return
    waitMs = nextWaitMs()
    scheduled = clock.wait(waitMs, alarm.signal).then(
      async () => {
        scheduled = undefined
        lastFlushAt = clock.now()
        await flush()
      },
      () => {}, // hurried or closed: the caller writes what is kept
    )
    scheduled.catch((error: unknown) => tell({ kind: 'bug', error }))
  }

  return {
    add: async (entry: LedgerEntry): Promise<void> => {
      try {
        await recorder.add(entry)
      } catch (error) {
        tell({ kind: 'record-failed', problem: asProblem(error) })
      }
      schedule()
    },
    /** Ends when all that was added before is in the ledger; rejects where that is given up at the close. */
    recorded: (): Promise<void> =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(new Error('the ledger of this process is closed'))
        listeners.push({ resolve, reject })
        schedule() // a write may have begun before these records were added
      }),
    /** From now on, writes at once what is added, because somebody waits for the end. */
    hurry: (): void => {
      isHurried = true
      waitMs = HURRIED_WAIT_MS
      cancel()
      flush().catch((error: unknown) => tell({ kind: 'bug', error }))
    },
    /** Writes what is kept, and then nothing more by itself; rejects with the signal's reason where it aborts first. */
    close: async (signal: AbortSignal): Promise<void> => {
      isClosed = true
      cancel()
      try {
        for (let attempt = 1; ; attempt++) {
          try {
            return await orAborted(write(), signal)
          } catch (error) {
            signal.throwIfAborted()
            if (attempt === CLOSING_ATTEMPTS) throw error
            tell({ kind: 'record-failed', problem: asProblem(error) })
            await clock.wait(FIRST_WAIT_MS * attempt, signal)
          }
        }
      } catch (error) {
        for (const { reject } of listeners) reject(error)
        throw error
      }
    },
  }
}
