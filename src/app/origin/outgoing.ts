/**
 * Bytes of answers that were made and that their visitors have not taken yet. What is read from a store waits there;
 * these wait in memory, however slowly somebody reads.
 */
export interface Outgoing {
  /** Whether there are so many that no more are to be made. */
  readonly isFull: boolean
  /** Counts them until the function given back is called: once, however many visitors have the same. */
  hold(bytes: Uint8Array): () => void
}

export const createOutgoing = (maxBytes: number): Outgoing => {
  const visitors = new Map<Uint8Array, number>()
  let heldBytes = 0

  const leave = (bytes: Uint8Array): void => {
    const left = (visitors.get(bytes) ?? 0) - 1
    if (left > 0) return void visitors.set(bytes, left)
    visitors.delete(bytes)
    heldBytes -= bytes.length
  }
  return {
    get isFull() {
      return heldBytes >= maxBytes
    },
    hold: (bytes) => {
      const before = visitors.get(bytes) ?? 0
      if (before === 0) heldBytes += bytes.length
      visitors.set(bytes, before + 1)
      return () => leave(bytes)
    },
  }
}
