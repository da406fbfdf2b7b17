import { chmod, chown, type FileHandle, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { TextSink } from '../app/site/images.ts'
import { errorCodeOf, failWriting } from '../core/error-code.ts'
import { makeFolders } from '../store/make-folders.ts'

/**
 * Writes a text file beside `path` and renames it to `path` at the end, so that readers see the whole old file or the
 * whole new one. If the old file has the same text, it is not touched. `id` is a text that nobody else makes. Problem
 * `file-not-written`.
 */
export const openTextFile = async (path: string, id: string): Promise<TextSink> => {
  const partial = partialOf(path, id)
  await sweepPartials(path)
  const told = <T>(work: Promise<T>): Promise<T> => work.catch(failWriting(path))
  const file: FileHandle = await told(makeFolders(dirname(path)).then(() => open(partial, 'wx')))
  return {
    write: (text) => told(file.appendFile(text)),
    commit: async () => {
      await told(file.close())
      const isNew = !(await areSame(partial, path))
      await told(isNew ? copyRights(path, partial).then(() => rename(partial, path)) : rm(partial))
      return isNew
    },
    discard: async () => {
      await file.close().catch(() => {}) // it is deleted anyway
      await rm(partial, { force: true })
    },
  }
}

const areSame = async (one: string, other: string): Promise<boolean> => {
  const sizes = await Promise.all(
    [one, other].map((path) =>
      stat(path).then(
        ({ size }) => size,
        () => -1,
      ),
    ),
  )
  if (sizes[0] !== sizes[1]) return false
  const [a, b] = await Promise.all([one, other].map((path) => readFile(path)))
  return a !== undefined && b !== undefined && a.equals(b)
}

const HOUR_MS = 3_600_000
const ENDING = '.partial'

/** The hidden file beside `path` that is written first. `id` is a text that nobody else makes. */
const partialOf = (path: string, id: string): string =>
  join(dirname(path), `.${basename(path)}.${process.pid}-${id}${ENDING}`)

/**
 * Removes what killed writers of the file `path` left beside it: their process is gone, or, on another machine, has
 * written nothing for an hour.
 */
const sweepPartials = async (path: string): Promise<void> => {
  const folder = dirname(path)
  const before = `.${basename(path)}.`
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(before) || !name.endsWith(ENDING)) continue
    const file = join(folder, name)
    const modifiedAt = (await stat(file).catch(() => undefined))?.mtimeMs
    if (modifiedAt === undefined) continue
    const [, writer] = /^([0-9]{1,7})-/.exec(name.slice(before.length)) ?? []
    const isGone = writer !== undefined && !isRunning(Number(writer))
    if (isGone || Date.now() - modifiedAt > HOUR_MS) await rm(file, { force: true })
  }
}

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return errorCodeOf(error) === 'EPERM' // a process of another user
  }
}

/** Gives the file `to` the permissions of `from`, which it is about to replace, and the owner where it may. */
export const copyRights = async (from: string, to: string): Promise<void> => {
  const found = await stat(from).catch(() => undefined)
  if (found === undefined) return
  await chown(to, found.uid, found.gid).catch(() => {}) // only root may give files away
  await chmod(to, found.mode)
}
