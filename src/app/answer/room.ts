/** Bytes that may be held at once; whoever wants more waits for others to give some back. */
export interface Room {
  /** Waits for so many bytes, in the order asked for; one that is more than all there is gets in alone. */
  take(bytes: number, signal: AbortSignal): Promise<void>
  give(bytes: number): void
  /** Gives back what was reserved and counts what it really was. */
  swap(reserved: number, held: number): void
  /** Something has become evictable. */
  settle(): void
}

interface Waiter {
  readonly bytes: number
  readonly admit: () => void
}

/** `evictOne` gives back what it evicts, and says whether there was anything to evict. */
export const createRoom = (maxBytes: number, evictOne: () => boolean): Room => {
  const queue: Waiter[] = []
  let used = 0

  const fits = (bytes: number): boolean => {
    while (used > 0 && used + bytes > maxBytes) if (!evictOne()) return false
    return true
  }
  let isSettling = false
  const settle = (): void => {
    if (isSettling) return // evicting gives back, which would settle again
    isSettling = true
    for (let first = queue[0]; first !== undefined && fits(first.bytes); first = queue[0]) {
      queue.shift()
      used += first.bytes
      first.admit()
    }
    isSettling = false
  }
  const change = (bytes: number): void => {
    used += bytes
    settle()
  }

  return {
    take: (bytes, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        const leave = (): void => {
          queue.splice(queue.indexOf(waiter), 1)
          reject(signal.reason)
          settle()
        }
        const waiter: Waiter = {
          bytes,
          admit: () => {
            signal.removeEventListener('abort', leave)
            resolve()
          },
        }
        signal.addEventListener('abort', leave, { once: true })
        queue.push(waiter)
        settle()
      }),
    give: (bytes) => change(-bytes),
    swap: (reserved, held) => change(held - reserved),
    settle,
  }
}
