import { LRUCache } from 'lru-cache'

/**
 * Keeps up to `most` values, and drops those that were used longest ago. It grows with them: with its own option `max`,
 * lru-cache takes the memory for all at once, and 8 ms for 100,000.
 */
export const keepRecent = <K extends string, V extends object | string | number>(
  most: number,
): LRUCache<K, V> => new LRUCache({ maxSize: most, sizeCalculation: () => 1 })
