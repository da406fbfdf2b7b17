/** How many of the first items pass the test, where all that pass stand before all others. */
export const countFirst = <T extends object | number>(
  items: readonly T[],
  passes: (item: T) => boolean,
): number => {
  let low = 0
  for (let high = items.length; low < high; ) {
    const middle = (low + high) >> 1
    const item = items[middle]
    if (item !== undefined && passes(item)) low = middle + 1
    else high = middle
  }
  return low
}
