import type { Clock } from './clock.ts'
import { onAbort, orAborted } from './signals.ts'

/** A limit of time on top of a signal. */
export interface TimeLimit {
  readonly ms: number
  readonly signal?: AbortSignal | undefined
  /** What the work is aborted with after that time. */
  readonly onTimeout: () => Error
}

/**
 * Runs `work` with a signal that aborts at the end of its time, or with the one given, and rejects with its reason whether
 * or not the work heeds it. Not for work that takes something to be given back: it may end in the same moment.
 */
export const withTimeLimit = <T>(
  clock: Pick<Clock, 'alarm'>,
  limit: TimeLimit,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => heedTimeLimit(clock, limit, (signal) => orAborted(work(signal), signal))

/** The same for work that heeds its signal without fail. */
export const heedTimeLimit = async <T>(
  clock: Pick<Clock, 'alarm'>,
  { ms, signal, onTimeout }: TimeLimit,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const limited = new AbortController()
  const stop = onAbort(signal, () => limited.abort(signal?.reason))
  const stopAlarm = clock.alarm(ms, () => limited.abort(onTimeout()))
  try {
    return await work(limited.signal)
  } finally {
    stopAlarm()
    stop()
  }
}

/** How long somebody waits, once or several times together. */
export interface WaitLimit {
  /** In all. Absent: for as long as it takes. */
  readonly waitMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onTimeout: () => Error
}

/** Waits that share one limit; the time between them does not count. */
export interface Wait {
  /** `take` waits with a signal that aborts with the given one's reason, or with `onTimeout()`. */
  for<T>(take: (signal: AbortSignal | undefined) => Promise<T>): Promise<T>
}

export const openWait = (clock: Pick<Clock, 'now' | 'alarm'>, limit: WaitLimit): Wait => {
  const { signal, onTimeout } = limit
  let leftMs = limit.waitMs
  return {
    for: async (take) => {
      if (leftMs === undefined) return take(signal)
      const startedAt = clock.now()
      try {
        return await heedTimeLimit(clock, { ms: Math.max(0, leftMs), signal, onTimeout }, take)
      } finally {
        leftMs -= clock.now() - startedAt
      }
    },
  }
}
