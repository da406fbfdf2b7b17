/** A bounded number of tasks at once; of those that wait, the largest begins first. */
export interface LargestFirst {
  run<T>(size: number, task: () => Promise<T>): Promise<T>
}

/**
 * Big pictures begin early, so that at the end of a run no core works on one alone while the others idle. Only
 * what waits is put in order: whoever calls bounds how many do.
 */
export const createLargestFirst = (limit: number): LargestFirst => {
  const waiting: { readonly size: number; readonly begin: () => void }[] = []
  let running = 0
  const leave = (): void => {
    running--
    const largest = waiting.reduce(
      (best, each, index) => (each.size > (waiting[best]?.size ?? -1) ? index : best),
      0,
    )
    const [next] = waiting.splice(largest, 1)
    if (next !== undefined) next.begin()
  }
  const enter = (size: number): Promise<void> | undefined => {
    if (running < limit) {
      running++
      return undefined
    }
    return new Promise((resolve) => {
      const begin = (): void => {
        running++
        resolve()
      }
      waiting.push({ size, begin })
    })
  }
  return {
    run: async (size, task) => {
      await enter(size)
      try {
        return await task()
      } finally {
        leave()
      }
    },
  }
}
