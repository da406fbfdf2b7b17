import { orAborted } from './abort.ts'

/** Time and chance, given from the edge of the program. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Ends after so many milliseconds; rejects with the signal's reason where that aborts first. */
  wait(ms: number, signal?: AbortSignal): Promise<void>
  /** From 0 to 1, 1 not included. */
  random(): number
}

/**
 * Runs `work` with a signal that aborts with `onTimeout()` after `ms`, or with the reason of `signal`, and rejects
 * with that whether or not the work heeds it.
 */
export const withDeadline = async <T>(
  clock: Clock,
  limit: { readonly ms: number; readonly signal: AbortSignal; readonly onTimeout: () => Error },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  // By hand: AbortSignal.any() on a signal that lives as long as the process leaks on Node 20.
  const { ms, signal, onTimeout } = limit
  const limited = new AbortController()
  const done = new AbortController()
  const forward = (): void => limited.abort(signal.reason)
  signal.addEventListener('abort', forward, { once: true })
  if (signal.aborted) forward()
  clock.wait(ms, done.signal).then(
    () => limited.abort(onTimeout()),
    () => {}, // the work was done first
  )
  try {
    return await orAborted(work(limited.signal), limited.signal)
  } finally {
    done.abort()
    signal.removeEventListener('abort', forward)
  }
}
