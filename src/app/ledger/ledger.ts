import { createHash } from 'node:crypto'
import { isPassing, Problem } from '../../core/problem.ts'
import type { LedgerEntry } from '../../plan/ledger-entry.ts'
import { mergeLedger } from '../../plan/merge-ledger.ts'
import { EVERYTHING, type SourceSpan, spanAfter } from '../../plan/source-span.ts'
import {
  bytesOfRun,
  commitMerge,
  countRoom,
  createRunWriter,
  deleteSpent,
  isMergeable,
  mergeSmallRuns,
  readRun,
} from './merge.ts'
import { type LedgerOptions, ledgerFolder, timeOfName } from './names.ts'
import { type KnownParts, type LedgerPart, PartGone } from './parts.ts'
import { createRecorder, type Recorder } from './recorder.ts'
import { findStanding, type PartReading, type Standing } from './standing.ts'

export type { LedgerOptions } from './names.ts'
export type { Recorder } from './recorder.ts'

/** The ledger of one output: parts that are written once, and merged when they are read. */
export interface Ledger {
  /** Finds the parts that exist now. */
  open(options?: { readonly signal?: AbortSignal | undefined }): Promise<LedgerSnapshot>
  /** Fails with a Problem where nothing could be recorded. */
  probeWriting(): Promise<void>
  /** Collects what this process learns, and writes it as new parts. */
  record(): Recorder
}

/** The parts at the moment when it was made. */
export interface LedgerSnapshot {
  /**
   * The merged entries of all parts in the order of `compareSources`; with `spans` only those inside,
   * read by a number of requests that does not grow with the ledger. May be read more than once.
   */
  entries(spans?: readonly SourceSpan[]): AsyncIterable<LedgerEntry>
  /** At least those entries that have aliases; parts without aliases are not read. */
  entriesWithAliases(spans?: readonly SourceSpan[]): AsyncIterable<LedgerEntry>
  /**
   * Where enough parts have come since the last merge, collects the merge of everything that `entries` gave, to replace
   * them; undefined otherwise. Parts that are so young that their writer may still be at work are neither replaced nor
   * merged.
   */
  startMerge(): Merge | undefined
  /** Deletes parts that were replaced so long ago that hardly any reader needs them. */
  deleteSpent(): Promise<void>
  /**
   * Whether everything that was asked so far could be read. What could not is told, not believed, and not merged;
   * whoever deletes by what the ledger says must not do so where a part of it is unknown.
   */
  isWhole(): boolean
}

/** A merge of parts that is being written. Nothing replaces the old parts before `finish`. */
interface Merge {
  /** Entries in the order of `compareSources`. */
  add(entry: LedgerEntry): Promise<void>
  finish(): Promise<void>
}

const RUNS_WORTH_MERGING = 6
/** Younger parts may have records of results that a running listing has not reached. */
const SETTLED_MS = 10 * 60_000
/** How many parts may vanish in a row without an entry read in between: merges do not delete more. */
const LOOKS_WITHOUT_PROGRESS = 5

/** Reads and writes the ledger of one place. */
export const createLedger = (options: LedgerOptions): Ledger => {
  const known: KnownParts = new Map()
  const damaged = new Set<string>()
  let room = countRoom({ runs: [] })
  let passes = 0
  let merging: Promise<void> | undefined
  const mergeIfMany = async (): Promise<void> => {
    room--
    passes--
    if (room > 0 || passes > 0 || merging !== undefined) return
    merging = mergeSmallRuns(options, known, damaged).then((left) => {
      room = left ?? countRoom({ runs: [] })
      passes = left === undefined ? drawPasses(options) : 0
    })
    await merging.finally(() => {
      merging = undefined
    })
  }
  return {
    open: async ({ signal } = {}) => {
      const unread = createUnread(options)
      const reading = { onUnread: unread.note, signal }
      const standing = await findStanding(options, known, reading)
      room = Math.min(room, countRoom(standing))
      return createSnapshot(options, known, { standing, reading, unread })
    },
    probeWriting: () => options.store.probe({ into: ledgerFolder(options) }),
    record: () => createRecorder(options, mergeIfMany),
  }
}

/**
 * How many parts a process writes, after another process was faster to merge, before it tries again. The number differs
 * between processes: many that write at the same times would otherwise be second for ever.
 */
