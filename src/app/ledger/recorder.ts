import { asProblem, Problem } from '../../core/problem.ts'
import { type LedgerEntry, mergeEntries } from '../../plan/ledger-entry.ts'
import { compareSources } from '../../plan/source-order.ts'
import { writePart } from './merge.ts'
import type { LedgerOptions } from './names.ts'

/** Collects what one process learns, and writes it as parts of the ledger. */
export type Recorder = ReturnType<typeof createRecorder>

/** Small enough for memory, and large enough that a million sources make at most a few hundred parts. */
const ENTRIES_PER_PART = 5_000

/** A record takes a hundredth of its result: only few are unwritten when the disk is full. */
const RESERVED_BYTES = 2 * 1024 * 1024

/** `onWritten` is called after a part has been written; if it fails, the part still counts as written. */
export const createRecorder = (options: LedgerOptions, onWritten: () => Promise<void>) => {
  const { store } = options
  let giveUpRoom = async (): Promise<void> => {}
  let kept = new Map<string, LedgerEntry>()
  let underWay = new Map<string, LedgerEntry>()
  let writing: Promise<void> = Promise.resolve()
  const keep = (entry: LedgerEntry): void => {
    const known = kept.get(entry.source)
    kept.set(entry.source, known === undefined ? entry : mergeEntries(known, entry))
  }
  const write = async (): Promise<void> => {
    if (kept.size === 0) return
    underWay = kept
    const entries = [...kept.values()].sort((a, b) => compareSources(a.source, b.source))
    kept = new Map()
    try {
      await writePart(options, entries)
    } catch (error) {
      for (const entry of entries) keep(entry)
      throw error
    } finally {
      underWay = new Map()
    }
    await onWritten().catch(asProblem)
  }
  /**
   * Writes what is kept. When it fails nothing is lost: the next call tries again. Where there are many small parts by
   * then, it merges them.
   */
  const flush = (): Promise<void> => {
    writing = writing.catch(() => {}).then(write)
    return writing
  }
  return {
    /** Keeps an entry; writes a part when enough entries have been added. */
    add: async (entry: LedgerEntry): Promise<void> => {
      keep(entry)
      if (kept.size >= ENTRIES_PER_PART) await flush()
    },
    /** What is kept of a source, or is being written: a ledger that is opened after this has all else. */
    unwritten: (source: string): readonly LedgerEntry[] =>
      [underWay, kept].flatMap((entries) => entries.get(source) ?? []),
    flush,
    /** Reserves disk space, so that {@link end} can write even when the disk is full by then. */
    prepare: async (): Promise<void> => {
      try {
        giveUpRoom = (await store.reserve?.(RESERVED_BYTES)) ?? giveUpRoom
      } catch (error) {
        asProblem(error) // if nothing can be written, the write itself will say so
      }
    },
    /** Writes what is kept for the last time, into the reserved space where there is no other, and then frees it. */
    end: async (): Promise<void> => {
      try {
        await flush()
      } catch (error) {
        if (!(error instanceof Problem) || error.code !== 'store-full') throw error
        await giveUpRoom()
        await flush()
      } finally {
        await giveUpRoom()
      }
    },
  }
}
