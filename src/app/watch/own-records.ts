import { type LedgerEntry, mergeEntries } from '../../plan/ledger-entry.ts'
import { mergeLedger } from '../../plan/merge-ledger.ts'
import type { Ledger, LedgerSnapshot, Recorder } from '../ledger/ledger.ts'

/** A recorder that can also read what it has not written yet. */
export interface OwnRecords extends Recorder {
  /**
   * The ledger together with what this process has not written yet: it may work on a source again before the next part
   * of the ledger is written. `sources` in the order of `compareSources`.
   */
  open(
    ledger: Pick<Ledger, 'open'>,
    sources: readonly string[],
    signal?: AbortSignal,
  ): Promise<Pick<LedgerSnapshot, 'entries'>>
}

type Entries = Map<string, LedgerEntry>

/** `recorder` does the writing. */
export const createOwnRecords = (recorder: Recorder): OwnRecords => {
  let kept: Entries = new Map()
  let writing: Entries = new Map()
  let flushing: Promise<void> = Promise.resolve()
  const write = async (): Promise<void> => {
    writing = kept
    kept = new Map()
    try {
      await recorder.flush()
    } catch (error) {
      for (const entry of kept.values()) keep(writing, entry)
      kept = writing
      throw error
    } finally {
      writing = new Map()
    }
  }
  const flush = (): Promise<void> => {
    flushing = flushing.catch(() => {}).then(write)
    return flushing
  }
  const find = (source: string): readonly LedgerEntry[] =>
    [writing, kept].flatMap((entries) => entries.get(source) ?? [])
  return {
    prepare: recorder.prepare,
    flush,
    add: async (entry) => {
      keep(kept, entry)
      await recorder.add(entry)
    },
    end: async () => {
      await flushing.catch(() => {})
      await recorder.end()
    },
    open: async (ledger, sources, signal) => {
      // Taken first: what is written after this is in the ledger that is opened next.
      const own = sources.flatMap((source) => find(source).reduce<readonly LedgerEntry[]>(merge, []))
      const snapshot = await ledger.open({ signal })
      return {
        entries: (spans) => mergeLedger([{ read: () => snapshot.entries(spans) }, { read: () => each(own) }]),
      }
    },
  }
}

const keep = (entries: Entries, entry: LedgerEntry): void => {
  const known = entries.get(entry.source)
  entries.set(entry.source, known === undefined ? entry : mergeEntries(known, entry))
}

const merge = ([known]: readonly LedgerEntry[], entry: LedgerEntry): readonly LedgerEntry[] => [
  known === undefined ? entry : mergeEntries(known, entry),
]

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}
