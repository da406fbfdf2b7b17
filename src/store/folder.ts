import { hash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { isSameMark, type Mark, toMark } from '../core/mark.ts'
import { createAtOnce } from './at-once.ts'
import { deleteEach } from './delete-each.ts'
import { toFolderProblem, undefinedIfMissing } from './folder-problems.ts'
import { createReadNow, openFile, readFile } from './folder-read.ts'
import { FolderRoot, MAX_SEGMENT_BYTES } from './folder-root.ts'
import { createSpellings } from './folder-spelling.ts'
import { walkFolder } from './folder-walk.ts'
import {
  type FileWrite,
  PARTIAL_FOLDER,
  removeFile,
  reserveRoom,
  sweepPartial,
  tryWriting,
  writeWhole,
} from './folder-write.ts'
import { writeNow } from './folder-write-now.ts'
import type { DeleteFailure, ObjectFacts, ReadOptions, StoredObject, WritableStore } from './port.ts'
import { createServerClock, type ServerClock } from './server-clock.ts'

/** Which folder, and what its marks contain. */
export interface FolderStoreOptions {
  /** An absolute path. */
  readonly path: string
  /**
   * Whether a missing folder counts as empty, to be made by the first write; otherwise it is Problem `store-missing`.
   */
  readonly create?: boolean
  /**
   * Whether the mark includes the inode's change time. Right for sources: it changes whenever bytes may have changed,
   * even where a copy keeps the modification time. Wrong for results: a rename or `chmod` changes it as well.
   * A file that changed only a moment ago has no mark: it may change again within the same step of the clock.
   */
  readonly trustChangeTime?: boolean
}

/**
 * A folder as a store. Keys are paths below it, listed as the disk spells them. Keeps no headers. On a disk that
 * ignores letter case, two keys that differ only by case are one file (`findOtherSpelling`).
 */
export const openFolderStore = (options: FolderStoreOptions): WritableStore => {
  const { path, create = false, trustChangeTime = false } = options
  const spellings = createSpellings()
  const atOnce = createAtOnce()
  const root = new FolderRoot({ path, create, onMade: spellings.add, atOnce })
  const describe = (key: string, facts: BigIntStats, lookedAt = Date.now()): ObjectFacts => ({
    key,
    sizeBytes: Number(facts.size),
    modifiedAt: Number(facts.mtimeNs / 1_000_000n),
    mark: trustChangeTime ? toSourceMark(facts, lookedAt) : toMark(`${facts.mtimeNs}`),
    headers: {},
  })
  const guard = async <T>(key: string | undefined, work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw toFolderProblem(error, path, key)
    }
  }
  const head = async (key: string): Promise<ObjectFacts | undefined> => {
    const real = await root.resolve(key)
    if (real === undefined) return undefined
    const facts = await stat(real, { bigint: true }).catch(undefinedIfMissing)
    return facts?.isFile() ? describe(key, facts) : undefined
  }
  const clock = createServerClock()
  const reading = { describe, atOnce }
  const readNow = createReadNow(root, reading)
  const write = async (file: Omit<FileWrite, 'clockOffsetMs'>): Promise<StoredObject | undefined> => {
    const stamped = { ...file, clockOffsetMs: clock.offsetMs() }
    const facts = writeNow(root, atOnce, stamped) ?? (await writeWhole(root, stamped))
    return facts && toListed(describe(file.key, facts))
  }
  const getNow = (key: string, { maxBytes = SMALL_BYTES, allocate, signal }: ReadOptions) => {
    if (allocate !== undefined || signal?.aborted) return undefined
    const read = readNow(key, { maxBytes: Math.min(maxBytes, SMALL_BYTES) })
    return read === 'as-seen' ? undefined : read
  }

  return {
    place: path,
    marks: 'date',
    isListable: true,
    keepsHeaders: false,
    objectSettings: '',
    keyLimits: { prefixBytes: 0, maxSegmentBytes: MAX_SEGMENT_BYTES },
    async *list(options = {}) {
      try {
        const realRoot = await root.find()
        if (realRoot === undefined) return
        await root.check()
        const hidden = `${PARTIAL_FOLDER}/`
        for await (const file of walkFolder({ ...options, atOnce, root: realRoot, hidden }))
          yield toListed(describe(file.key, file.facts))
        // A root that vanished during the listing looks like one with fewer files.
        await root.check()
      } catch (error) {
        throw toFolderProblem(error, path)
      }
    },
    head: (key) => guard(key, () => head(key)),
    get: (key, read = {}) =>
      guard(key, async () => getNow(key, read) ?? (await readFile(root, key, reading, read))),
    open: (key, read = {}) =>
      guard(key, () =>
        openFile(root, key, describe, { ...read, toProblem: (error) => toFolderProblem(error, path, key) }),
      ),
    readNow,
    close: async () => {},
    put: (key, bytes, { createOnly = false, md5: sum = hash('md5', bytes), signal }) =>
      guard(key, async () => {
        const object = await write({ key, bytes, createOnly, signal })
        return object ? { kind: 'stored', object, md5: sum } : { kind: 'exists' }
      }),
    copy: (from, to, { mark, signal }) =>
      guard(to, async () => {
        const source = await readFile(root, from, reading, signal ? { signal } : {})
        if (source === undefined || !isSameMark(source.mark, mark)) return undefined
        return write({ key: to, bytes: source.bytes, createOnly: false, signal })
      }),
    deleteAll: (keys, { signal } = {}) => guard(undefined, () => removeAll(root, path, keys, signal)),
    findOtherSpelling: (key) => guard(key, () => spellings.findOther(root, key)),
    mendSpelling: (key) => guard(key, () => spellings.mend(root, key)),
    reserve: (mostBytes) => guard(undefined, () => reserveRoom(root, mostBytes)),
    sweep: ({ signal } = {}) =>
      guard(undefined, () => sweepPartial(root, Date.now() + clock.offsetMs() - HOUR_MS, signal)),
    clockOffsetMs: clock.offsetMs,
    probe: ({ forWriting = false, into } = {}) =>
      guard(undefined, async () => {
        await root.probe()
        if (forWriting || into !== undefined) await probeWriting(root, clock, into)
      }),
  }
}

