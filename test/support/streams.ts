/** All items of a stream (Node 20 has no Array.fromAsync). */
export const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** A list as a stream. */
export async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}
