/** Items read ahead of who takes them, and keys with so many of them on both sides. Each may be read once. */
export interface LookAhead<T> {
  readonly items: AsyncIterable<T>
  /** Reads on for each, as long as there is room. */
  readonly splits: AsyncIterable<string>
}

/**
 * Reads sources ahead: the listing of their results is then known to have much on both sides of a key before it comes
 * there, and may be cut at it. `stride` is how many lie between two splits, and behind the last one; `most`, how many are
 * held, is some strides.
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

  /** Whether there was one more. */
  const readOne = async (): Promise<boolean> => {
    const next = await source.next()
    reading = undefined
    if (next.done) return false
    ahead.push(next.value)
    last = next.value.key
    read++
    return true
  }
  // Both sides read, one at a time.
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

/** To take one off the front of a list each time would cost its length. */
const TAKEN_AT_ONCE = 500
