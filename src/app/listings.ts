import { compareBytes } from '../core/byte-order.ts'
import { isInRange, type KeyRange } from '../core/key-range.ts'
import { parseSourceKey } from '../core/source-key.ts'
import type { ListedResult, ListedSource } from '../plan/group.ts'
import { endOfSource } from '../plan/source-order.ts'
import { listStraddling } from '../plan/source-span.ts'
import { lookAhead } from './look-ahead.ts'
import type { ListOriginalsOptions, Originals } from './originals.ts'
import type { ListResultsOptions, Results } from './results.ts'

/** Both listings of one run. */
export interface Listings {
  readonly sources: AsyncIterable<ListedSource>
  readonly results: AsyncIterable<readonly ListedResult[]>
}

export interface ListingsOptions {
  readonly originals: Originals
  readonly results: Results
  /** Of sources those with keys in it, and of results all of these. */
  readonly range: KeyRange | undefined
  readonly ofOriginals: Omit<ListOriginalsOptions, 'range'>
  readonly ofResults: Omit<ListResultsOptions, keyof KeyRange | 'splits'>
}

/** As many results between two splits as eight pages of S3 have, and a few less: one more would cost a page more. */
const RESULTS_PER_PIECE = 7_500
/** Sources between two splits: few while nobody knows how many results they have. */
const FIRST_STRIDE = 100
const MOST_STRIDE = 2_000
const MOST_AHEAD = 12 * MOST_STRIDE

/**
 * Lists originals and results at once. The names of the originals say where the results lie, of which there are many
 * times as many: so their listing is cut into pieces that are listed side by side.
 */
export const openListings = (options: ListingsOptions): Listings => {
  const { originals, range } = options
  const seen = { sources: 0, results: 0 }
  const stride = (): number => {
    if (seen.sources < FIRST_STRIDE) return FIRST_STRIDE
    const perSource = Math.max(seen.results / seen.sources, RESULTS_PER_PIECE / MOST_STRIDE)
    return Math.max(1, Math.round(RESULTS_PER_PIECE / perSource))
  }
  const listing = originals.list({ ...options.ofOriginals, ...(range && { range }) })
  const { items, splits } = lookAhead(listing, { stride, most: MOST_AHEAD })
  return {
    sources: count(items, () => seen.sources++),
    results: count(listResults(options, splits), (page) => {
      seen.results += page.length
    }),
  }
}

async function* count<T>(items: AsyncIterable<T>, onItem: (item: T) => void): AsyncGenerator<T> {
  for await (const item of items) {
    onItem(item)
    yield item
  }
}

/** The results of all sources of a range. Those of a few lie beyond it: see `listStraddling`. */
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
    if ((await originals.find(source, { ...(signal && { signal }) })) === undefined) continue
    for await (const result of results.listOf(source, { ...(signal && { signal }) }))
      if (compareBytes(result.key, end) > 0) beyond.push(result)
  }
  if (beyond.length > 0) yield beyond.sort((a, b) => compareBytes(a.key, b.key))
}
