import { randomUUID } from 'node:crypto'
import {
  type BigIntStats,
  closeSync,
  fstatSync,
  futimesSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { basename, dirname } from 'node:path'
import type { AtOnce } from './at-once.ts'
import { type FolderRoot, whyNotFile } from './folder-root.ts'
import { type FileWrite, PARTIAL_FOLDER, stampSeconds } from './folder-write.ts'

const SMALL_BYTES = 256 * 1024

/**
 * As `writeWhole`, but synchronously, for a small file; undefined where that is not possible, or the name is taken.
 */
export const writeNow = (root: FolderRoot, atOnce: AtOnce, write: FileWrite): BigIntStats | undefined => {
  const { key, bytes, createOnly, signal } = write
  if (bytes.byteLength > SMALL_BYTES || signal?.aborted || whyNotFile(key) !== undefined) return undefined
  return atOnce.try(() => {
    const partial = root.knownFolderNow(PARTIAL_FOLDER)
    const folder = partial && root.makeFolderNow(dirname(key))
    if (partial === undefined || folder === undefined) return undefined
    const temporary = `${partial}/${randomUUID()}`
    const target = `${folder}/${basename(key)}`
    try {
      const facts = writeTemporary(temporary, write)
      if (facts === undefined || createOnly) {
        // A name that is taken fails: `writeWhole` then tells why.
        if (facts !== undefined) linkSync(temporary, target)
        unlinkSync(temporary)
      } else renameSync(temporary, target)
      return facts
    } catch (error) {
      rmSync(temporary, { force: true })
      throw error
    }
  })
}

const writeTemporary = (path: string, { bytes, clockOffsetMs }: FileWrite): BigIntStats | undefined => {
  const file = openSync(path, 'wx')
  try {
    if (writeSync(file, bytes) < bytes.byteLength) return undefined // the disk is full, or nearly
    const seconds = stampSeconds(clockOffsetMs)
    futimesSync(file, seconds, seconds)
    return fstatSync(file, { bigint: true })
  } finally {
    closeSync(file)
  }
}
