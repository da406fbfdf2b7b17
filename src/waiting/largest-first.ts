/** Limits how many tasks run at once, and their bytes together; of those that wait, the largest begins first. */
export type LargestFirst = ReturnType<typeof createLargestFirst>

/** The limits of all tasks that run at once. */
interface LargestFirstLimits {
  readonly tasks: number
  /** A task that is larger by itself begins when no other runs. */
  readonly bytes: number
}

/** A size that leaves no space for other tasks, whatever the limits. */
export const ALONE = Number.MAX_SAFE_INTEGER

interface Waiting {
  readonly sizeBytes: number
  readonly begin: () => void
}

/**
 * Big pictures begin early, so that at the end of a run no core works on a big one while the others are idle. Only
 * waiting tasks are put in order; the caller limits how many wait.
 */
export const createLargestFirst = (limits: LargestFirstLimits) => {
  const waiting: Waiting[] = []
  let running = 0
  let runningBytes = 0
  const hasRoom = (sizeBytes: number): boolean =>
    running === 0 || (running < limits.tasks && runningBytes + sizeBytes <= Math.min(limits.bytes, ALONE - 1))
  const enter = (sizeBytes: number): void => {
    running++
    runningBytes += sizeBytes
  }
  const settle = (): void => {
    // No smaller task overtakes the largest, which might otherwise never fit.
    for (let next = findLargest(waiting); next && hasRoom(next.sizeBytes); next = findLargest(waiting)) {
      waiting.splice(waiting.indexOf(next), 1)
      enter(next.sizeBytes)
      next.begin()
    }
  }
  return {
    /** A task of size {@link ALONE} begins when no other runs, and no other begins beside it. */
    run: async <T>(sizeBytes: number, task: () => Promise<T>): Promise<T> => {
      await new Promise<void>((begin) => {
        waiting.push({ sizeBytes, begin })
        settle()
      })
      try {
        return await task()
      } finally {
        running--
        runningBytes -= sizeBytes
        settle()
      }
    },
  }
}

const findLargest = (waiting: readonly Waiting[]): Waiting | undefined =>
  waiting.reduce<Waiting | undefined>(
    (largest, each) => (largest === undefined || each.sizeBytes > largest.sizeBytes ? each : largest),
    undefined,
  )
