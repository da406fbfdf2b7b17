import { randomBytes, randomUUID } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import {
  link,
  lstat,
  open,
  readdir,
  rename,
  rm,
  rmdir,
  statfs,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Problem } from '../core/problem.ts'
import { isMissing, systemCodeOf, undefinedIfMissing } from './folder-problems.ts'
import { type FolderRoot, whyNotFile } from './folder-root.ts'

/** Where files lie while they are written; listings leave it out. */
export const PARTIAL_FOLDER = '.imgsizes/partial'

/** A file to be written as a whole. */
export interface FileWrite {
  readonly key: string
  readonly bytes: Uint8Array
  readonly createOnly: boolean
  /** By how much the disk's clock is ahead of this machine's. */
  readonly clockOffsetMs: number
  readonly signal: AbortSignal | undefined
}

/**
 * Fails where files cannot be written here. It writes one: users, modes and mounts do not tell for sure. Also fails
 * where a disk shows all names in one letter case, since keys could not be read back. Returns the time that the disk
 * gives the file; on a network disk this is another machine's.
 */
export const tryWriting = async (root: FolderRoot): Promise<number> => {
  const folder = await root.makeFolder(PARTIAL_FOLDER)
  const name = `${randomUUID()}-Aa`
  const file = await open(join(folder, name), 'wx')
  const { mtimeMs } = await file.stat().finally(() => file.close())
  const names = await readdir(folder)
  await rm(join(folder, name), { force: true })
  if (names.includes(name) || !names.some((other) => other.toLowerCase() === name.toLowerCase()))
    return mtimeMs
  throw new Problem(
    'store-key-refused',
    `${folder} is on a disk that does not keep upper and lower case of names`,
    {
      hint: 'Mount it with other options (ntfs-3g: without ignore_case), or store elsewhere: keys have upper and lower case.',
    },
  )
}

/**
 * Writes a file so that every reader sees either the whole old one or the whole new one; undefined where `createOnly`
 * is set and it exists. The facts are those of the written file, even if another writer has replaced it since.
 */
export const writeWhole = async (root: FolderRoot, write: FileWrite): Promise<BigIntStats | undefined> => {
  const reason = whyNotFile(write.key)
  if (reason !== undefined) throw refused(write.key, reason)
  // A deletion by another process removes empty folders, perhaps one that we have just made.
  for (let attempt = 1; ; attempt++) {
    try {
      return await writeOnce(root, write, attempt === 1)
    } catch (error) {
      if (systemCodeOf(error) !== 'ENOENT' || attempt === MAX_ATTEMPTS) throw error
    }
  }
}

const MAX_ATTEMPTS = 20

