/** The same items in the same order, `most` of them asked for before they are needed. */
export const askAhead = <T>(items: AsyncGenerator<T>, most: number): AsyncGenerator<T> => {
  // Of a generator that is asked again before it has answered, the answers come one after the other.
  const coming: Promise<IteratorResult<T>>[] = []
  const ask = (): void => {
    const next = items.next()
    next.catch(() => {}) // thrown where it is awaited, unless nobody reads on
    coming.push(next)
  }
  for (let i = 0; i < most; i++) ask()
  return (async function* () {
    for (let next = await coming.shift(); next !== undefined && !next.done; next = await coming.shift()) {
      ask()
      yield next.value
    }
  })()
}
