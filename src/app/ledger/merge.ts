import { Problem } from '../../core/problem.ts'
import type { LedgerEntry } from '../../plan/ledger-entry.ts'
import { encodePart } from '../../plan/ledger-part.ts'
import { mergeLedger, type SortedEntries } from '../../plan/merge-ledger.ts'
import type { PartHeader, PartSummary } from '../../plan/part-header.ts'
import type { SourceSpan } from '../../plan/source-span.ts'
import type { ObjectHeaders } from '../../store/port.ts'
import {
  CLAIM_ENDING,
  type LedgerOptions,
  newManifestName,
  newPartName,
  timeOfName,
  toBareName,
} from './names.ts'
import { type KnownParts, type LedgerPart, PartGone, readPart } from './parts.ts'
import { findStanding, type PartReading, type Standing } from './standing.ts'

/** About four megabytes; a merge holds no more than this. */
const ENTRIES_PER_MERGED_PART = 20_000
/**
 * When there are so many runs of one level, they are merged into one of the next. The runs of each level are so many
 * times larger, so that an entry is written again once per level, and a ledger of any size has few runs.
 */
const RUNS_PER_LEVEL = 8
/** A run up to this size belongs to the first level. */
const FIRST_LEVEL_BYTES = 64 * 1024
/** Each run that is merged is an open stream. */
const MOST_RUNS_AT_ONCE = 64
/** Replaced parts are kept for this time for readers that have listed them: without them, a reader must list again. */
const KEEP_REPLACED_MS = 10 * 60_000
/** A merge that takes longer has been killed. */
const CLAIM_MS = 10 * 60_000
const UNFINISHED_MS = 24 * 3_600_000

const HEADERS: ObjectHeaders = { contentType: 'application/gzip', cacheControl: 'no-store', metadata: {} }

/** Writes a part under a new name; returns what a manifest says of it, except its sources. */
export const writePart = async (
  options: LedgerOptions,
  entries: readonly LedgerEntry[],
  header: Pick<PartHeader, 'merged'> = {},
): Promise<Omit<PartSummary, 'first' | 'last'>> => {
  const { bytes, headerBytes } = await encodePart(entries, { replaces: [], ...header })
  const name = await putNew(options, newPartName, bytes)
  return { name, headerBytes, hasAliases: entries.some(({ aliases }) => aliases.length > 0) }
}

const putNew = async (
  options: LedgerOptions,
  newName: (options: LedgerOptions) => string,
  bytes: Uint8Array,
): Promise<string> => {
  for (let tries = 0; tries < 3; tries++) {
    const name = newName(options)
    const { kind } = await options.store.put(name, bytes, { headers: HEADERS, createOnly: true })
    if (kind === 'stored') return name
  }
  throw new Error('every name for a part of the ledger is taken: newId does not make new ids')
}

/**
 * A run that is being written: nobody takes its parts for merged before `commitMerge`. Nothing is written before enough
 * entries were added.
 */
export const createRunWriter = (options: LedgerOptions) => {
  const run: PartSummary[] = []
  let waiting: LedgerEntry[] = []
  let mayBeNamed = false
  const write = async (): Promise<void> => {
    const entries = waiting
    const [first, last = first] = [entries[0], entries.at(-1)]
    if (first === undefined || last === undefined) return
    waiting = []
    const part = await writePart(options, entries, { merged: true })
    run.push({ ...part, first: first.source, last: last.source })
  }
  return {
    /** Entries in the order of `compareSources`. */
    add: async (entry: LedgerEntry): Promise<void> => {
      waiting.push(entry)
      if (waiting.length >= ENTRIES_PER_MERGED_PART) await write()
    },
    /** Writes the rest, and returns all parts. */
    finish: async (): Promise<readonly PartSummary[]> => {
      await write()
      return run
    },
    /**
     * To be called before a manifest that names the parts is written: where that fails, it may stand all the same, and
     * they are then all that is left of what it replaces.
     */
    keep: (): void => {
      mayBeNamed = true
    },
    /** Deletes the parts, unless they are kept. */
    discard: async (): Promise<void> => {
      if (!mayBeNamed) await options.store.deleteAll(run.map(({ name }) => name))
    },
  }
}

type RunWriter = ReturnType<typeof createRunWriter>

/** Writes the manifest that replaces `inputs` by what `writer` has written, their merge. */
export const commitMerge = async (
  options: LedgerOptions,
  known: KnownParts,
  { inputs, writer }: { readonly inputs: readonly LedgerPart[]; readonly writer: RunWriter },
): Promise<void> => {
  const run = await writer.finish()
  const standing = await findStanding(options, known, { onUnread: passOver })
  const replaced = new Map(standing.replaced)
  for (const name of [...inputs.map((part) => part.name), ...standing.manifests])
    replaced.set(name, options.now())
  const others = standing.runs.map((parts) =>
    parts.filter(({ name }) => !replaced.has(name)).flatMap(summarize),
  )
  const runs = [...others, run].filter((parts) => parts.length > 0)
  const { bytes } = await encodePart([], {
    replaces: [...replaced.keys()].map(toBareName),
    since: [...replaced.values()],
    runs: runs.map((parts) => parts.map((part) => ({ ...part, name: toBareName(part.name) }))),
  })
  writer.keep()
  await putNew(options, newManifestName, bytes)
}

/** Of parts that an unfinished merge has written, its own manifest tells. */
const summarize = ({
  name,
  range,
  headerBytes,
  hasAliases,
  isUnfinished,
}: LedgerPart): readonly PartSummary[] => (isUnfinished ? [] : [{ name, ...range, headerBytes, hasAliases }])

