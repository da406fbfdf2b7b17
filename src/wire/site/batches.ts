/**
 * Collects requests that come while work runs, and does them together as the next piece of work. The returned function
 * resolves once its request is done, and rejects if that piece of work does.
 */
export const createBatches = <T>(
  work: (items: readonly T[]) => Promise<void>,
): ((items: Iterable<T>) => Promise<void>) => {
  let waiting: T[] = []
  let next: Promise<void> | undefined
  let running: Promise<unknown> = Promise.resolve()
  const start = async (): Promise<void> => {
    await running.catch(() => {}) // its own callers get the error
    await new Promise((resolve) => setImmediate(resolve)) // more requests may come at the same moment
    const items = waiting
    waiting = []
    next = undefined
    const done = work(items)
    running = done
    await done
  }
  return (items) => {
    const wanted = [...items]
    if (wanted.length === 0) return Promise.resolve()
    waiting.push(...wanted)
    next ??= start()
    return next
  }
}
