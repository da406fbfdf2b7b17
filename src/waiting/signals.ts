/**
 * Calls `leave` when `signal` aborts, at once where it has. What is given back ends that: a signal may live as long as
 * the process, and AbortSignal.any() on such a one leaks on Node 20.
 */
export const onAbort = (signal: AbortSignal | undefined, leave: () => void): (() => void) => {
  if (signal?.aborted) leave()
  else signal?.addEventListener('abort', leave, { once: true })
  return () => signal?.removeEventListener('abort', leave)
}

/** `work`, or the signal's reason where that aborts first; the work itself goes on, and is not heard any more. */
export const orAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const stop = onAbort(signal, () => reject(signal.reason))
    work.then(resolve, reject).finally(stop)
  })
