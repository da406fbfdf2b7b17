const EVERY_MS = 10_000

/**
 * Counts what may happen a thousand times a second. It tells at once, and then at most every ten seconds, how often
 * each thing has happened since the last time.
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
