/**
 * Memory for originals that is used again. Whatever is let go of is garbage that V8 frees only by marking its whole
 * heap, and it marks whenever some 15 MB have come together: of an origin that makes a picture of 1.4 MB in 31 ms of
 * CPU, 6 ms were that.
 */
export interface BufferPool {
  /** Memory of exactly this size; what it holds is not defined. */
  take(sizeBytes: number): Uint8Array
  /** Nobody may read or write it from now on. Memory that did not come from here is left to V8. */
  give(bytes: Uint8Array): void
}

/** Smaller ones cost less as garbage than to look after. */
const MIN_BYTES = 64 * 1024
/** So many sizes between one power of two and the next: at most an eighth of a buffer is not used. */
const SIZES_PER_OCTAVE = 8

/** Keeps up to `maxSpareBytes` for those to come; beyond that the longest unused go. */
export const createBufferPool = (maxSpareBytes: number): BufferPool => {
  const own = new WeakSet<ArrayBufferLike>()
  /** In the order they were given, by size as well as all together. */
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
    take: (sizeBytes) => {
      if (sizeBytes < MIN_BYTES) return new Uint8Array(sizeBytes)
      const bufferBytes = toBufferBytes(sizeBytes)
      const found = findSpare(bufferBytes)
      if (found !== undefined) remove(found)
      const buffer = found ?? allocate(bufferBytes)
      own.add(buffer)
      return new Uint8Array(buffer, 0, sizeBytes)
    },
    give: ({ buffer }) => {
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

/** Not zeroed: it is written to at once. */
const allocate = (sizeBytes: number): ArrayBuffer => Buffer.allocUnsafeSlow(sizeBytes).buffer as ArrayBuffer
