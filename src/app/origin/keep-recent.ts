import { LRUCache } from 'lru-cache'

/** Keeps the `most` values used last. With its own option `max`, lru-cache takes the memory for all at once. */
export const keepRecent = <K extends string, V extends object | string | number>(
  most: number,
): LRUCache<K, V> => new LRUCache({ maxSize: most, sizeCalculation: () => 1 })
