/** Time and chance, given from the edge of the program. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Ends after so many milliseconds; rejects with the signal's reason where that aborts first. */
  wait(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls `ring` after so many milliseconds; the returned function cancels that. */
  alarm(ms: number, ring: () => void): () => void
  /** At least 0 and less than 1. */
  random(): number
}

/** The time at which somebody stops waiting, whatever for. */
export interface Deadline {
  readonly signal: AbortSignal
  /** Milliseconds since 1970, by the clock of its maker. */
  readonly until: number
}

/** Milliseconds until the deadline, never less than 0. */
export const leftMs = (clock: Pick<Clock, 'now'>, { until }: Pick<Deadline, 'until'>): number =>
  Math.max(0, until - clock.now())
