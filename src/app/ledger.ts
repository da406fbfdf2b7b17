import { arrayBuffer } from 'node:stream/consumers'
import { asProblem, Problem } from '../core/problem.ts'
import { type LedgerEntry, mergeEntries } from '../plan/ledger-entry.ts'
import { createPartEncoder, decodePart, isPartHeader, type PartHeader } from '../plan/ledger-part.ts'
import { mergeLedger } from '../plan/merge-ledger.ts'
import { compareSources } from '../plan/source-order.ts'
import type { ByteRange, ObjectHeaders, WritableStore } from '../store/port.ts'
import type { Tell } from './event.ts'

export interface LedgerOptions {
  readonly store: WritableStore
  /** Where in that store: ".imgsizes/" in an output, "" in a state place of its own. */
  readonly prefix: string
  readonly now: () => number
  /** A text that no one else makes: a UUID. */
  readonly newId: () => string
  readonly tell: Tell
}

/** The ledger of one output: parts that are written once and merged when read. */
export interface Ledger {
  /** Takes stock of the parts as they are now. */
  open(options?: { readonly signal?: AbortSignal }): Promise<LedgerSnapshot>
  /** Fails with a Problem where nothing could be recorded. */
  probeWriting(): Promise<void>
  /** Collects what this process learns and writes it as parts of its own. */
  record(): Recorder
}

/** The parts that stood when it was taken. */
export interface LedgerSnapshot {
  /** All entries of all parts, merged, in the order of `compareSources`. May be read more than once. */
  entries(): AsyncIterable<LedgerEntry>
  /** Of those entries at least the ones with aliases; parts that tell of none are not read. */
  entriesWithAliases(): AsyncIterable<LedgerEntry>
  /**
   * Where enough parts have come since the last one to be worth it, collects their merge, to take their place;
   * undefined otherwise. Parts so young that a writer may be at work are left alone and may be merged into nothing.
   */
  startMerge(): Merge | undefined
  /** Deletes the parts that were replaced so long ago that nobody reads them any more. */
  deleteSpent(): Promise<void>
  /**
   * Whether all that was asked of it so far could be read. What could not is told, believed in nothing, and merged into
   * nothing; who deletes by what the ledger says must not where something of it is not known.
   */
  isWhole(): boolean
}

/** The merge of parts in the writing. Nothing takes the old parts' place before `finish`. */
export interface Merge {
  /** Entries in the order of `compareSources`. */
  add(entry: LedgerEntry): Promise<void>
  finish(): Promise<void>
}

export interface Recorder {
  /** Keeps a statement; writes a part when enough have come together. */
  add(entry: LedgerEntry): Promise<void>
  /** Writes what is kept. Nothing is lost when it fails: the next call tries again. */
  flush(): Promise<void>
  /** Sets room aside, so that {@link end} finds some on a disk that has filled up. */
  prepare(): Promise<void>
  /** Writes what is kept for the last time, into the room set aside where there is no other, and gives that up. */
  end(): Promise<void>
}

/** Small enough to hold, large enough that a million sources make a few hundred parts at most. */
const ENTRIES_PER_PART = 5_000
const CHUNK_BYTES = 4 * 1024 * 1024
const CHUNK_ATTEMPTS = 3
const PARTS_WORTH_MERGING = 8
/** Replaced parts are kept so long for readers that took stock before. */
const KEEP_REPLACED_MS = 24 * 3_600_000
/** Younger parts may hold statements of results that a listing under way has not come to see. */
const SETTLED_MS = 10 * 60_000

const HEADERS: ObjectHeaders = { contentType: 'application/gzip', cacheControl: 'no-store', metadata: {} }

export const createLedger = (options: LedgerOptions): Ledger => ({
  open: (read = {}) => takeStock(options, read.signal),
  probeWriting: () => options.store.probe({ into: folderOf(options) }),
  record: () => createRecorder(options),
})

const folderOf = (options: LedgerOptions): string => `${options.prefix}ledger/`

const PART_ENDING = '.ndjson.gz'

