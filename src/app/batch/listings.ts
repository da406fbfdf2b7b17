import { compareBytes } from '../../core/byte-order.ts'
import { isInRange, type KeyRange } from '../../core/key-range.ts'
import { parseSourceKey } from '../../core/source-key.ts'
import type { ListedResult, ListedSource } from '../../plan/group.ts'
import { endOfSource } from '../../plan/source-order.ts'
import { listStraddling } from '../../plan/source-span.ts'
import type { ListOriginalsOptions, Originals } from '../originals.ts'
import type { ListResultsOptions, Results } from '../results.ts'
import { lookAhead } from './look-ahead.ts'

/** The listings of originals and of results of one run. */
interface Listings {
  readonly sources: AsyncIterable<ListedSource>
  readonly results: AsyncIterable<readonly ListedResult[]>
}

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
export const openListings = (options: ListingsOptions): Listings => {
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
