/** A call that takes longer means that the place hangs, as network disks do: a busy disk or machine is faster. */
const SLOW_MS = 100
/** After a slow call, none is made for so many times as long as it took. */
const SLOW_FACTOR = 10

/**
 * Synchronous calls to a disk: where the kernel has the file in memory they take a tenth of the time that libuv's
 * threads need.
 */
export type AtOnce = ReturnType<typeof createAtOnce>

/** One for each store: a slow disk must not slow down others. */
export const createAtOnce = () => {
  let slowUntil = 0
  return {
    /**
     * The result of `calls`; undefined where they fail, and for a while after a slow one: then use asynchronous calls.
     */
    try: <T>(calls: () => T | undefined): T | undefined => {
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
