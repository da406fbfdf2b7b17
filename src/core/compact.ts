/** The items that are there, in order: a condition that does not hold leaves its item out. */
export const compact = <T>(...items: readonly (T | false | undefined)[]): readonly T[] =>
  items.filter((item): item is T => item !== false && item !== undefined)
