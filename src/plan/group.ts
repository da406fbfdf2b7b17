import { compareBytes } from '../core/byte-order.ts'
import type { Mark } from '../core/mark.ts'
import { parseSourceKey, type Source, type SourceKey } from '../core/source-key.ts'
import type { VerifiedKey } from '../url/keyring.ts'
import type { LedgerEntry } from './ledger-entry.ts'
import { compareSources, endOfSource } from './source-order.ts'

/** A result of ours as the output's listing shows it. */
export interface ListedResult extends VerifiedKey {
  readonly sizeBytes: number
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
  readonly mark: Mark | undefined
}

/** An original as the plan sees it. */
export interface ListedSource extends Source {
  /** Whether `include` names it: `build` makes its sizes ahead. */
  readonly isIncluded: boolean
}

/** Everything that is known of one source: all that a decision about it needs. */
export interface SourceGroup {
  readonly key: SourceKey
  /** Absent: no such original any more, unless the group `isUnlisted`. */
  readonly source?: ListedSource
  /** Its source cannot be listed: nobody has said whether there is such an original. */
  readonly isUnlisted?: true
  readonly results: readonly ListedResult[]
  /** Nobody has said what results of it stand. */
  readonly areResultsUnlisted?: true
  /** Its results stand in a folder that the store spells otherwise. */
  readonly isMisspelt?: true
  readonly known?: LedgerEntry
}

/** Three streams, each in its own order; see {@link groupBySource}. */
export interface GroupInput {
  /** In byte order of keys. */
  readonly sources: AsyncIterable<ListedSource>
  /** In byte order of keys, in pieces of any length: there are many more of them than of the others. */
  readonly results: AsyncIterable<readonly ListedResult[]>
  /** In the order of `compareSources`, each source once. */
  readonly ledger: AsyncIterable<LedgerEntry>
  /** Whether results may stand that the listing does not show: those that the ledger alone knows get a group. */
  readonly mayHide?: boolean
}

/**
 * Merges both listings and the ledger into one group per source, in the order of `compareSources`. What the ledger
 * alone knows is passed over, but for aliases: they may stand though neither source nor result does any more; and for
 * results where the listing may hide some.
 *
 * Only sources that are a prefix of the current position are held open: p stays open while the position is below
 * p + "0", and every such p is a prefix of the position. Memory is that chain and the results of its members,
 * whatever the length of the listings.
 */
export async function* groupBySource(input: GroupInput): AsyncGenerator<SourceGroup> {
  yield* joinLedger(groupListings(input.sources, input.results), input)
}

interface OpenGroup {
  readonly key: SourceKey
  readonly end: string
  source?: ListedSource
  readonly results: ListedResult[]
}

async function* groupListings(
  sources: AsyncIterable<ListedSource>,
  results: AsyncIterable<readonly ListedResult[]>,
): AsyncGenerator<SourceGroup> {
  const chain: OpenGroup[] = []
  const open = (key: SourceKey): OpenGroup => {
    // A source sorts before its results, so its group is open already if there is such a source. Without one,
    // a longer member may stand open: "a/640w" is a prefix of the key "a/640w.q80.….webp", whose source is "a".
    const known = chain.findLast((group) => group.key === key)
    if (known !== undefined) return known
    const group: OpenGroup = { key, end: endOfSource(key), results: [] }
    const place = chain.findIndex((other) => other.key.length > key.length)
    chain.splice(place === -1 ? chain.length : place, 0, group)
    return group
  }

  const left = sources[Symbol.asyncIterator]()
  const right = openPages(results)
  let source = await left.next()
  let result = await right.next()
  while (!source.done || result !== undefined) {
    const takesSource =
      !source.done && (result === undefined || compareBytes(source.value.key, result.key) <= 0)
    const position: string = takesSource ? source.value.key : (result?.key ?? '')
    for (;;) {
      const last = chain.at(-1)
      if (last === undefined || compareBytes(position, last.end) < 0) break
      chain.pop()
      yield last
    }
    if (takesSource) {
      open(source.value.key).source = source.value
      source = await left.next()
      continue
    }
    if (result === undefined) continue
    // All that follows of the same source, without a look at each key: what sorts among it lies below that source, is
    // still to come, and ends before it.
    const group = open(result.variant.source)
    do {
      group.results.push(result)
      const next = right.next()
      result = next instanceof Promise ? await next : next
    } while (result?.variant.source === group.key)
  }
  for (const group of chain.reverse()) yield group
}

/** One value after the other; only the first of each piece is waited for. */
const openPages = <T>(pages: AsyncIterable<readonly T[]>) => {
  const iterator = pages[Symbol.asyncIterator]()
  let page: readonly T[] = []
  let place = 0
  const turn = async (): Promise<T | undefined> => {
    do {
      const next = await iterator.next()
      if (next.done) return undefined
      page = next.value
      place = 0
    } while (page.length === 0)
    return page[place++]
  }
  return {
    next: (): T | undefined | Promise<T | undefined> => (place < page.length ? page[place++] : turn()),
  }
}

async function* joinLedger(
  groups: AsyncIterable<SourceGroup>,
  { ledger, mayHide = false }: Pick<GroupInput, 'ledger' | 'mayHide'>,
): AsyncGenerator<SourceGroup> {
  const entries = ledger[Symbol.asyncIterator]()
  let entry = await entries.next()
  const passOver = async function* (isPast: (source: string) => boolean): AsyncGenerator<SourceGroup> {
    for (; !entry.done && !isPast(entry.value.source); entry = await entries.next()) {
      const { aliases, results, source } = entry.value
      const isWorth = aliases.length > 0 || (mayHide && results.length > 0)
      const key = isWorth ? parseSourceKey(source) : undefined
      if (key !== undefined) yield { key, results: [], known: entry.value }
    }
  }
  for await (const group of groups) {
    yield* passOver((source) => compareSources(source, group.key) >= 0)
    if (!entry.done && entry.value.source === group.key) {
      yield { ...group, known: entry.value }
      entry = await entries.next()
    } else yield group
  }
  yield* passOver(() => false)
}
