import { type BigIntStats, type Dirent, statSync } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { compareBytes, isInRange, reachesInto } from '../core/byte-order.ts'
import type { AtOnce } from './at-once.ts'
import { isMissing, toUnlistedProblem } from './folder-problems.ts'
import { isWithin } from './folder-root.ts'
import type { ListOptions } from './port.ts'

interface WalkedFile {
  readonly key: string
  readonly facts: BigIntStats
}

/** A name within one folder; `sortName` ends in "/" for folders, which is how keys below it compare. */
interface Entry {
  readonly sortName: string
  readonly path: string
  /** Real path, known for folders alone. */
  readonly real?: string
}

interface Level {
  /** "" or ending in "/". */
  readonly prefix: string
  readonly real: string
  readonly entries: readonly Entry[]
  next: number
  /** Facts that were read ahead, in the order of `entries`, beginning at `next`. */
  readonly ahead: (BigIntStats | undefined)[]
  /** Folders of this level that are being read ahead, by their index in `entries`. */
  readonly coming: Map<number, Promise<Level>>
}

interface Walk extends ListOptions {
  /** Real path. */
  readonly root: string
  /** A folder that is left out, as a key ending in "/". */
  readonly hidden: string
  readonly atOnce: AtOnce
}

/** How many files are asked for their facts at once: enough to keep a network disk busy. */
const AHEAD = 64

/** How many folders are read ahead. Each source has a folder of results: waiting for each would cost the most time. */
const FOLDERS_AHEAD = 8

/**
 * Every file below `root` in UTF-8 byte order of keys. A folder's names are in memory while it and the folders
 * below it are walked. Links are followed within the root, but not into a folder that they lie in.
 */
export async function* walkFolder(walk: Walk): AsyncGenerator<WalkedFile> {
  const levels = [await readLevel(walk, { prefix: '', path: walk.root, real: walk.root, above: [] })]
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    walk.signal?.throwIfAborted()
    const entry = level.entries[level.next]
    if (entry === undefined) {
      levels.pop()
    } else if (entry.real !== undefined) {
      levels.push(await takeSubfolder(walk, levels, level))
      level.next++
    } else if (level.ahead.length === 0 && !(await canReadAhead(walk, level))) {
      levels.pop()
    } else {
      const facts = level.ahead.shift()
      level.next++
      // Without facts: removed since its folder was read. Not a file: a pipe, a socket or a device.
      if (facts?.isFile()) yield { key: level.prefix + entry.sortName, facts }
    }
  }
}

/** The folder at `level.next`; reading of those after it begins, too. */
const takeSubfolder = async (walk: Walk, levels: readonly Level[], level: Level): Promise<Level> => {
  for (let i = level.next; i <= level.next + FOLDERS_AHEAD; i++) {
    const entry = level.entries[i]
    if (entry?.real === undefined || level.coming.has(i)) continue
    const reading = readSubfolder(walk, levels, entry)
    reading.catch(() => {}) // thrown where it is awaited, if the walk comes to it
    level.coming.set(i, reading)
  }
  const taken = level.coming.get(level.next)
  level.coming.delete(level.next)
  if (taken === undefined) throw new Error('no folder at this place')
  return taken
}

const readSubfolder = async (walk: Walk, levels: readonly Level[], entry: Entry): Promise<Level> => {
  const prefix = (levels.at(-1)?.prefix ?? '') + entry.sortName
  const above = levels.map((level) => level.real)
  try {
    const level = await readLevel(walk, { prefix, path: entry.path, real: entry.real ?? entry.path, above })
    await readAhead(walk, level)
    return level
  } catch (error) {
    passOver(walk, prefix, error)
    return { prefix, real: entry.path, entries: [], next: 0, ahead: [], coming: new Map() }
  }
}

/** A folder may show names although the files themselves may not be accessed. */
const canReadAhead = async (walk: Walk, level: Level): Promise<boolean> => {
  try {
    await readAhead(walk, level)
    return true
  } catch (error) {
    passOver(walk, level.prefix, error)
    return false
  }
}

/** Skips what lies at `path` ("" or a last "/" mean the folder itself) and tells of it; throws where nobody listens. */
const passOver = ({ root, onUnlisted }: Walk, path: string, error: unknown): void => {
  const name = path.replace(/\/$/, '')
  if (onUnlisted === undefined || name === '') {
    if (!isMissing(error)) throw error
  } else onUnlisted(name, toUnlistedProblem(error, root, name))
}

