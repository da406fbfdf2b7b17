import type { Clock } from '../../waiting/clock.ts'

/** Pauses before a receive, which grow while everything fails: more would fail, and be put aside for that. */
export type Pauses = ReturnType<typeof createPauses>

const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000
/** By then, the queue's client itself has tried for a while. */
const LONGEST_QUEUE_PAUSE_MS = 10_000

/** No pause at first. */
export const createPauses = (clock: Pick<Clock, 'wait'>) => {
  /** Whether the source that ended last has failed. */
  let isFailing = false
  /** How many receives in a row were followed by failures only. */
  let failures = 0
  let refusals = 0
  return {
    /** Whether the last request to the queue failed. */
    get isRefused(): boolean {
      return refusals > 0
    },
    noteEnd: (hasFailed: boolean): void => {
      isFailing = hasFailed
      if (!hasFailed) failures = 0
    },
    noteAnswer: (hasMessages: boolean): void => {
      refusals = 0
      if (!hasMessages) failures = 0
    },
    noteRefusal: (): void => {
      refusals++
    },
    /** Ends early where `halt` aborts. */
    wait: async (halt: AbortSignal): Promise<void> => {
      if (isFailing) failures++
      isFailing = false
      const ms = Math.max(
        pauseAfter(failures, LONGEST_PAUSE_MS),
        pauseAfter(refusals, LONGEST_QUEUE_PAUSE_MS),
      )
      if (ms > 0) await clock.wait(ms, halt).catch(() => {})
    },
  }
}

const pauseAfter = (times: number, longestMs: number): number =>
  times === 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (times - 1), longestMs)
