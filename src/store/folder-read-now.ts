import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs'
import { isSameLook } from '../core/mark.ts'
import type { Describe } from './folder-read.ts'
import { isWithin, whyNotFile } from './folder-root.ts'
import type { ReadableStore } from './port.ts'

/** Longer, and it is no disk with work to do, nor a busy machine, but a place that hangs: a network, most often. */
const SLOW_MS = 100
/** None is read at once for so many times as long as the slow one took. */
const SLOW_FACTOR = 10

/**
 * Reads small files by calls that wait. Where the kernel has them in memory that takes a tenth of the time that libuv's
 * threads do; where one took long, there is none for a while. Whatever is not as it should be is left to `open`.
 */
export const createReadNow = (
  knownRoot: () => string | undefined,
  describe: Describe,
): NonNullable<ReadableStore['readNow']> => {
  let slowUntil = 0
  return (key, { maxBytes, seen }) => {
    const startedAt = performance.now()
    const root = knownRoot()
    if (root === undefined || startedAt < slowUntil || whyNotFile(key) !== undefined) return undefined
    try {
      const path = `${root}/${key}`
      if (seen !== undefined) {
        const facts = statSync(path, { bigint: true, throwIfNoEntry: false })
        if (facts?.isFile() && isSameLook(describe(key, facts), seen)) return 'as-seen'
      }
      const real = realpathSync.native(path)
      const read = isWithin(root, real) ? readWhole(real, maxBytes) : undefined
      return read && { ...describe(key, read.facts), bytes: read.bytes }
    } catch {
      return undefined
    } finally {
      const endedAt = performance.now()
      const tookMs = endedAt - startedAt
      if (tookMs > SLOW_MS) slowUntil = endedAt + SLOW_FACTOR * tookMs
    }
  }
}

const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0)

const readWhole = (real: string, maxBytes: number): { facts: BigIntStats; bytes: Uint8Array } | undefined => {
  const file = openSync(real, FLAGS)
  try {
    const facts = fstatSync(file, { bigint: true })
    if (!facts.isFile() || facts.size > maxBytes) return undefined
    const bytes = Buffer.allocUnsafeSlow(Number(facts.size))
    const isFull = readSync(file, bytes, 0, bytes.length, 0) === bytes.length
    // Who writes in place: read again, by who can wait for it.
    const after = fstatSync(file, { bigint: true })
    const isWhole = isFull && after.size === facts.size && after.mtimeNs === facts.mtimeNs
    return isWhole ? { facts, bytes } : undefined
  } finally {
    closeSync(file)
  }
}