const drawPasses = ({ newId }: Pick<LedgerOptions, 'newId'>): number =>
  1 + ((createHash('sha256').update(newId()).digest()[0] ?? 0) % MOST_PASSES)

const MOST_PASSES = 16

type Unread = ReturnType<typeof createUnread>

/**
 * What a part says that is damaged, or cannot be read now, is found out anew; a ledger of a newer program
 * stops the run, and so does a store that is gone.
 */
const createUnread = ({ tell }: Pick<LedgerOptions, 'tell'>) => {
  const names = new Set<string>()
  return {
    isNone: (): boolean => names.size === 0,
    note: (name: string, error: unknown): void => {
      if (!(error instanceof Problem)) throw error
      if (error.code === 'ledger-damaged') tell({ kind: 'warning', problem: error })
      else if (!isUnreadable(error)) throw error
      else {
        if (!names.has(name)) tell({ kind: 'ledger-unread', problem: toUnreadProblem(name, error) })
        names.add(name)
      }
    },
  }
}

const isUnreadable = (error: Problem): boolean => isPassing(error) || error.code === 'store-denied'

const toUnreadProblem = (name: string, cause: Problem): Problem =>
  new Problem(
    'ledger-unread',
    `A part of the ledger (under .imgsizes/, the record of what results were made from) cannot be read now: ${cause.message}`,
    {
      hint: 'This run went on without it, and nothing is lost. Run again when the store can be read.',
      subject: name,
      cause,
    },
  )

const createSnapshot = (
  options: LedgerOptions,
  known: KnownParts,
  { standing, reading, unread }: { standing: Standing; reading: PartReading; unread: Unread },
): LedgerSnapshot => {
  /** Names of parts that were read to their end. */
  const ended = new Set<string>()
  async function* read(
    spans: readonly SourceSpan[] | undefined,
    isWanted: (part: LedgerPart) => boolean,
  ): AsyncGenerator<LedgerEntry> {
    let { runs } = standing
    let left = spans
    let last: string | undefined
    for (let looks = 0; ; ) {
      const choice =
        left === undefined ? { onEnd: (name: string) => ended.add(name) } : { spans: left, known }
      const parts = runs.map((run) => readRun(options, run.filter(isWanted), { ...reading, ...choice }))
      try {
        for await (const entry of mergeLedger(parts)) {
          yield entry
          last = entry.source
          looks = 0
        }
        return
      } catch (error) {
        // Others have merged and deleted it since: its content is elsewhere.
        if (!(error instanceof PartGone) || ++looks > LOOKS_WITHOUT_PROGRESS) throw error
        runs = (await findStanding(options, known, reading)).runs
        const from = last
        if (from !== undefined) left = (spans ?? EVERYTHING).map((span) => spanAfter(from, span))
      }
    }
  }
  return {
    entries: (spans) => read(spans, () => true),
    entriesWithAliases: (spans) => read(spans, ({ hasAliases }) => hasAliases),
    isWhole: unread.isNone,
    startMerge: () => {
      const settled = standing.runs.filter((run) => isSettled(options, run))
      if (!isWorthMerging(settled)) return undefined
      const writer = createRunWriter(options)
      return {
        add: writer.add,
        finish: async () => {
          await writer.finish()
          // The merge would lack what is not known now.
          if (!unread.isNone()) return writer.discard()
          const inputs = settled.flat().filter(({ name }) => ended.has(name))
          try {
            await commitMerge(options, known, { inputs, writer })
          } catch (error) {
            await writer.discard()
            // If not everything can be read now, deleting is left to the next run.
            if (!(error instanceof PartGone)) unread.note(ledgerFolder(options), error)
          }
        },
      }
    },
    deleteSpent: async () => {
      if (unread.isNone()) await deleteSpent(options, standing)
    },
  }
}

const isSettled = (options: LedgerOptions, run: readonly LedgerPart[]): boolean =>
  isMergeable(options, run) && run.every(({ name }) => timeOfName(options, name) < options.now() - SETTLED_MS)

/** To write a large ledger again, only to drop records that are not needed, takes more than a few new parts. */
const isWorthMerging = (runs: readonly (readonly LedgerPart[])[]): boolean => {
  const sizes = runs.map(bytesOfRun).sort((a, b) => a - b)
  const largest = sizes.pop() ?? 0
  return sizes.length + 1 >= RUNS_WORTH_MERGING && sizes.reduce((sum, size) => sum + size, 0) >= largest / 4
}
