import { Problem } from '../../core/problem.ts'
import { openBudget } from '../../waiting/budget.ts'
import { type Clock, type Deadline, leftMs } from '../../waiting/clock.ts'
import { heedTimeLimit } from '../../waiting/time-limit.ts'

/** Gives something back; a second call does nothing. */
type Release = () => void

export interface TurnsOptions {
  readonly workers: number
  /** Requests that may be on their way to a worker, beyond those that have one. */
  readonly queueLength: number
  /** How long one may wait, for a worker and for all that it needs, from when it was admitted. */
  readonly queueTimeoutMs: number
  readonly clock: Clock
}

/** A place on the way to a worker. */
interface Admission extends Pick<Deadline, 'until'> {
  readonly leave: Release
}

/** Who may render, and when. Visitors first, in the order they came; work ahead only on what is left over. */
export interface Turns {
  /** Visitors' renders and those who wait for one. */
  readonly load: { readonly running: number; readonly waiting: number; readonly admitted: number }
  readonly queueTimeoutMs: number
  /** Problem `overloaded`, at once, where there is no place. */
  admit(): Admission
  /** Waits for a worker; Problem `overloaded` where that is too long. */
  take(deadline: Deadline): Promise<Release>
  /** Waits until nobody waits and more than one worker is free. */
  takeSpare(signal: AbortSignal): Promise<Release>
}

export const createTurns = (options: TurnsOptions): Turns => {
  const { workers, queueLength, queueTimeoutMs, clock } = options
  const turns = openBudget(workers)
  const places = openBudget(workers + queueLength)
  return {
    queueTimeoutMs,
    get load() {
      return { running: turns.used, waiting: turns.waiting, admitted: places.used }
    },
    admit: () => {
      const place = places.tryAcquire(1)
      if (place === undefined) throw overloaded('The queue is full.')
      return { until: clock.now() + queueTimeoutMs, leave: place.release }
    },
    take: async ({ signal, until }) => {
      signal.throwIfAborted()
      const onTimeout = (): Problem => overloaded('No worker was free in time.')
      const limit = { ms: leftMs(clock, { until }), signal, onTimeout }
      const turn =
        turns.tryAcquire(1) ??
        (await heedTimeLimit(clock, limit, (limited) => turns.acquire(1, { signal: limited })))
      return turn.release
    },
    takeSpare: async (signal) => (await turns.acquire(1, { signal, leaving: 1 })).release,
  }
}

const overloaded = (message: string): Problem => new Problem('overloaded', message)
