/**
 * Memory for the original of one task after the other. Memory that was used before costs a quarter: of new memory, the
 * system hands out page by page, filled with zeros. Keeps up to `mostKeptBytes`: larger originals, and what is taken
 * beside another, get memory of their own.
 */
export const createOriginalMemory = (mostKeptBytes: number) => {
  let kept: Buffer<ArrayBuffer> | undefined
  let isTaken = false
  return {
    /** Memory of exactly this size. Its content is not defined. */
    take: (sizeBytes: number): Buffer<ArrayBuffer> => {
      if (isTaken || sizeBytes > mostKeptBytes) return Buffer.allocUnsafeSlow(sizeBytes)
      if (kept === undefined || kept.length < sizeBytes) kept = Buffer.allocUnsafeSlow(sizeBytes)
      isTaken = true
      return kept.subarray(0, sizeBytes)
    },
    /** Nobody reads any more what was taken: the next task gets it. */
    giveBack: (): void => {
      isTaken = false
    },
    /** Somebody may read it still, so nobody else gets it. */
    leave: (): void => {
      kept = undefined
      isTaken = false
    },
  }
}
