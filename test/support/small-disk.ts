import { Problem } from '../../src/core/problem.ts'
import type { WritableStore } from '../../src/store/port.ts'

const BLOCK_BYTES = 4096

const toBlocks = (sizeBytes: number): number => Math.max(1, Math.ceil(sizeBytes / BLOCK_BYTES))

/** The same store on a disk of so many blocks: an object takes whole ones, the old one until the new one stands. */
export const asSmallDisk = (
  inner: WritableStore,
  blocks: number,
): WritableStore & { grow(more: number): void; fill(): void } => {
  const used = new Map<string, number>()
  let free = blocks
  const take = (name: string, sizeBytes: number): void => {
    const wanted = toBlocks(sizeBytes)
    if (wanted > free) throw new Problem('store-full', `"${name}": the disk is full`)
    free -= wanted - (used.get(name) ?? 0)
    used.set(name, wanted)
  }
  const release = (name: string): void => {
    free += used.get(name) ?? 0
    used.delete(name)
  }
  let reserved = 0
  return {
    ...inner,
    grow: (more) => {
      free += more
    },
    fill: () => {
      free = 0
    },
    put: async (key, bytes, options) => {
      take(key, bytes.length)
      return inner.put(key, bytes, options)
    },
    deleteAll: async (keys, options) => {
      for (const key of keys) release(key)
      return inner.deleteAll(keys, options)
    },
    reserve: async () => {
      if (free === 0) return async () => {}
      const name = `reserved ${++reserved}`
      take(name, BLOCK_BYTES)
      return async () => release(name)
    },
  }
}
