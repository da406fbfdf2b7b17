/**
 * Runs `work` on each item, at most `limit` at once, and takes an item only when it can begin. After the first failure
 * (of `items` too) no item is taken; the failure is thrown when all running work has ended, and the iteration of
 * `items` is closed.
 */
export const forEachConcurrent = async <T>(
  items: AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> => {
  const running = new Set<Promise<unknown>>()
  let failure: { readonly error: unknown } | undefined
  try {
    for await (const item of items) {
      const task = work(item)
        .catch((error: unknown) => {
          failure ??= { error }
        })
        .finally(() => running.delete(task))
      running.add(task)
      if (running.size >= limit) await Promise.race(running)
      if (failure !== undefined) break
    }
  } finally {
    await Promise.all(running)
  }
  if (failure !== undefined) throw failure.error
}

/** Maps each item, at most `limit` at once, and yields the results in the order of the items. */
export async function* mapInOrder<T, R>(
  items: AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<R> | R,
): AsyncGenerator<R> {
  const queue: (Promise<R> | R)[] = []
  try {
    for await (const item of items) {
      const result = work(item)
      // A failure waits in the queue for its turn; until then it must not count as an unhandled rejection.
      if (result instanceof Promise) result.catch(() => {})
      queue.push(result)
      if (queue.length >= limit) yield await (queue.shift() as Promise<R> | R)
    }
    while (queue.length > 0) yield await (queue.shift() as Promise<R> | R)
  } finally {
    await Promise.allSettled(queue)
  }
}
