import { copyFile, stat, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import fastGlob from 'fast-glob'
import { errorCodeOf } from '../../core/error-code.ts'
import { Problem } from '../../core/problem.ts'
import { PRIVATE_SEGMENT } from '../../core/source-key.ts'
import { makeFolders } from '../../store/make-folders.ts'

/**
 * Copies the results of an output folder that are missing in a site or newer than there, without the ledger. Problem
 * `results-blocked` where the site has a file where results need a folder.
 */
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
  await makeFolder(dirname(to))
  await copyFile(from, to)
  await utimes(to, own.atime, own.mtime)
}

const makeFolder = async (path: string): Promise<void> => {
  try {
    await makeFolders(path)
  } catch (cause) {
    if (!/^(?:EEXIST|ENOTDIR)$/.test(errorCodeOf(cause))) throw cause
    throw new Problem(
      'results-blocked',
      `Results need the folder ${path}, but the site has a file of that name, or above it: originals and results have the same path there.`,
      {
        subject: path,
        hint: 'Give baseUrl and output in the configuration another path, such as /sizes/ and ./sizes, or do not publish the originals.',
        cause,
      },
    )
  }
}
