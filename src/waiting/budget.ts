import { onAbort } from './signals.ts'

/** What somebody has of a budget. */
export interface Lease {
  /** It turns out to be another amount: counted from now on, whatever else is taken. */
  resize(amount: number): void
  /** Gives it back; a second call does nothing. */
  release(): void
}

interface AcquireOptions {
  /** An abort while waiting gives up the place and rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** For work that nobody waits for: after all others, and only where so much stays free beside it. */
  readonly leaving?: number
}

/** A shared amount of something, handed out in the order asked for. */
export interface Budget {
  /** What is taken now; above the capacity only after a {@link Lease.resize}. */
  readonly used: number
  /** How many wait, but for those who leave something free. */
  readonly waiting: number
  /**
   * Waits until `amount` is free and everyone who asked before has been served: small requests never starve a
   * large one. An amount above the capacity counts as the whole of it, so that such a job runs, alone.
   */
  acquire(amount: number, options?: AcquireOptions): Promise<Lease>
  /** What `acquire` would give without a wait; undefined where there would be one. */
  tryAcquire(amount: number): Lease | undefined
  /** Looks again who can be served: something can be reclaimed that could not before. */
  settle(): void
}

interface Waiter {
  readonly amount: number
  readonly leaving: number
  readonly admit: () => void
}

/**
 * A fair weighted semaphore of `capacity` units. Its queue is as long as its callers let it become. `reclaim` is asked for
 * more where there is too little: it releases a lease that can be spared, or answers false.
 */
export const openBudget = (capacity: number, reclaim: () => boolean = () => false): Budget => {
  let used = 0
  const queue: Waiter[] = []
  const spare: Waiter[] = []

  const bounded = (amount: number): number => Math.min(Math.max(0, amount), capacity)
  const fits = (amount: number): boolean => {
    while (used + amount > capacity) if (!reclaim()) return false
    return true
  }
  let isSettling = false
  const settle = (): void => {
    if (isSettling) return // what is reclaimed is released, which settles again
    isSettling = true
    admitFirst(queue)
    if (queue.length === 0) admitFirst(spare)
    isSettling = false
  }
  const admitFirst = (waiters: Waiter[]): void => {
    for (let next = waiters[0]; next && fits(next.amount + next.leaving); next = waiters[0]) {
      waiters.shift()
      next.admit()
    }
  }
  const change = (amount: number): void => {
    used += amount
    if (amount < 0) settle()
  }
  const lease = (wanted: number): Lease => {
    let held = bounded(wanted)
    used += held
    const resize = (amount: number): void => {
      const before = held
      held = bounded(amount)
      change(held - before)
    }
    return { resize, release: () => resize(0) }
  }
  const wait = (waiters: Waiter[], amount: number, { signal, leaving = 0 }: AcquireOptions): Promise<Lease> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const stop = onAbort(signal, () => {
        waiters.splice(waiters.indexOf(waiter), 1)
        reject(signal?.reason)
        settle()
      })
      const admit = (): void => {
        stop()
        resolve(lease(amount))
      }
      const waiter: Waiter = { amount: bounded(amount), leaving, admit }
      waiters.push(waiter)
      settle()
    })

  return {
    get used() {
      return used
    },
    get waiting() {
      return queue.length
    },
    acquire: (amount, options = {}) => wait(options.leaving === undefined ? queue : spare, amount, options),
    tryAcquire: (amount) => (queue.length > 0 || !fits(bounded(amount)) ? undefined : lease(amount)),
    settle,
  }
}
