import * as fs from 'node:fs'
import { type BigIntStats, closeSync, fstatSync, readSync, statSync } from 'node:fs'
import { promisify } from 'node:util'
import { isSameObject } from '../core/mark.ts'
import { Problem } from '../core/problem.ts'
import type { AtOnce } from './at-once.ts'
import { undefinedIfMissing } from './folder-problems.ts'
import { type FolderRoot, isWithin, whyNotFile } from './folder-root.ts'
import type { ByteRange, ObjectBytes, ObjectFacts, ObjectStream, ReadableStore, ReadOptions } from './port.ts'
import { checkByteCount } from './read-body.ts'

interface FolderReading {
  readonly describe: Describe
  readonly atOnce: AtOnce
}

/** What the store says of a file as it was at that time or a little later; default: now. */
type Describe = (key: string, facts: fs.BigIntStats, lookedAt?: number) => ObjectFacts

/** A file by its descriptor, which whoever opened it must close. */
interface OpenFile {
  readonly file: number
  readonly facts: fs.BigIntStats
}

const open = promisify(fs.open)
const stat = promisify<number, { bigint: true }, fs.BigIntStats>(fs.fstat)
const read = promisify(fs.read)
const close = promisify(fs.close)

/** Without blocking: a pipe in its place would wait for ever. */
const FLAGS = fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0) | (fs.constants.O_NOFOLLOW ?? 0)

const openKey = async (root: FolderRoot, key: string): Promise<OpenFile | undefined> => {
  const real = await root.resolve(key)
  if (real === undefined) return undefined
  const file = await open(real, FLAGS).catch(undefinedIfMissing)
  if (file === undefined) return undefined
  try {
    const facts = await stat(file, { bigint: true })
    if (facts.isFile()) return { file, facts }
  } catch (error) {
    await close(file)
    throw error
  }
  await close(file)
  return undefined
}

/** The same synchronously; throws where that fails, and undefined says nothing. */
const openKeyNow = (root: FolderRoot, key: string): OpenFile | undefined => {
  const rootPath = root.known()
  if (rootPath === undefined || whyNotFile(key) !== undefined) return undefined
  const real = fs.realpathSync.native(`${rootPath}/${key}`)
  if (!isWithin(rootPath, real)) return undefined
  const file = fs.openSync(real, FLAGS)
  try {
    const facts = fs.fstatSync(file, { bigint: true })
    if (facts.isFile()) return { file, facts }
  } catch (error) {
    fs.closeSync(file)
    throw error
  }
  fs.closeSync(file)
  return undefined
}

/** The whole file `key`; read again where somebody wrote to it meanwhile. */
export const readFile = async (
  root: FolderRoot,
  key: string,
  { describe, atOnce }: FolderReading,
  { maxBytes, signal, allocate = Buffer.allocUnsafeSlow }: ReadOptions,
): Promise<ObjectBytes | undefined> => {
  for (let attempt = 0; attempt < 5; attempt++) {
    signal?.throwIfAborted()
    // Taken before the read: on a busy machine, much time may pass until it is over.
    const lookedAt = Date.now()
    // Where the kernel knows the file, only its bytes are worth a wait.
    const opened = atOnce.try(() => openKeyNow(root, key)) ?? (await openKey(root, key))
    if (opened === undefined) return undefined
    const { file, facts } = opened
    try {
      const sizeBytes = Number(facts.size)
      checkByteCount(key, sizeBytes, maxBytes)
      const bytes = allocate(sizeBytes)
      const isFull = await fill(file, bytes, signal)
      const after =
        atOnce.try(() => fs.fstatSync(file, { bigint: true })) ?? (await stat(file, { bigint: true }))
      const isWhole = isFull && after.size === facts.size && after.mtimeNs === facts.mtimeNs
      // A writer may reset the modification time, and then nothing shows which bytes were read.
      const isUntouched = after.ctimeNs === facts.ctimeNs
      if (isWhole) return { ...describe(key, facts, isUntouched ? lookedAt : 0), bytes }
    } finally {
      fs.closeSync(file) // nothing was written
    }
  }
  throw changing(key)
}

