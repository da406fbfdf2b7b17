import { copyFile, mkdir, stat, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import fastGlob from 'fast-glob'
import { PRIVATE_SEGMENT } from '../core/source-key.ts'

/** Copies the results of an output folder that are not there or newer, and nothing of the ledger. */
export const publishFolder = async (from: string, to: string): Promise<void> => {
  const files = fastGlob.stream('**/*', {
    cwd: from,
    dot: true,
    ignore: [`${PRIVATE_SEGMENT}/**`],
    followSymbolicLinks: false,
  })
  for await (const path of files) await copyIfNewer(join(from, String(path)), join(to, String(path)))
}

const copyIfNewer = async (from: string, to: string): Promise<void> => {
  const [own, other] = await Promise.all([stat(from), stat(to).catch(() => undefined)])
  if (other?.size === own.size && Math.abs(other.mtimeMs - own.mtimeMs) < 2_000) return
  await mkdir(dirname(to), { recursive: true })
  await copyFile(from, to)
  await utimes(to, own.atime, own.mtime)
}
