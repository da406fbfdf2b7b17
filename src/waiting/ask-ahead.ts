/** The same items in the same order; `most` of them are requested before they are needed. */
export const askAhead = <T>(items: AsyncGenerator<T>, most: number): AsyncGenerator<T> => {
  // A generator that is asked again before it has answered gives its answers one after the other.
  const coming: Promise<IteratorResult<T>>[] = []
  const ask = (): void => {
    const next = items.next()
    next.catch(() => {}) // thrown where it is awaited, if the reader comes to it
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
