import { readdir, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

const HOUR_MS = 3_600_000
const ENDING = '.partial'

/** Where a file is written before it takes its place: beside it, hidden. `id` is a text that no one else makes. */
export const partialOf = (path: string, id: string): string =>
  join(dirname(path), `.${basename(path)}.${process.pid}-${id}${ENDING}`)

/**
 * Removes what writers of the file `path` left beside it that were killed: they are gone, or have written nothing for
 * an hour on another machine.
 */
export const sweepPartials = async (path: string): Promise<void> => {
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
    return (error as NodeJS.ErrnoException).code === 'EPERM' // somebody else's
  }
}