/** `<time in base 36>-<id>`: sorts by time. */
const newPartName = (options: LedgerOptions): string =>
  `${folderOf(options)}${options.now().toString(36).padStart(9, '0')}-${options.newId()}${PART_ENDING}`

const timeOfPart = (options: LedgerOptions, name: string): number => {
  const [time = ''] = name.slice(folderOf(options).length).split('-')
  return Number.parseInt(time, 36)
}

interface Part {
  readonly name: string
  readonly sizeBytes: number
  readonly replaces: readonly string[]
  readonly hasAliases: boolean
  readonly isMerged: boolean
}

const takeStock = async (
  options: LedgerOptions,
  signal: AbortSignal | undefined,
): Promise<LedgerSnapshot> => {
  const reading: Reading = { options, signal, unread: new Set(), ended: new Set() }
  const parts = await listParts(reading)
  const replaced = new Map<string, number>()
  for (const part of parts)
    for (const name of part.replaces) replaced.set(name, timeOfPart(options, part.name))
  const live = parts.filter((part) => !replaced.has(part.name))
  const settled = live.filter((part) => timeOfPart(options, part.name) < options.now() - SETTLED_MS)
  const spent = parts.filter(
    ({ name }) => (replaced.get(name) ?? Infinity) < options.now() - KEEP_REPLACED_MS,
  )
  const read = (wanted: readonly Part[]) => mergeLedger(wanted.map((part) => readEntries(reading, part)))
  return {
    entries: () => read(live),
    entriesWithAliases: () => read(live.filter(({ hasAliases }) => hasAliases)),
    startMerge: () => (isWorthMerging(settled) ? startMerge(reading, settled) : undefined),
    isWhole: () => reading.unread.size === 0,
    deleteSpent: async () => {
      if (spent.length > 0 && reading.unread.size === 0)
        await options.store.deleteAll(spent.map((part) => part.name))
    },
  }
}

/**
 * A large ledger's merge is many parts itself. To write all of them again takes more than a few new ones, and a build
 * that had nothing to do has none at all.
 */
const isWorthMerging = (parts: readonly Part[]): boolean => {
  const merged = parts.filter(({ isMerged }) => isMerged).length
  return parts.length - merged >= Math.max(PARTS_WORTH_MERGING, merged / 4)
}

/** How far the parts of one stock could be read. */
interface Reading {
  readonly options: LedgerOptions
  readonly signal: AbortSignal | undefined
  /** Names of parts that cannot be read at the moment. */
  readonly unread: Set<string>
  /** Names of those that were read to their end. */
  readonly ended: Set<string>
}

const listParts = async (reading: Reading): Promise<readonly Part[]> => {
  const { options, signal } = reading
  const parts: Part[] = []
  const listing = options.store.list({ prefix: folderOf(options), ...(signal && { signal }) })
  for await (const { key: name, sizeBytes } of listing) {
    if (!name.endsWith(PART_ENDING)) continue
    try {
      const [first] = await take(1, decodePart(name, readChunks(reading, { name, sizeBytes })))
      if (first !== undefined && isPartHeader(first))
        parts.push({
          name,
          sizeBytes,
          replaces: first.replaces,
          hasAliases: first.aliases === true,
          isMerged: first.merged === true,
        })
    } catch (error) {
      doWithout(reading, name, error)
    }
  }
  return parts
}

async function* readEntries(reading: Reading, part: Part): AsyncGenerator<LedgerEntry> {
  try {
    for await (const value of decodePart(part.name, readChunks(reading, part)))
      if (!isPartHeader(value)) yield value
    reading.ended.add(part.name)
  } catch (error) {
    doWithout(reading, part.name, error)
  }
}

/**
 * What a part would have said that is damaged, or cannot be read now, is found out anew; a ledger of a later program
 * stops us, and a store that is gone.
 */
