import { Problem } from '../../core/problem.ts'
import { openBudget } from '../../waiting/budget.ts'
import { type Clock, type Deadline, leftMs } from '../../waiting/clock.ts'
import { heedTimeLimit } from '../../waiting/time-limit.ts'

/** Gives back what was taken; a second call does nothing. */
type Release = () => void

interface TurnsOptions {
  readonly workers: number
  /** Requests that may wait for a worker, beyond those that have one. */
  readonly queueLength: number
  /** How long a request may wait for a worker and all else that it needs, from its admission on. */
  readonly queueTimeoutMs: number
  readonly clock: Clock
}

/** A place in the queue. */
interface Admission extends Pick<Deadline, 'until'> {
  readonly leave: Release
}

/**
 * Decides who may render, and when. Visitors go first, in the order in which they came; work ahead takes what is left.
 */
export type Turns = ReturnType<typeof createTurns>

/** Two budgets: one of workers, one of workers and places to wait. */
export const createTurns = ({ workers, queueLength, queueTimeoutMs, clock }: TurnsOptions) => {
  const turns = openBudget(workers)
  const places = openBudget(workers + queueLength)
  return {
    queueTimeoutMs,
    /** Visitors' renders, and the visitors that wait for one. */
    get load(): { readonly running: number; readonly waiting: number; readonly admitted: number } {
      return { running: turns.used, waiting: turns.waiting, admitted: places.used }
    },
    /** Takes a place in the queue; Problem `overloaded`, at once, where it is full. */
    admit: (): Admission => {
      const place = places.tryAcquire(1)
      if (place === undefined) throw overloaded('The queue is full.')
      return { until: clock.now() + queueTimeoutMs, leave: place.release }
    },
    /** Waits for a worker; Problem `overloaded` where that takes too long. */
    take: async ({ signal, until }: Deadline): Promise<Release> => {
      signal.throwIfAborted()
      const onTimeout = (): Problem => overloaded('No worker was free in time.')
      const limit = { ms: leftMs(clock, { until }), signal, onTimeout }
      const turn =
        turns.tryAcquire(1) ??
        (await heedTimeLimit(clock, limit, (limited) => turns.acquire(1, { signal: limited })))
      return turn.release
    },
    /** Waits until no visitor waits and more than one worker is free. */
    takeSpare: async (signal: AbortSignal): Promise<Release> =>
      (await turns.acquire(1, { signal, leaving: 1 })).release,
  }
}

const overloaded = (message: string): Problem => new Problem('overloaded', message)