/** Each call to the disk takes a turn of libuv's threads, which adds up where results are made on demand. */
const writeOnce = async (
  root: FolderRoot,
  write: FileWrite,
  isFirstAttempt: boolean,
): Promise<BigIntStats | undefined> => {
  const target = join(await root.makeFolder(dirname(write.key)), basename(write.key))
  const partial = await (isFirstAttempt ? root.knownFolder(PARTIAL_FOLDER) : root.makeFolder(PARTIAL_FOLDER))
  const temporary = join(partial, randomUUID())
  try {
    const facts = await writeTemporary(temporary, write)
    write.signal?.throwIfAborted()
    if (write.createOnly) return (await linkNew(temporary, target, write.key)) ? facts : undefined
    await rename(temporary, target)
    return facts
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/**
 * File systems take the time from a clock with steps of about 4 ms: in a listing, two writes of equal length within one
 * step would look the same. Our own times differ by microseconds.
 */
export const stampSeconds = (clockOffsetMs: number): number =>
  (Date.now() + (performance.now() % 1) + clockOffsetMs) / 1000

const writeTemporary = async (
  path: string,
  { bytes, clockOffsetMs, signal }: FileWrite,
): Promise<BigIntStats> => {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(bytes, { signal })
    const seconds = stampSeconds(clockOffsetMs)
    // By its path: Yarn's Plug'n'Play has no such call for an open file.
    await utimes(path, seconds, seconds)
    return await file.stat({ bigint: true })
  } finally {
    await file.close()
  }
}

const isTaken = async (target: string, key: string): Promise<boolean> => {
  try {
    if ((await lstat(target)).isDirectory()) throw refused(key, 'a folder of that name stands there')
    return true
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false
    throw error
  }
}

/** Gives the file its name unless it is taken; returns whether it did. The temporary file is removed in both cases. */
const linkNew = async (temporary: string, target: string, key: string): Promise<boolean> => {
  try {
    await link(temporary, target)
    await unlink(temporary)
    return true
  } catch (error) {
    const code = systemCodeOf(error) ?? ''
    if (code !== 'EEXIST' && !NO_HARD_LINKS.has(code)) throw error
    // Without hard links (exFAT, some network disks) two writers may both believe that they were first. The
    // object is complete all the same.
    const isFree = !(await isTaken(target, key))
    await (isFree ? rename(temporary, target) : unlink(temporary))
    return isFree
  }
}

const NO_HARD_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

const refused = (key: string, reason: string): Problem =>
  new Problem('store-key-refused', `"${key}" cannot be stored in a folder: ${reason}`, {
    subject: key,
    hint: 'Rename the source or what is in its way, or store on S3, where any key is possible.',
  })

/** Removes the file `key` if there is one, and every folder that this leaves empty. */
export const removeFile = async (root: FolderRoot, key: string): Promise<void> => {
  if (whyNotFile(key) !== undefined) return
  const rootPath = await root.find()
  if (rootPath === undefined) return
  const parent = dirname(key) === '.' ? rootPath : await root.resolve(dirname(key))
  if (parent === undefined || !(await unlinkFile(join(parent, basename(key))))) return
  await removeEmptyFolders(parent, rootPath)
}

const unlinkFile = async (path: string): Promise<boolean> => {
  try {
    await unlink(path)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    // A folder is not an object. Linux reports EISDIR, other systems EPERM.
    if ((await lstat(path).catch(undefinedIfMissing))?.isDirectory()) return false
    throw error
  }
}

const removeEmptyFolders = async (from: string, rootPath: string): Promise<void> => {
  for (let folder = from; folder !== rootPath; folder = dirname(folder)) {
    try {
      await rmdir(folder)
    } catch {
      return // Not empty, gone already, or not ours to remove: an empty folder does no harm.
    }
  }
}

/** Removes temporary files that were last written before `olderThan` (milliseconds since 1970). */
export const sweepPartial = async (
  root: FolderRoot,
  olderThan: number,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const folder = await root.resolve(PARTIAL_FOLDER)
  if (folder === undefined) return
  for (const name of await readdir(folder)) {
    signal?.throwIfAborted()
    const path = join(folder, name)
    const facts = await lstat(path).catch(undefinedIfMissing)
    if (facts?.isFile() && facts.mtimeMs < olderThan) await rm(path, { force: true })
  }
}

/** Two blocks: if there is no space for these, there is none for a result either. */
const LEAST_RESERVED_BYTES = 8 * 1024
const RESERVED_SHARE = 32

/** A file that takes space until it is removed. Its bytes are random, so that no file system can compress them. */
export const reserveRoom = async (root: FolderRoot, mostBytes: number): Promise<() => Promise<void>> => {
  const folder = await root.knownFolder(PARTIAL_FOLDER)
  const path = join(folder, randomUUID())
  const { bavail, bsize } = await statfs(folder)
  const fair = Math.max((bavail * bsize) / RESERVED_SHARE, LEAST_RESERVED_BYTES)
  const giveBack = (): Promise<void> => rm(path, { force: true })
  // A quota may allow less than the disk says.
  for (let size = Math.min(mostBytes, fair); size >= LEAST_RESERVED_BYTES / 2; size /= 2) {
    try {
      await writeFile(path, randomBytes(Math.floor(size)), { flag: 'wx' })
      return giveBack
    } catch (error) {
      await giveBack()
      if (systemCodeOf(error) === undefined) throw error
    }
  }
  return async () => {}
}