const doWithout = ({ options, unread }: Reading, name: string, error: unknown): void => {
  if (!(error instanceof Problem)) throw error
  if (error.code === 'ledger-damaged') options.tell({ kind: 'warning', problem: error })
  else if (!UNREADABLE.has(error.code)) throw error
  else {
    if (!unread.has(name)) options.tell({ kind: 'ledger-unread', problem: unreadPart(name, error) })
    unread.add(name)
  }
}

const UNREADABLE: ReadonlySet<string> = new Set(['store-unavailable', 'store-timeout', 'store-denied'])

const unreadPart = (name: string, cause: Problem): Problem =>
  new Problem('ledger-unread', `A part of the ledger cannot be read now: ${cause.message}`, {
    hint: 'Nothing in it was believed, and nothing is lost: run again when the store can be read.',
    subject: name,
    cause,
  })

/** In pieces, for a build reads its ledger for as long as it runs, and no connection stays open that long. */
async function* readChunks(
  reading: Reading,
  part: Pick<Part, 'name' | 'sizeBytes'>,
): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < part.sizeBytes; start += CHUNK_BYTES)
    yield await readChunk(reading, part.name, {
      start,
      end: Math.min(start + CHUNK_BYTES, part.sizeBytes) - 1,
    })
}

/** Again where it breaks off: a part never changes, so that this needs no mark. */
const readChunk = async (
  { options, signal }: Reading,
  name: string,
  range: ByteRange,
): Promise<Uint8Array> => {
  for (let attempt = 1; ; attempt++)
    try {
      const object = await options.store.open(name, { range, ...(signal && { signal }) })
      if (object === undefined) throw goneSince(name)
      return new Uint8Array(await arrayBuffer(object.body))
    } catch (error) {
      signal?.throwIfAborted()
      const isPassing = error instanceof Problem && error.code === 'store-unavailable'
      if (!isPassing || attempt === CHUNK_ATTEMPTS) throw error
    }
}

/** Others have merged it away, a day ago at least: what it said stands elsewhere. */
const goneSince = (name: string): Problem =>
  new Problem('store-unavailable', `"${name}" was listed and is not there any more`, { subject: name })

const startMerge = ({ options, unread, ended }: Reading, merged: readonly Part[]): Merge => {
  let waiting: LedgerEntry[] = []
  const write = async (): Promise<void> => {
    const entries = waiting
    waiting = []
    if (entries.length > 0) await writePart(options, entries, { replaces: [], merged: true })
  }
  return {
    add: async (entry) => {
      waiting.push(entry)
      if (waiting.length >= ENTRIES_PER_PART * 4) await write()
    },
    finish: async () => {
      await write()
      // Of what is not known now the merge would be without.
      if (unread.size > 0) return
      // This part says nothing but that the others are done with, once their merge stands whole.
      const replaces = merged.map((part) => part.name).filter((name) => ended.has(name))
      await writePart(options, [], { replaces, merged: true })
    },
  }
}

const writePart = async (
  options: LedgerOptions,
  entries: readonly LedgerEntry[],
  header: PartHeader,
): Promise<void> => {
  const hasAliases = entries.some(({ aliases }) => aliases.length > 0)
  const bytes = createPartEncoder({ ...header, ...(hasAliases && { aliases: true }) }).encode(entries)
  for (let tries = 0; tries < 3; tries++) {
    const result = await options.store.put(newPartName(options), bytes, {
      headers: HEADERS,
      createOnly: true,
    })
    if (result.kind === 'stored') return
  }
  throw new Error('every name for a part of the ledger is taken: newId does not make new ids')
}

/** A record is a hundredth of the result that it is about: few fill the disk before they are written. */
const RESERVED_BYTES = 2 * 1024 * 1024

const createRecorder = (options: LedgerOptions): Recorder => {
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
      await writePart(options, entries, { replaces: [] })
    } catch (error) {
      for (const entry of entries) keep(entry)
      throw error
    }
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

const take = async <T>(count: number, items: AsyncIterable<T>): Promise<readonly T[]> => {
  const taken: T[] = []
  for await (const item of items) {
    taken.push(item)
    if (taken.length >= count) break
  }
  return taken
}
