import { compareBytes } from '../core/byte-order.ts'
import { parseSourceKey, type Source, type SourceKey } from '../core/source-key.ts'
import type { StoredObject } from '../store/port.ts'
import type { VerifiedKey } from '../url/keyring.ts'
import type { LedgerEntry } from './ledger-entry.ts'
import { compareSources, endOfSource } from './source-order.ts'

/** A result of ours, as the output's listing shows it. */
export interface ListedResult extends VerifiedKey, Pick<StoredObject, 'sizeBytes' | 'modifiedAt' | 'mark'> {}

/** An original as the plan sees it. */
export interface ListedSource extends Source {
  /** Whether `include` names it: `build` makes its sizes ahead. */
  readonly isIncluded: boolean
  /** It is no original, but speaks of this one. */
  readonly sidecarOf?: SourceKey
}

/** Everything that is known of one source, and that a decision about it needs. */
export interface SourceGroup {
  readonly key: SourceKey
  /** Undefined: the original does not exist, unless the group `isUnlisted`. */
  readonly source?: ListedSource
  /** A sidecar beside it was listed, or may exist. */
  readonly hasSidecar?: true
  /** Its source cannot be listed, so it is unknown whether the original exists. */
  readonly isUnlisted?: true
  readonly results: readonly ListedResult[]
  /** It is unknown which of its results exist. */
  readonly areResultsUnlisted?: true
  /** Its results lie in a folder that the store spells otherwise. */
  readonly isMisspelt?: true
  readonly known?: LedgerEntry
}

/** Three streams, each in its own order; see {@link groupBySource}. */
export interface GroupInput {
  /** In byte order of keys. */
  readonly sources: AsyncIterable<ListedSource>
  /** In byte order of keys, in arrays of any length: there are many more results than sources. */
  readonly results: AsyncIterable<readonly ListedResult[]>
  /** In the order of `compareSources`, each source once. */
  readonly ledger: AsyncIterable<LedgerEntry>
  /** Whether results may exist that the listing does not show; then those that only the ledger knows get a group. */
  readonly mayHide?: boolean
  /** Hears of a sidecar beside which there is no original. */
  readonly onStray?: (sidecar: SourceKey) => void
}

/**
 * Merges both listings and the ledger into one group per source, in the order of `compareSources`. A source that only
 * the ledger knows is left out, except where it has aliases: these may exist although neither source nor result does;
 * and where the listing may hide results.
 *
 * A group stays open while keys of its source may follow: group p is open while the position is below p + "0", and then
 * p is a prefix of the position. So memory holds this chain of prefixes and their results, however long the listings
 * are.
 */
export async function* groupBySource(input: GroupInput): AsyncGenerator<SourceGroup> {
  yield* joinLedger(groupListings(input), input)
}

interface OpenGroup {
  readonly key: SourceKey
  readonly end: string
  source?: ListedSource
  hasSidecar?: true
  known?: LedgerEntry
  readonly results: ListedResult[]
}

async function* groupListings({
  sources,
  results,
  onStray,
}: Omit<GroupInput, 'ledger'>): AsyncGenerator<OpenGroup> {
  const chain: OpenGroup[] = []
  const open = (key: SourceKey): OpenGroup => {
    // A source sorts before its results, so if it exists, its group is open already. If it does not exist, a
    // longer source may be open: "a/640w" is a prefix of the key "a/640w.q80.….webp", whose source is "a".
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
      const { key, sidecarOf } = source.value
      // It sorts behind its original and before all that ends it.
      const spoken = chain.findLast((group) => group.key === sidecarOf && group.source !== undefined)
      if (sidecarOf === undefined) open(key).source = source.value
      else if (spoken === undefined) onStray?.(key)
      else spoken.hasSidecar = true
      source = await left.next()
      continue
    }
    if (result === undefined) continue
    // Takes all further results of the same source without comparing each key: any source that sorts among them lies
    // below this source, is still to come, and ends before it.
    const group = open(result.variant.source)
    do {
      group.results.push(result)
      const next = right.next()
      result = next instanceof Promise ? await next : next
    } while (result?.variant.source === group.key)
  }
  for (const group of chain.reverse()) yield group
}

/** One value after the other; only the first value of each array is waited for. */
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
  groups: AsyncIterable<OpenGroup>,
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
      group.known = entry.value
      entry = await entries.next()
    }
    yield group
  }
  yield* passOver(() => false)
}