/** The facts of the files from `next` up to the next folder, whose own files come first. */
const readAhead = async ({ atOnce }: Walk, level: Level): Promise<void> => {
  const paths: string[] = []
  for (let i = level.next; paths.length < AHEAD; i++) {
    const entry = level.entries[i]
    if (entry === undefined || entry.real !== undefined) break
    paths.push(entry.path)
  }
  const known = atOnce.try(() => statWhileQuick(paths)) ?? []
  level.ahead.push(...known, ...(await Promise.all(paths.slice(known.length).map(statIfThere))))
}

/** What is in the kernel's memory takes a twentieth of that. */
const QUICK_MS = 0.2

/** The facts of the first of them, up to one that the disk had to be waited for: it is asked for the others side by side. */
const statWhileQuick = (paths: readonly string[]): readonly (BigIntStats | undefined)[] => {
  const known: (BigIntStats | undefined)[] = []
  for (const path of paths) {
    const startedAt = performance.now()
    known.push(statSync(path, { bigint: true, throwIfNoEntry: false }))
    if (performance.now() - startedAt > QUICK_MS) break
  }
  return known
}

const statIfThere = async (path: string): Promise<BigIntStats | undefined> => {
  try {
    return await stat(path, { bigint: true })
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

interface Folder {
  readonly prefix: string
  readonly path: string
  readonly real: string
  /** Real paths of the folders above. */
  readonly above: readonly string[]
}

const readLevel = async (walk: Walk, folder: Folder): Promise<Level> => {
  const entries: Entry[] = []
  for (const dirent of await readNames(walk, folder)) {
    const entry = dirent.isSymbolicLink()
      ? await followLink(walk, folder, dirent.name)
      : toEntry(folder, dirent)
    if (entry !== undefined && isWanted(walk, folder.prefix + entry.sortName)) entries.push(entry)
  }
  entries.sort((a, b) => compareBytes(a.sortName, b.sortName))
  return { prefix: folder.prefix, real: folder.real, entries, next: 0, ahead: [], coming: new Map() }
}

const isWanted = (walk: Walk, key: string): boolean => {
  if (!key.endsWith('/')) return isInRange(key, walk)
  if (key === walk.hidden || !reachesInto(walk, key)) return false
  return walk.isEntered === undefined || walk.isEntered(key.slice(0, -1))
}

const toEntry = (folder: Folder, dirent: Dirent): Entry => {
  const path = join(folder.path, dirent.name)
  if (!dirent.isDirectory()) return { sortName: dirent.name, path }
  return { sortName: `${dirent.name}/`, path, real: join(folder.real, dirent.name) }
}

const followLink = async (walk: Walk, folder: Folder, name: string): Promise<Entry | undefined> => {
  const path = join(folder.path, name)
  const skip = (reason: string) => walk.onSkipped?.(folder.prefix + name, reason)
  try {
    const real = await realpath(path)
    if (!isWithin(walk.root, real)) return void skip('is a link to a place outside of the folder')
    if (!(await stat(real)).isDirectory()) return { sortName: name, path }
    if (real === folder.real || folder.above.includes(real))
      return void skip('is a link to a folder that contains it')
    return { sortName: `${name}/`, path, real }
  } catch (error) {
    if (!isMissing(error)) return void passOver(walk, folder.prefix + name, error)
    return void skip('is a link to nothing')
  }
}

/**
 * A folder's names. Node reads bytes that are not UTF-8 as U+FFFD. Where that character occurs, the folder is read
 * again as bytes, to tell a real U+FFFD from a name that cannot be a key.
 */
const readNames = async (walk: Walk, folder: Folder): Promise<readonly Dirent[]> => {
  const dirents = await readdir(folder.path, { withFileTypes: true })
  if (!dirents.some((dirent) => dirent.name.includes('\ufffd'))) return dirents
  const broken = new Set<string>()
  for (const bytes of await readdir(folder.path, { encoding: 'buffer' })) {
    const name = bytes.toString('utf8')
    if (Buffer.from(name, 'utf8').equals(bytes)) continue
    broken.add(name)
    walk.onSkipped?.(folder.prefix + name, 'has a name that is not valid UTF-8')
  }
  return dirents.filter((dirent) => !broken.has(dirent.name))
}
