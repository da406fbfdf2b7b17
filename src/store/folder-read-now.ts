import { type BigIntStats, closeSync, fstatSync, readSync, statSync } from 'node:fs'
import { isSameObject } from '../core/mark.ts'
import { type FolderReading, type OpenFile, openKeyNow } from './folder-read.ts'
import { type FolderRoot, whyNotFile } from './folder-root.ts'
import type { ReadableStore } from './port.ts'

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
