import { compareBytes } from '../../core/byte-order.ts'

/** How often a text came. */
export interface Counted {
  readonly text: string
  /** At least so often; exactly so often while no more different texts came than are kept. */
  readonly hits: number
}

/** The most frequent texts of a stream. */
export type Frequent = ReturnType<typeof createFrequent>

interface Counter {
  count: number
  /** By how much `count` may be too high: the count of the text that this one replaced. */
  readonly error: number
}

/**
 * Counts in limited memory, by the Space-Saving algorithm: when there is no space, a new text replaces one of the least
 * frequent ones and takes its count (Metwally, Agrawal, El Abbadi: Efficient Computation of Frequent and Top-k
 * Elements in Data Streams, ICDT 2005). Of N texts in all, each that came more than N / `most` times is kept. Each
 * `add` costs the same, because counts rise by one, and texts with equal counts are kept together.
 */
export const createFrequent = (most: number) => {
  const counters = new Map<string, Counter>()
  const byCount = new Map<number, Set<string>>()
  let least = 1
  let isFull = false

  const put = (text: string, count: number): void => {
    const equals = byCount.get(count)
    if (equals === undefined) byCount.set(count, new Set([text]))
    else equals.add(text)
  }
  const take = (text: string, count: number): void => {
    const equals = byCount.get(count)
    equals?.delete(text)
    if (equals?.size === 0) byCount.delete(count)
  }
  /** A text with the lowest count moves to the next count, or is replaced by a new text there. */
  const raise = (from: number): void => {
    if (from === least && !byCount.has(from)) least = from + 1
  }
  const replaceLeast = (text: string): void => {
    const [spent] = byCount.get(least) ?? []
    if (spent === undefined) throw new Error('nothing has the lowest count')
    const error = least
    counters.delete(spent)
    take(spent, error)
    counters.set(text, { count: error + 1, error })
    put(text, error + 1)
    raise(error)
  }

  return {
    /** Whether more different texts came than are kept, so that rare ones are missing. */
    get isFull(): boolean {
      return isFull
    },
    add: (text: string): void => {
      const known = counters.get(text)
      if (known !== undefined) {
        const { count } = known
        take(text, count)
        put(text, count + 1)
        known.count++
        raise(count)
      } else if (counters.size < most) {
        counters.set(text, { count: 1, error: 0 })
        put(text, 1)
        least = 1
      } else {
        isFull = true
        replaceLeast(text)
      }
    },
    /** The most frequent first; with equal counts in byte order. */
    list: (): readonly Counted[] =>
      [...counters]
        .map(([text, { count, error }]) => ({ text, hits: count - error }))
        .sort((a, b) => b.hits - a.hits || compareBytes(a.text, b.text)),
  }
}
