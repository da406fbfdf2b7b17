import { Problem } from '../../core/problem.ts'
import { type Clock, heedDeadline, leftMs, type Patience } from './clock.ts'

/** Gives back a worker; a second call does nothing. */
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
interface Admission extends Pick<Patience, 'until'> {
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
  take(patience: Patience): Promise<Release>
  /** Waits until nobody waits and more than one worker is free. */
  takeSpare(signal: AbortSignal): Promise<Release>
}

interface Waiter {
  readonly admit: () => void
}

export const createTurns = (options: TurnsOptions): Turns => {
  const { workers, queueLength, queueTimeoutMs, clock } = options
  const visitors: Waiter[] = []
  const spares: Waiter[] = []
  let running = 0
  let admitted = 0

  const settle = (): void => {
    while (running < workers && visitors.length > 0) start(visitors)
    while (running < workers - 1 && visitors.length === 0 && spares.length > 0) start(spares)
  }
  const start = (queue: Waiter[]): void => {
    running++
    queue.shift()?.admit()
  }
  const release = once(() => {
    running--
    settle()
  })
  const wait = (queue: Waiter[], signal: AbortSignal): Promise<Release> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const leave = (): void => {
        queue.splice(queue.indexOf(waiter), 1)
        reject(signal.reason)
      }
      const waiter: Waiter = {
        admit: () => {
          signal.removeEventListener('abort', leave)
          resolve(release())
        },
      }
      signal.addEventListener('abort', leave, { once: true })
      queue.push(waiter)
      settle()
    })

  return {
    queueTimeoutMs,
    get load() {
      return { running, waiting: visitors.length, admitted }
    },
    admit: () => {
      if (admitted >= workers + queueLength) throw overloaded('The queue is full.')
      admitted++
      const leave = once(() => {
        admitted--
      })()
      return { until: clock.now() + queueTimeoutMs, leave }
    },
    take: async ({ signal, until }) => {
      signal.throwIfAborted()
      if (running < workers && visitors.length === 0) {
        running++
        return release()
      }
      const onTimeout = (): Problem => overloaded('No worker was free in time.')
      return heedDeadline(clock, { ms: leftMs(clock, { until }), signal, onTimeout }, (limited) =>
        wait(visitors, limited),
      )
    },
    takeSpare: (signal) => wait(spares, signal),
  }
}

const overloaded = (message: string): Problem => new Problem('overloaded', message)

/** Makes releases that work once each. */
const once = (work: () => void) => (): Release => {
  let isHeld = true
  return () => {
    if (!isHeld) return
    isHeld = false
    work()
  }
}
