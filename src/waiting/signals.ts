/**
 * Calls `leave` when `signal` aborts, or at once where it has. The returned function ends that: a signal may live as
 * long as the process, and AbortSignal.any() on such a signal leaks memory on Node 20.
 */
export const onAbort = (signal: AbortSignal | undefined, leave: () => void): (() => void) => {
  if (signal?.aborted) leave()
  else signal?.addEventListener('abort', leave, { once: true })
  return () => signal?.removeEventListener('abort', leave)
}

/** Ends when the signal aborts. */
export const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => void onAbort(signal, resolve))

/** `work`, or the signal's reason where that aborts first; then the work goes on, but its result is ignored. */
export const orAborted = <T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> =>
  new Promise((resolve, reject) => {
    const stop = onAbort(signal, () => reject(signal?.reason))
    work.then(resolve, reject).finally(stop)
  })
