import { asProblem, Problem } from '../core/problem.ts'
import { type LedgerEntry, mergeEntries } from '../plan/ledger-entry.ts'
import { compareSources } from '../plan/source-order.ts'
import { writePart } from './ledger-merge.ts'
import type { LedgerOptions } from './ledger-names.ts'

/** Collects what one process learns, and writes it as parts of the ledger. */
export interface Recorder {
  /** Keeps a statement; writes a part when enough have come together. */
  add(entry: LedgerEntry): Promise<void>
  /**
   * Writes what is kept; nothing is lost when it fails: the next call tries again. Where there are many small parts by
   * then, it merges them.
   */
  flush(): Promise<void>
  /** Sets room aside, so that {@link end} finds some on a disk that has filled up. */
  prepare(): Promise<void>
  /** Writes what is kept for the last time, into the room set aside where there is no other, and gives that up. */
  end(): Promise<void>
}

/** Small enough to hold, large enough that a million sources make a few hundred parts at most. */
const ENTRIES_PER_PART = 5_000

/** A record is a hundredth of the result that it is about: few fill the disk before they are written. */
const RESERVED_BYTES = 2 * 1024 * 1024

/** `onWritten` is called when a part has been written; where it fails, what was written stands all the same. */
export const createRecorder = (options: LedgerOptions, onWritten: () => Promise<void>): Recorder => {
  const { store } = options
  let giveUpRoom = async (): Promise<void> => {}
  let kept = new Map<string, LedgerEntry>()
  let writing: Promise<void> = Promise.resolve()
  const keep = (entry: LedgerEntry): void => {
    const known = kept.get(entry.source)
    kept.set(entry.source, known === undefined ? entry : mergeEntries(known, entry))
  }
  const write = async (): Promise<void> => {
    if (kept.size === 0) return
    const entries = [...kept.values()].sort((a, b) => compareSources(a.source, b.source))
    kept = new Map()
    try {
      await writePart(options, entries)
    } catch (error) {
      for (const entry of entries) keep(entry)
      throw error
    }
    await onWritten().catch(ignoreProblem)
  }
  const flush = (): Promise<void> => {
    writing = writing.catch(() => {}).then(write)
    return writing
  }
  return {
    add: async (entry) => {
      keep(entry)
      if (kept.size >= ENTRIES_PER_PART) await flush()
    },
    flush,
    prepare: async () => {
      try {
        giveUpRoom = (await store.reserve?.(RESERVED_BYTES)) ?? giveUpRoom
      } catch (error) {
        asProblem(error) // where nothing can be written, what is to be written says so
      }
    },
    end: async () => {
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

const ignoreProblem = (error: unknown): void => {
  if (!(error instanceof Problem)) throw error
}
