import type { Clock } from './clock.ts'
import { onAbort, orAborted } from './signals.ts'

interface TimeLimit {
  readonly ms: number
  readonly signal?: AbortSignal | undefined
  /** The error that the work is aborted with when the time is over. */
  readonly onTimeout: () => Error
}

/**
 * Runs `work` with a signal that aborts when the time is over or `signal` aborts, and then rejects with its reason,
 * even if the work ignores it. Not for work that takes something which must be given back: it may succeed at the same
 * moment.
 */
export const withTimeLimit = <T>(
  clock: Pick<Clock, 'alarm'>,
  limit: TimeLimit,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => heedTimeLimit(clock, limit, (signal) => orAborted(work(signal), signal))

/** The same for work that always obeys its signal. */
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

/** How long somebody waits in all, once or several times. */
interface WaitLimit {
  /** The sum of all waits; undefined: no limit. */
  readonly waitMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onTimeout: () => Error
}

/** Several waits with one limit; the time between them does not count. */
export type Wait = ReturnType<typeof openWait>

/** Nothing is used up yet. */
export const openWait = (clock: Pick<Clock, 'now' | 'alarm'>, limit: WaitLimit) => {
  const { signal, onTimeout } = limit
  let leftMs = limit.waitMs
  return {
    /** `take` waits with a signal that aborts with the reason of `signal`, or with `onTimeout()`. */
    for: async <T>(take: (signal: AbortSignal | undefined) => Promise<T>): Promise<T> => {
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
