/** Gives back what {@link Budget.acquire} took; a second call does nothing. */
export type Release = () => void

/** A shared amount of something, handed out in the order asked for. */
export interface Budget {
  /** What is taken now; never above the capacity. */
  readonly used: number
  readonly waiting: number
  /**
   * Waits until `amount` is free and everyone who asked before has been served: small requests never starve a
   * large one. An amount above the capacity counts as the whole of it, so that such a job runs, alone. An abort
   * while waiting gives up the place and rejects with the signal's reason.
   */
  acquire(amount: number, signal?: AbortSignal): Promise<Release>
  /** What `acquire` would give without a wait; undefined where there would be one. */
  tryAcquire(amount: number): Release | undefined
}

interface Waiter {
  readonly amount: number
  readonly admit: () => void
}

/** A fair weighted semaphore of `capacity` units. Its queue is as long as its callers let it become. */
export const openBudget = (capacity: number): Budget => {
  let used = 0
  const queue: Waiter[] = []

  const admitWaiters = (): void => {
    for (let first = queue[0]; first !== undefined && used + first.amount <= capacity; first = queue[0]) {
      queue.shift()
      take(first.amount)
      first.admit()
    }
  }
  const take = (amount: number): void => {
    used += amount
  }
  const releaserOf = (amount: number): Release => {
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      take(-amount)
      admitWaiters()
    }
  }

  const bounded = (amount: number): number => Math.min(Math.max(0, amount), capacity)

  return {
    get used() {
      return used
    },
    get waiting() {
      return queue.length
    },
    acquire: (wanted, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const amount = bounded(wanted)
        const leave = (): void => {
          queue.splice(queue.indexOf(waiter), 1)
          reject(signal?.reason)
          admitWaiters()
        }
        const waiter: Waiter = {
          amount,
          admit: () => {
            signal?.removeEventListener('abort', leave)
            resolve(releaserOf(amount))
          },
        }
        signal?.addEventListener('abort', leave, { once: true })
        queue.push(waiter)
        admitWaiters()
      }),
    tryAcquire: (wanted) => {
      const amount = bounded(wanted)
      if (queue.length > 0 || used + amount > capacity) return undefined
      take(amount)
      return releaserOf(amount)
    },
  }
}
