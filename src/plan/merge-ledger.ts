import { countFirst } from '../core/count-first.ts'
import { type LedgerEntry, mergeEntries } from './ledger-entry.ts'
import { compareSources } from './source-order.ts'

/** Entries in the order of `compareSources`. */
export interface SortedEntries {
  /** The first source, where known: the entries are not read before the merge comes to it. */
  readonly first?: string
  read(): AsyncIterable<LedgerEntry>
}

/** Merges parts into one stream in the order of `compareSources`, with each source once. */
export async function* mergeLedger(parts: readonly SortedEntries[]): AsyncGenerator<LedgerEntry> {
  const heads: Head[] = []
  try {
    for (const part of parts)
      if (part.first === undefined) await advance(heads, open(part))
      else insert(heads, { source: part.first, part })
    for (let head = heads.shift(); head !== undefined; head = heads.shift()) {
      if (!('entry' in head)) {
        await advance(heads, open(head.part))
        continue
      }
      let { entry } = head
      await advance(heads, head.iterator)
      for (let next = heads[0]; next?.source === entry.source; next = heads[0]) {
        heads.shift()
        if ('entry' in next) entry = mergeEntries(entry, next.entry)
        await advance(heads, 'entry' in next ? next.iterator : open(next.part))
      }
      yield entry
    }
  } finally {
    for (const head of heads) if ('entry' in head) await head.iterator.return?.()
  }
}

/** The next entry of a part, or a part that is not open yet, with its first source. */
type Head =
  | { readonly source: string; readonly entry: LedgerEntry; readonly iterator: AsyncIterator<LedgerEntry> }
  | { readonly source: string; readonly part: SortedEntries }

const open = (part: SortedEntries): AsyncIterator<LedgerEntry> => part.read()[Symbol.asyncIterator]()

const advance = async (heads: Head[], iterator: AsyncIterator<LedgerEntry>): Promise<void> => {
  const next = await iterator.next()
  if (!next.done) insert(heads, { source: next.value.source, entry: next.value, iterator })
}

/** Inserts it among the heads, which stay sorted. */
const insert = (heads: Head[], head: Head): void => {
  const place = countFirst(heads, (other) => compareSources(other.source, head.source) <= 0)
  heads.splice(place, 0, head)
}