/** Linux advances its file clock every 1 to 10 ms; a disk with dates in whole seconds (FAT, HFS+) every two seconds. */
const GRAIN_MS = 100
const COARSE_GRAIN_MS = 2_000

const toSourceMark = ({ mtimeNs, ctimeNs }: BigIntStats, lookedAt: number): Mark | undefined => {
  const grainMs = ctimeNs % 1_000_000_000n === 0n ? COARSE_GRAIN_MS : GRAIN_MS
  const isSettled = lookedAt - Number(ctimeNs / 1_000_000n) > grainMs
  return isSettled ? toMark(`${mtimeNs}.${ctimeNs}`) : undefined
}

/** Files are written in one folder and renamed into others; some are written directly into a folder of ours. */
const probeWriting = async (root: FolderRoot, clock: ServerClock, into = '.'): Promise<void> => {
  if ((await root.find()) === undefined) return // it was checked that it can be made; a probe does not make it
  await root.probeFolder('.')
  await root.probeFolder(into.replace(/\/$/, ''))
  const askedAt = Date.now()
  clock.hear(await tryWriting(root), { askedAt, answeredAt: Date.now() })
}

/** Files up to this size are read at once; a larger one is opened twice. */
const SMALL_BYTES = 64 * 1024
const HOUR_MS = 3_600_000

// Not by the rest of a pattern: a listing may have millions.
const toListed = ({ key, sizeBytes, modifiedAt, mark }: ObjectFacts): StoredObject => {
  return { key, sizeBytes, modifiedAt, mark }
}

const removeAll = async (
  root: FolderRoot,
  place: string,
  keys: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly DeleteFailure[]> => {
  if ((await root.find()) === undefined) return []
  await root.check()
  return deleteEach(keys, {
    atOnce: 32,
    signal,
    deleteOne: (key) => removeFile(root, key),
    toProblem: (error, key) => toFolderProblem(error, place, key),
  })
}
