import { type LedgerEntry, mergeEntries } from './ledger-entry.ts'
import { compareSources } from './source-order.ts'

/** Merges parts, each in the order of `compareSources`, into one stream in that order with each source once. */
export async function* mergeLedger(
  parts: readonly AsyncIterable<LedgerEntry>[],
): AsyncGenerator<LedgerEntry> {
  const heads: Head[] = []
  for (const part of parts) {
    const iterator = part[Symbol.asyncIterator]()
    const first = await iterator.next()
    if (!first.done) insert(heads, { entry: first.value, iterator })
  }
  while (heads.length > 0) {
    const first = heads.shift()
    if (first === undefined) return
    let entry = first.entry
    await advance(heads, first)
    for (let next = heads[0]; next?.entry.source === entry.source; next = heads[0]) {
      entry = mergeEntries(entry, next.entry)
      heads.shift()
      await advance(heads, next)
    }
    yield entry
  }
}

interface Head {
  readonly entry: LedgerEntry
  readonly iterator: AsyncIterator<LedgerEntry>
}

/** Puts the part's next entry among the heads, which stay sorted; there are few parts. */
const advance = async (heads: Head[], { iterator }: Head): Promise<void> => {
  const next = await iterator.next()
  if (!next.done) insert(heads, { entry: next.value, iterator })
}

const insert = (heads: Head[], head: Head): void => {
  const place = heads.findIndex((other) => compareSources(head.entry.source, other.entry.source) < 0)
  heads.splice(place === -1 ? heads.length : place, 0, head)
}
