/**
 * Memory for originals that is used again. Memory that is thrown away costs time: V8 frees it only by marking its
 * whole heap, and does so after each 15 MB or so. Measured: 6 of the 31 ms of CPU that an origin spends on a picture
 * of 1.4 MB.
 */
export type BufferPool = ReturnType<typeof createBufferPool>

/** For smaller buffers the pool costs more than it saves. */
const MIN_BYTES = 64 * 1024
/** Number of sizes between one power of two and the next: at most an eighth of a buffer is unused. */
const SIZES_PER_OCTAVE = 8

/** Keeps up to `maxSpareBytes` for later use; beyond that, it drops those unused for longest. */
export const createBufferPool = (maxSpareBytes: number) => {
  const own = new WeakSet<ArrayBufferLike>()
  /** In the order in which they were given back: one set for each size, and one of all. */
  const spare = new Set<ArrayBuffer>()
  let spareBytes = 0

  const remove = (buffer: ArrayBuffer): void => {
    spare.delete(buffer)
    spareBytes -= buffer.byteLength
  }
  const findSpare = (bufferBytes: number): ArrayBuffer | undefined => {
    for (const buffer of spare) if (buffer.byteLength === bufferBytes) return buffer
    return undefined
  }

  return {
    /** Memory of exactly this size. Its content is not defined. */
    take: (sizeBytes: number): Uint8Array => {
      if (sizeBytes < MIN_BYTES) return new Uint8Array(sizeBytes)
      const bufferBytes = toBufferBytes(sizeBytes)
      const found = findSpare(bufferBytes)
      if (found !== undefined) remove(found)
      const buffer = found ?? allocate(bufferBytes)
      own.add(buffer)
      return new Uint8Array(buffer, 0, sizeBytes)
    },
    /** Takes memory back: nobody may use it from now on. Memory that did not come from here is ignored. */
    give: ({ buffer }: Uint8Array): void => {
      if (!(buffer instanceof ArrayBuffer) || !own.has(buffer) || spare.has(buffer)) return
      spare.add(buffer)
      spareBytes += buffer.byteLength
      for (const buffer of spare) {
        if (spareBytes <= maxSpareBytes) return
        remove(buffer)
      }
    },
  }
}

const toBufferBytes = (sizeBytes: number): number => {
  const step = 2 ** Math.ceil(Math.log2(sizeBytes)) / 2 / SIZES_PER_OCTAVE
  return Math.ceil(sizeBytes / step) * step
}

/** Not filled with zeros: the caller overwrites it at once. */
const allocate = (sizeBytes: number): ArrayBuffer => Buffer.allocUnsafeSlow(sizeBytes).buffer as ArrayBuffer
