import { orAborted } from './abort.ts'

/** Time and chance, given from the edge of the program. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Ends after so many milliseconds; rejects with the signal's reason where that aborts first. */
  wait(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls `ring` after so many milliseconds; what is given back stops that. */
  alarm(ms: number, ring: () => void): () => void
  /** From 0 to 1, 1 not included. */
  random(): number
}

/** How long somebody waits, for one thing after another. */
export interface Patience {
  readonly signal: AbortSignal
  /** When all the waiting has been enough: milliseconds since 1970. */
  readonly until: number
}

/** How long it may still be. */
export const leftMs = (clock: Pick<Clock, 'now'>, { until }: Pick<Patience, 'until'>): number =>
  Math.max(0, until - clock.now())

/** A time limit on top of a signal; `onTimeout` is what the work is then aborted with. */
export interface Deadline {
  readonly ms: number
  readonly signal: AbortSignal
  readonly onTimeout: () => Error
}

/**
 * Runs `work` with a signal that aborts at the deadline, or with the one given, and rejects with its reason whether
 * or not the work heeds it. Not for work that takes something to be given back: it may end in the same moment.
 */
export const withDeadline = <T>(
  clock: Clock,
  deadline: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => heedDeadline(clock, deadline, (signal) => orAborted(work(signal), signal))

/** The same for work that heeds its signal without fail. */
export const heedDeadline = async <T>(
  clock: Clock,
  { ms, signal, onTimeout }: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  // By hand: AbortSignal.any() on a signal that lives as long as the process leaks on Node 20.
  const limited = new AbortController()
  const forward = (): void => limited.abort(signal.reason)
  signal.addEventListener('abort', forward, { once: true })
  if (signal.aborted) forward()
  const stopAlarm = clock.alarm(ms, () => limited.abort(onTimeout()))
  try {
    return await work(limited.signal)
  } finally {
    stopAlarm()
    signal.removeEventListener('abort', forward)
  }
}
