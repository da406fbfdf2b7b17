/**
 * Memory for originals that is used again. Whatever is let go of is garbage that V8 frees only by marking its whole
 * heap, and it marks whenever some 15 MB have come together: of an origin that makes a picture of 1.4 MB in 31 ms of
 * CPU, 6 ms were that.
 */
export interface Slabs {
  /** Memory of exactly this size; what it holds is not defined. */
  take(sizeBytes: number): Uint8Array
  /** Nobody may read or write it from now on. Memory that did not come from here is left to V8. */
  give(bytes: Uint8Array): void
}

/** Smaller ones cost less as garbage than to look after. */
const MIN_BYTES = 64 * 1024
/** So many sizes between one power of two and the next: at most an eighth of a slab is not used. */
const SIZES_PER_OCTAVE = 8

/** Keeps up to `maxSpareBytes` for those to come; beyond that the longest unused go. */
export const createSlabs = (maxSpareBytes: number): Slabs => {
  const own = new WeakSet<ArrayBufferLike>()
  /** In the order they were given, by size as well as all together. */
  const spare = new Set<ArrayBuffer>()
  let spareBytes = 0

  const remove = (slab: ArrayBuffer): void => {
    spare.delete(slab)
    spareBytes -= slab.byteLength
  }
  const findSpare = (slabBytes: number): ArrayBuffer | undefined => {
    for (const slab of spare) if (slab.byteLength === slabBytes) return slab
    return undefined
  }

  return {
    take: (sizeBytes) => {
      if (sizeBytes < MIN_BYTES) return new Uint8Array(sizeBytes)
      const slabBytes = toSlabBytes(sizeBytes)
      const found = findSpare(slabBytes)
      if (found !== undefined) remove(found)
      const slab = found ?? allocate(slabBytes)
      own.add(slab)
      return new Uint8Array(slab, 0, sizeBytes)
    },
    give: ({ buffer }) => {
      if (!(buffer instanceof ArrayBuffer) || !own.has(buffer) || spare.has(buffer)) return
      spare.add(buffer)
      spareBytes += buffer.byteLength
      for (const slab of spare) {
        if (spareBytes <= maxSpareBytes) return
        remove(slab)
      }
    },
  }
}

const toSlabBytes = (sizeBytes: number): number => {
  const step = 2 ** Math.ceil(Math.log2(sizeBytes)) / 2 / SIZES_PER_OCTAVE
  return Math.ceil(sizeBytes / step) * step
}

/** Not zeroed: it is written to at once. */
const allocate = (sizeBytes: number): ArrayBuffer => Buffer.allocUnsafeSlow(sizeBytes).buffer as ArrayBuffer
