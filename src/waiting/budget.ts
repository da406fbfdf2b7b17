import { onAbort } from './signals.ts'

/** A part of a budget that somebody holds. */
export interface Lease {
  /** Changes the amount from now on, even if that exceeds the capacity; nothing after `release`. */
  resize(amount: number): void
  /** Gives it back; a second call does nothing. */
  release(): void
}

interface AcquireOptions {
  /** An abort during the wait gives up the place in the queue, and rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** For work that nobody waits for: it comes after all others, and only where this much stays free in addition. */
  readonly leaving?: number
}

/** A shared amount of something, given out in the order in which it is asked for. */
export type Budget = ReturnType<typeof openBudget>

interface Waiter {
  readonly amount: number
  readonly leaving: number
  readonly admit: () => void
}

/**
 * A fair weighted semaphore of `capacity` units. The length of its queue is up to its callers. `reclaim` is called
 * where too little is free: it releases a lease that can be spared, or returns false.
 */
export const openBudget = (capacity: number, reclaim: () => boolean = () => false) => {
  let used = 0
  const queue: Waiter[] = []
  const spare: Waiter[] = []

  const bounded = (amount: number): number => Math.min(Math.max(0, amount), capacity)
  const fits = (amount: number): boolean => {
    while (used + amount > capacity) if (!reclaim()) return false
    return true
  }
  let isSettling = false
  /** Looks again who can be served, because something can be reclaimed now. */
  const settle = (): void => {
    if (isSettling) return // `reclaim` releases a lease, which calls this again
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
    let isReleased = false
    used += held
    const resize = (amount: number): void => {
      if (isReleased) return
      const before = held
      held = bounded(amount)
      change(held - before)
    }
    const release = (): void => {
      resize(0)
      isReleased = true
    }
    return { resize, release }
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
    /** How much is taken now; more than the capacity only after a {@link Lease.resize}. */
    get used(): number {
      return used
    },
    /** How many wait, without those that use `leaving`. */
    get waiting(): number {
      return queue.length
    },
    /**
     * Waits until `amount` is free and everyone who asked earlier has been served: small requests never hold up a
     * large one for ever. An amount above the capacity counts as all of it, so that it is served, alone.
     */
    acquire: (amount: number, options: AcquireOptions = {}): Promise<Lease> =>
      wait(options.leaving === undefined ? queue : spare, amount, options),
    /** As `acquire`, but without a wait; undefined where it would have to wait. */
    tryAcquire: (amount: number): Lease | undefined =>
      queue.length > 0 || !fits(bounded(amount)) ? undefined : lease(amount),
    settle,
  }
}
