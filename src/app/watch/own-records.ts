import { type LedgerEntry, mergeEntries } from '../../plan/ledger-entry.ts'
import { mergeLedger } from '../../plan/merge-ledger.ts'
import type { Ledger, LedgerSnapshot, Recorder } from '../ledger/ledger.ts'

/**
 * The ledger together with what this process has not written yet: it may work on a source again before the next part
 * of the ledger is written. `sources` in the order of `compareSources`.
 */
export const openWithUnwritten = async (
  ledger: Pick<Ledger, 'open'>,
  recorder: Pick<Recorder, 'unwritten'>,
  sources: readonly string[],
): Promise<Pick<LedgerSnapshot, 'entries'>> => {
  // Taken first: what is written after this is in the ledger that is opened next.
  const own = sources.flatMap((source) => {
    const [first, ...rest] = recorder.unwritten(source)
    return first === undefined ? [] : [rest.reduce(mergeEntries, first)]
  })
  const snapshot = await ledger.open()
  return {
    entries: (spans) => mergeLedger([{ read: () => snapshot.entries(spans) }, { read: () => each(own) }]),
  }
}

async function* each(entries: readonly LedgerEntry[]): AsyncGenerator<LedgerEntry> {
  yield* entries
}
