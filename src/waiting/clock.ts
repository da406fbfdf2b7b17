/** Time and chance, given from the edge of the program. */
export interface Clock {
  /** Whole milliseconds since some start. It never goes back and never jumps, whatever date is set: for ages and limits. */
  now(): number
  /** Milliseconds since 1970, as this machine's date says. */
  date(): number
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
  /** By `now` of its maker's clock. */
  readonly until: number
}

/** Milliseconds until the deadline, never less than 0. */
export const leftMs = (clock: Pick<Clock, 'now'>, { until }: Pick<Deadline, 'until'>): number =>
  Math.max(0, until - clock.now())
