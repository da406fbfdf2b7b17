/** Items that are read before they are needed, and keys between them. Each of the two may be read once. */
interface LookAhead<T> {
  readonly items: AsyncIterable<T>
  /** Keys with enough items on both sides; asking for one reads more items, as long as there is room. */
  readonly splits: AsyncIterable<string>
}

/**
 * Reads sources ahead. Then it is known, before the listing of their results comes to a key, that much lies on both
 * sides of it, and the listing may be cut there. `stride`: how many sources lie between two splits, and after the last
 * one; `most`: how many are held, a few strides.
 */
export const lookAhead = <T extends { readonly key: string }>(
  given: AsyncIterable<T>,
  { stride, most }: { readonly stride: () => Promise<number>; readonly most: number },
): LookAhead<T> => {
  const source = given[Symbol.asyncIterator]()
  const ahead: T[] = []
  let taken = 0
  let read = 0
  let last = ''
  let reading: Promise<boolean> | undefined
  let wake = (): void => {}

  /** Whether there was another item. */
  const readOne = async (): Promise<boolean> => {
    const next = await source.next()
    reading = undefined
    if (next.done) return false
    ahead.push(next.value)
    last = next.value.key
    read++
    return true
  }
  // Both iterators call this; only one read happens at a time.
  const readMore = (): Promise<boolean> => {
    reading ??= readOne()
    return reading
  }
  async function* take(): AsyncGenerator<T> {
    try {
      for (;;) {
        while (taken === ahead.length) if (!(await readMore())) return
        const item = ahead[taken++]
        if (taken >= TAKEN_AT_ONCE) {
          ahead.splice(0, taken)
          taken = 0
          wake()
        }
        if (item !== undefined) yield item
      }
    } finally {
      await source.return?.()
    }
  }
  async function* split(): AsyncGenerator<string> {
    for (let split: string | undefined; ; split = last) {
      for (const end = (await stride()) + read; read < end; )
        if (ahead.length < most) {
          if (!(await readMore())) return
        } else
          await new Promise<void>((resolve) => {
            wake = resolve
          })
      if (split !== undefined) yield split
    }
  }
  return { items: take(), splits: split() }
}

/** Taking items off the front of an array one by one would cost its length each time. */
const TAKEN_AT_ONCE = 500
