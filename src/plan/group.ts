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
  /** For a sidecar, which is no original: the one that it describes. */
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
interface GroupInput {
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
  const chain = new GroupChain()
  const left = sources[Symbol.asyncIterator]()
  const right = openPages(results)
  let source = await left.next()
  let result = await right.next()
  while (!source.done || result !== undefined) {
    const next = source.done ? undefined : source.value
    if (next !== undefined && (result === undefined || compareBytes(next.key, result.key) <= 0)) {
      for (let done = chain.close(next.key); done; done = chain.close(next.key)) yield done
      if (!chain.add(next)) onStray?.(next.key)
      source = await left.next()
    } else if (result !== undefined) {
      for (let done = chain.close(result.key); done; done = chain.close(result.key)) yield done
      // Takes all further results of the same source without comparing each key: any source that sorts among them
      // lies below this source, is still to come, and ends before it.
      const group = chain.open(result.variant.source)
      do {
        group.results.push(result)
        const following = right.next()
        result = following instanceof Promise ? await following : following
      } while (result?.variant.source === group.key)
    }
  }
  yield* chain.closeAll()
}

/** The groups whose keys may still come; each source is a prefix of the next. */
class GroupChain {
  readonly #groups: OpenGroup[] = []

  /** Takes out the last group if no key from `position` on is of it; undefined where there is none. */
  close(position: string): OpenGroup | undefined {
    const last = this.#groups.at(-1)
    return last === undefined || compareBytes(position, last.end) < 0 ? undefined : this.#groups.pop()
  }

  /** All groups that are open, the last one first. */
  closeAll(): readonly OpenGroup[] {
    return this.#groups.reverse()
  }

  /** The group of a source, which is opened if it is not. */
  open(key: SourceKey): OpenGroup {
    // A source sorts before its results, so if it exists, its group is open already. If it does not exist, a
    // longer source may be open: "a/640w" is a prefix of the key "a/640w.q80.….webp", whose source is "a".
    const known = this.#groups.findLast((group) => group.key === key)
    if (known !== undefined) return known
    const group: OpenGroup = { key, end: endOfSource(key), results: [] }
    const place = this.#groups.findIndex((other) => other.key.length > key.length)
    this.#groups.splice(place === -1 ? this.#groups.length : place, 0, group)
    return group
  }

  /** Notes a listed source; false for a sidecar without its original. */
  add(source: ListedSource): boolean {
    const { key, sidecarOf } = source
    // A sidecar sorts behind its original, and before that one's results and all that ends it.
    const original = this.#groups.findLast((group) => group.key === sidecarOf)
    if (sidecarOf === undefined) this.open(key).source = source
    else if (original !== undefined) original.hasSidecar = true
    return sidecarOf === undefined || original !== undefined
  }
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