/** The entries of one run's parts in order. `onEnd` is called with each part that was read to its end. */
export const readRun = (
  options: LedgerOptions,
  run: readonly LedgerPart[],
  {
    onUnread,
    onEnd,
    ...read
  }: PartReading & {
    readonly spans?: readonly SourceSpan[]
    readonly known?: KnownParts
    readonly onEnd?: (name: string) => void
  },
): SortedEntries => ({
  ...(run[0] && { first: run[0].range.first }),
  read: async function* () {
    for (const part of run)
      try {
        yield* readPart(options.store, part, read)
        onEnd?.(part.name)
      } catch (error) {
        onUnread(part.name, error)
      }
  },
})

/** Whether a run is old enough: a younger one may belong to a merge that is not finished. */
export const isMergeable = (options: LedgerOptions, run: readonly LedgerPart[]): boolean =>
  run.every(
    ({ name, isUnfinished }) => !isUnfinished || timeOfName(options, name) < options.now() - UNFINISHED_MS,
  )

/** The size of a run. */
export const bytesOfRun = (run: readonly LedgerPart[]): number =>
  run.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)

const levelOf = (run: readonly LedgerPart[]): number =>
  Math.max(0, Math.ceil(Math.log(bytesOfRun(run) / FIRST_LEVEL_BYTES) / Math.log(RUNS_PER_LEVEL)))

/** The runs to merge next: those of the first level that is full, and all smaller ones; empty where no level is. */
const chooseRuns = (runs: readonly (readonly LedgerPart[])[]): readonly (readonly LedgerPart[])[] => {
  const counts: number[] = []
  for (const run of runs) counts[levelOf(run)] = (counts[levelOf(run)] ?? 0) + 1
  const level = counts.findIndex((count) => count >= RUNS_PER_LEVEL)
  return runs
    .filter((run) => levelOf(run) <= level)
    .sort((a, b) => bytesOfRun(a) - bytesOfRun(b))
    .slice(0, MOST_RUNS_AT_ONCE)
}

/** How many more runs of one size may be added before they must be merged. */
export const countRoom = ({ runs }: Pick<Standing, 'runs'>): number => {
  const counts = new Map<number, number>()
  for (const run of runs) counts.set(levelOf(run), (counts.get(levelOf(run)) ?? 0) + 1)
  return RUNS_PER_LEVEL - Math.max(0, ...counts.values())
}

/**
 * Merges small runs when there are too many, unless somebody else does, and deletes what was replaced long enough ago.
 * All records are kept: only a run that lists everything knows which are still needed. Returns how many more runs may
 * be added ({@link countRoom}); undefined where somebody else merges. A merge that fails leaves everything as it was.
 */
export const mergeSmallRuns = async (
  options: LedgerOptions,
  known: KnownParts,
  damaged: Set<string>,
): Promise<number | undefined> => {
  const standing = await findStanding(options, known, { onUnread: passOver })
  const mergeable = standing.runs.filter(
    (run) => isMergeable(options, run) && !run.some(({ name }) => damaged.has(name)),
  )
  const chosen = chooseRuns(mergeable)
  const claim = toClaim(chosen)
  if (chosen.length === 0) return RUNS_PER_LEVEL
  if (!(await isOurs(options, standing, claim))) return undefined
  const writer = createRunWriter(options)
  try {
    const onUnread = (name: string, error: unknown): never => {
      if (isDamage(error)) damaged.add(name)
      throw error
    }
    for await (const entry of mergeLedger(chosen.map((run) => readRun(options, run, { onUnread }))))
      await writer.add(entry)
    await commitMerge(options, known, { inputs: chosen.flat(), writer })
  } catch (error) {
    await writer.discard()
    await options.store.deleteAll([claim])
    if (!(error instanceof PartGone || isDamage(error))) throw error
  }
  await deleteSpent(options, standing)
  return countRoom(standing)
}

/** A merge leaves such a part where it is; whoever reads it reports it. */
const passOver = (_: string, error: unknown): void => {
  if (!isDamage(error)) throw error
}

const isDamage = (error: unknown): boolean => error instanceof Problem && error.code === 'ledger-damaged'

/** The name of the claim of a merge of these runs: that of their oldest part, and an ending. */
const toClaim = (runs: readonly (readonly LedgerPart[])[]): string =>
  `${runs.flatMap((run) => run.map(({ name }) => name)).sort()[0]}${CLAIM_ENDING}`

/** Whether this process may merge. A store without conditions may let in two, which does no harm. */
const isOurs = async (options: LedgerOptions, { claims }: Standing, claim: string): Promise<boolean> => {
  const bytes = new TextEncoder().encode('A merge that begins with this part is running.\n')
  const { kind } = await options.store.put(claim, bytes, { headers: HEADERS, createOnly: true })
  return kind === 'stored' || (claims.get(claim) ?? Infinity) < options.now() - CLAIM_MS
}

/** Deletes parts that were replaced so long ago that hardly any reader needs them. */
export const deleteSpent = async (options: LedgerOptions, standing: Standing): Promise<void> => {
  const before = options.now() - KEEP_REPLACED_MS
  const spent = [...standing.replaced].flatMap(([name, since]) => (since < before ? [name] : []))
  const counting = new Set(standing.runs.flatMap((run) => run.map(({ name }) => name)))
  const claims = [...standing.claims.keys()].filter(
    (claim) => !counting.has(claim.slice(0, -CLAIM_ENDING.length)),
  )
  const names = [...spent, ...claims]
  if (names.length > 0) await options.store.deleteAll(names)
}