/** Reads from the start until `bytes` is full; false where the file ends before that. */
const fill = async (file: number, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<boolean> => {
  for (let position = 0; position < bytes.length; ) {
    signal?.throwIfAborted()
    const length = Math.min(READ_BYTES, bytes.length - position)
    const { bytesRead } = await read(file, bytes, position, length, position)
    if (bytesRead === 0) return false
    position += bytesRead
  }
  return true
}

/** Between two reads a signal is checked, and other users of libuv's threads get a turn. */
const READ_BYTES = 4 * 1024 * 1024

const changing = (key: string): Problem =>
  new Problem('store-unavailable', `"${key}" kept changing while it was read`, {
    subject: key,
    hint: 'Run again when nobody writes to it any more.',
  })

interface FileReading extends ReadOptions {
  readonly range?: ByteRange
  /** Converts errors of the disk that occur while the stream is read. */
  readonly toProblem: (error: unknown) => unknown
}

/** Opens the file `key` as a stream; only a part where `range` is given. */
export const openFile = async (
  root: FolderRoot,
  key: string,
  describe: Describe,
  { maxBytes, range, signal, toProblem }: FileReading,
): Promise<ObjectStream | undefined> => {
  const opened = await openKey(root, key)
  if (opened === undefined) return undefined
  const object = describe(key, opened.facts)
  try {
    checkByteCount(key, object.sizeBytes, maxBytes)
  } catch (error) {
    await close(opened.file)
    throw error
  }
  const part = range ?? { start: 0, end: object.sizeBytes - 1 }
  return { ...object, body: streamPart(opened.file, key, part, { toProblem, signal }) }
}

const CHUNK_BYTES = 256 * 1024

const streamPart = (
  file: number,
  key: string,
  { start, end: last }: ByteRange,
  { signal, toProblem }: Pick<FileReading, 'signal' | 'toProblem'>,
): ReadableStream<Uint8Array> => {
  let position = start
  let reading: Promise<unknown> = Promise.resolve()
  let closed: Promise<void> | undefined
  /** Once, and after the read that runs: its number may be another file's as soon as it is closed. */
  const end = (): Promise<void> => {
    const closeFile = () => close(file)
    closed ??= reading.then(closeFile, closeFile)
    return closed
  }
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        signal?.throwIfAborted()
        const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, last + 1 - position))
        const next = read(file, chunk, 0, chunk.length, position)
        reading = next
        const { bytesRead } = await next
        if (closed !== undefined) return // cancelled meanwhile
        if (bytesRead === 0 && chunk.length > 0) throw changing(key)
        position += bytesRead
        if (bytesRead > 0) controller.enqueue(chunk.subarray(0, bytesRead))
        if (position > last) {
          await end()
          controller.close()
        }
      } catch (error) {
        await end()
        throw toProblem(error)
      }
    },
    cancel: end,
  })
}

/** Reads small files synchronously. Any unusual file is left to `open`. */
export const createReadNow =
  (root: FolderRoot, { describe, atOnce }: FolderReading): NonNullable<ReadableStore['readNow']> =>
  (key, { maxBytes, seen }) => {
    const rootPath = root.known()
    if (rootPath === undefined || whyNotFile(key) !== undefined) return undefined
    return atOnce.try(() => {
      const path = `${rootPath}/${key}`
      if (seen !== undefined) {
        const facts = statSync(path, { bigint: true, throwIfNoEntry: false })
        if (facts?.isFile() && isSameObject(describe(key, facts), seen)) return 'as-seen'
      }
      const lookedAt = Date.now()
      const opened = openKeyNow(root, key)
      const read = opened && readWhole(opened, maxBytes)
      return read && { ...describe(key, read.facts, lookedAt), bytes: read.bytes }
    })
  }

const readWhole = (
  { file, facts }: OpenFile,
  maxBytes: number,
): { facts: BigIntStats; bytes: Uint8Array } | undefined => {
  try {
    if (facts.size > maxBytes) return undefined
    const bytes = Buffer.allocUnsafeSlow(Number(facts.size))
    const isFull = readSync(file, bytes, 0, bytes.length, 0) === bytes.length
    // A writer who changed the file in place may have reset its date: the asynchronous reader reads it again.
    const { size, mtimeNs, ctimeNs } = fstatSync(file, { bigint: true })
    const isWhole = isFull && size === facts.size && mtimeNs === facts.mtimeNs && ctimeNs === facts.ctimeNs
    return isWhole ? { facts, bytes } : undefined
  } finally {
    closeSync(file)
  }
}
