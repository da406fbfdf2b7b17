/**
 * Joins what is asked for while work goes on into the next piece of it. The returned function resolves once what it
 * was given is done, and rejects where that piece of work does.
 */
export const createBatches = <T>(
  work: (items: readonly T[]) => Promise<void>,
): ((items: Iterable<T>) => Promise<void>) => {
  let waiting: T[] = []
  let next: Promise<void> | undefined
  let running: Promise<unknown> = Promise.resolve()
  const start = async (): Promise<void> => {
    await running.catch(() => {}) // told to whoever waited for that
    await new Promise((resolve) => setImmediate(resolve)) // others may ask at the same moment
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
