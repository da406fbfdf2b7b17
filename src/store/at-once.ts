/** Longer, and it is no disk with work to do, nor a busy machine, but a place that hangs: a network, most often. */
const SLOW_MS = 100
/** None is made at once for so many times as long as the slow one took. */
const SLOW_FACTOR = 10

/**
 * Calls to a disk that wait for it: where the kernel has what is wanted in memory they take a tenth of the time that
 * libuv's threads do.
 */
export interface AtOnce {
  /** What `calls` give; undefined where they fail, and for a while after some took long: then by who can wait for it. */
  try<T>(calls: () => T | undefined): T | undefined
}

export const createAtOnce = (): AtOnce => {
  let slowUntil = 0
  return {
    try: (calls) => {
      const startedAt = performance.now()
      if (startedAt < slowUntil) return undefined
      try {
        return calls()
      } catch {
        return undefined
      } finally {
        const endedAt = performance.now()
        const tookMs = endedAt - startedAt
        if (tookMs > SLOW_MS) slowUntil = endedAt + SLOW_FACTOR * tookMs
      }
    },
  }
}
