const EVERY_MS = 10_000

/**
 * Counts what may happen a thousand times a second, and tells of it at once and then every ten seconds at most: how
 * often each has happened since it was last told.
 */
export const createSeldom = <T extends string>(
  now: () => number,
  tell: (counts: Readonly<Partial<Record<T, number>>>) => void,
): ((what: T) => void) => {
  let counts: Partial<Record<T, number>> = {}
  let toldAt = Number.NEGATIVE_INFINITY
  return (what) => {
    counts[what] = (counts[what] ?? 0) + 1
    if (now() - toldAt < EVERY_MS) return
    toldAt = now()
    tell(counts)
    counts = {}
  }
}
