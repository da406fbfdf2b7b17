import { compareBytes, isInRange, type KeyRange } from '../../core/byte-order.ts'
import { parseSourceKey } from '../../core/source-key.ts'
import type { ListedResult } from '../../plan/group.ts'
import { endOfSource } from '../../plan/source-order.ts'
import { listStraddling } from '../../plan/source-span.ts'
import type { ListOriginalsOptions, Originals } from '../originals.ts'
import type { ListResultsOptions, Results } from '../results.ts'

interface ListingsOptions {
  readonly originals: Originals
  readonly results: Results
  /** Which keys are listed: sources that have keys in this range, and results in this range. */
  readonly range: KeyRange | undefined
  readonly ofOriginals: Omit<ListOriginalsOptions, 'range'>
  readonly ofResults: Omit<ListResultsOptions, keyof KeyRange | 'splits'>
}

/** Results between two splits: almost eight pages of S3. One result more than eight pages would cost a ninth. */
const RESULTS_PER_PIECE = 7_500
/** So many results must be seen before the first cut, to know how many a source has. */
const RESULTS_TO_LEARN_FROM = 500
const MOST_STRIDE = 2_000
const MOST_AHEAD = 12 * MOST_STRIDE

/**
 * Lists originals and results at once. There are many more results than originals, and the names of the originals tell
 * where they lie: so the listing of results is cut into pieces, listed side by side. A short listing is not cut.
 */
export const openListings = (options: ListingsOptions) => {
  const { originals, range } = options
  const density = createDensity()
  const stride = async (): Promise<number> => {
    const perSource = Math.max(await density.resultsPerSource(), RESULTS_PER_PIECE / MOST_STRIDE)
    return Math.max(1, Math.round(RESULTS_PER_PIECE / perSource))
  }
  const listing = originals.list({ ...options.ofOriginals, range })
  const { items, splits } = lookAhead(listing, { stride, most: MOST_AHEAD })
  return {
    sources: whenDone(items, () => density.add({ sources: 1, results: 0 })),
    results: whenDone(listResults(options, splits), ({ length }) =>
      density.add({ sources: 0, results: length }),
    ),
  }
}

/** Estimates how many results a source has, from those seen recently. */
const createDensity = () => {
  let sources = 0
  let results = 0
  let isLearnt = (): void => {}
  const learnt = new Promise<void>((resolve) => {
    isLearnt = resolve
  })
  return {
    add: (more: { readonly sources: number; readonly results: number }): void => {
      sources += more.sources
      results += more.results
      if (results >= RESULTS_TO_LEARN_FROM) isLearnt()
      // Old counts weigh less and less: another folder may have other sizes.
      if (results < 4 * RESULTS_PER_PIECE && sources < 4 * MOST_STRIDE) return
      sources /= 2
      results /= 2
    },
    /** Waits until enough was seen for an estimate, which may never happen. */
    resultsPerSource: async (): Promise<number> => {
      await learnt
      return results / Math.max(sources, 1)
    },
  }
}

/** Tells of each item when the next one is asked for. */
async function* whenDone<T>(items: AsyncIterable<T>, tell: (item: T) => void): AsyncGenerator<T> {
  for await (const item of items) {
    yield item
    tell(item)
  }
}

/** The results of all sources of a range. A few sources have results outside it: see `listStraddling`. */
async function* listResults(
  { originals, results, range = {}, ofResults }: ListingsOptions,
  splits: AsyncIterable<string>,
): AsyncGenerator<readonly ListedResult[]> {
  const { upTo, ...open } = range
  if (upTo === undefined) return yield* results.listPages({ ...ofResults, ...open, splits })
  const end = endOfSource(upTo)
  yield* results.listPages({ ...ofResults, ...open, upTo: end, splits })
  const { signal } = ofResults
  const beyond: ListedResult[] = []
  for (const text of listStraddling(upTo)) {
    const source = parseSourceKey(text)
    if (source === undefined || !isInRange(source, range)) continue
    if ((await originals.find(source, { signal })) === undefined) continue
    for await (const result of results.listOf(source, { signal }))
      if (compareBytes(result.key, end) > 0) beyond.push(result)
  }
  if (beyond.length > 0) yield beyond.sort((a, b) => compareBytes(a.key, b.key))
}

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
