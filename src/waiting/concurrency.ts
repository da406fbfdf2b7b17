/** Runs pieces of work, a limited number at once. */
interface Overlap {
  /** Begins `work`, and waits until another piece may begin. Throws the error of an earlier piece. */
  begin(work: () => Promise<unknown>): Promise<void>
  /** Waits until all pieces have ended, and throws the error of the first that failed. */
  end(): Promise<void>
}

/** At most `atOnce` pieces run at once. */
export const openOverlap = (atOnce: number): Overlap => {
  let running = 0
  let wake = (): void => {}
  let failure: { readonly error: unknown } | undefined
  const throwFailure = (): void => {
    if (failure !== undefined) throw failure.error
  }
  const run = async (work: () => Promise<unknown>): Promise<void> => {
    running++
    try {
      await work()
    } catch (error) {
      failure ??= { error }
    }
    running--
    wake()
  }
  // Not by `Promise.race`, which looks at every running piece again for each that begins.
  const downTo = async (most: number): Promise<void> => {
    while (running > most)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    throwFailure()
  }
  return {
    async begin(work) {
      throwFailure()
      void run(work)
      await downTo(atOnce - 1)
    },
    end: () => downTo(0),
  }
}

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
  const overlap = openOverlap(limit)
  try {
    for await (const item of items) await overlap.begin(() => work(item))
  } finally {
    await overlap.end()
  }
}

/** The results of pieces of work that run; a failure is thrown only when all have ended. */
export const allEnded = async <T>(works: readonly Promise<T>[]): Promise<readonly T[]> => {
  await Promise.allSettled(works)
  return Promise.all(works)
}

/**
 * Maps each item, at most `limit` at once, and yields the results in the order of the items, each as soon as it is there:
 * an item that is long in coming holds up none of those before it.
 */
export async function* mapInOrder<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  limit: number,
  work: (item: T) => Promise<R> | R,
): AsyncGenerator<R> {
  const queue: (Promise<R> | R)[] = []
  let hasLeft = false
  let wakeReader = (): void => {}
  let wakeTaker = (): void => {}
  const takeAll = async (): Promise<void> => {
    for await (const item of items) {
      if (hasLeft) return
      const result = work(item)
      // A failure waits in the queue for its turn; until then it must not count as an unhandled rejection.
      if (result instanceof Promise) result.catch(() => {})
      queue.push(result)
      wakeReader()
      while (queue.length >= limit && !hasLeft)
        await new Promise<void>((resolve) => {
          wakeTaker = resolve
        })
    }
  }
  let isTaking = true
  const taking = takeAll().finally(() => {
    isTaking = false
    wakeReader()
  })
  taking.catch(() => {}) // thrown below, after the results of the items before
  try {
    while (isTaking || queue.length > 0) {
      if (queue.length === 0)
        await new Promise<void>((resolve) => {
          wakeReader = resolve
        })
      else {
        const result = await (queue[0] as Promise<R> | R)
        queue.shift()
        wakeTaker()
        yield result
      }
    }
    await taking
  } finally {
    hasLeft = true
    wakeTaker()
    await Promise.allSettled([taking, ...queue])
  }
}

/** The same items in the same order; `most` of them are requested before they are needed. */
export const askAhead = <T>(items: AsyncGenerator<T>, most: number): AsyncGenerator<T> => {
  // A generator that is asked again before it has answered gives its answers one after the other.
  const coming: Promise<IteratorResult<T>>[] = []
  const ask = (): void => {
    const next = items.next()
    next.catch(() => {}) // thrown where it is awaited, if the reader comes to it
    coming.push(next)
  }
  for (let i = 0; i < most; i++) ask()
  return (async function* () {
    for (let next = await coming.shift(); next !== undefined && !next.done; next = await coming.shift()) {
      ask()
      yield next.value
    }
  })()
}
