/**
 * Counts the bytes of rendered answers that visitors have not received yet. They are held in memory, however slowly a
 * visitor reads; a stored picture is streamed from the store instead.
 */
export type Outgoing = ReturnType<typeof createOutgoing>

/** `isFull` from `maxBytes` on. */
export const createOutgoing = (maxBytes: number) => {
  const visitors = new Map<Uint8Array, number>()
  let heldBytes = 0

  const leave = (bytes: Uint8Array): void => {
    const left = (visitors.get(bytes) ?? 0) - 1
    if (left > 0) return void visitors.set(bytes, left)
    visitors.delete(bytes)
    heldBytes -= bytes.length
  }
  return {
    /** Whether so many bytes wait that no more renders may begin. */
    get isFull(): boolean {
      return heldBytes >= maxBytes
    },
    /** Counts these bytes until the returned function is called. Bytes that several visitors receive count once. */
    hold: (bytes: Uint8Array): (() => void) => {
      const before = visitors.get(bytes) ?? 0
      if (before === 0) heldBytes += bytes.length
      visitors.set(bytes, before + 1)
      return () => leave(bytes)
    },
  }
}
