import { constants, mkdirSync, realpathSync, statSync } from 'node:fs'
import { access, lstat, mkdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'
import { countBytes } from '../core/byte-order.ts'
import { Problem } from '../core/problem.ts'
import { type AtOnce, createAtOnce } from './at-once.ts'
import { isMissing, systemCodeOf, undefinedIfMissing } from './folder-problems.ts'

/** The longest segment of a key that the common file systems take, in bytes. */
export const MAX_SEGMENT_BYTES = 255

/** Why `key` cannot be a file below a root, in words; undefined where it can. Such a key is never used on the disk. */
export const whyNotFile = (key: string): string | undefined => {
  if (!key.isWellFormed() || key.includes('\0')) return 'it contains NUL or is not valid Unicode'
  if (sep !== '/' && /[\\:]/.test(key)) return 'it holds "\\" or ":"'
  const segments = key.split('/')
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..'))
    return 'it has an empty, "." or ".." segment'
  if (segments.some((segment) => countBytes(segment) > MAX_SEGMENT_BYTES))
    return `it has a segment of more than ${MAX_SEGMENT_BYTES} bytes`
  return undefined
}

/** Whether the real path `path` is `root` or lies below it. */
export const isWithin = (root: string, path: string): boolean =>
  path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)

/**
 * The folder of a store. Everything is accessed by its real path, which must lie within the real root, so that no
 * link leads out. Not covered: somebody who replaces a folder by a link between the check and the access. Whoever can
 * do that can write to the folder anyway.
 */
export interface FolderRoot {
  /** The real path of the root; undefined where the first write will make it. Problem `store-missing`. */
  find(): Promise<string | undefined>
  /** The same without I/O; undefined where it was not found yet. */
  known(): string | undefined
  /** Fails with `store-missing` where the root is gone; to be called where something else was not found. */
  check(): Promise<void>
  /** Fails where the root cannot be reached, or does not exist and cannot be made. */
  probe(): Promise<void>
  /** Fails where this user may not write into the folder `key`, or may not make it where it does not exist. */
  probeFolder(key: string): Promise<void>
  /** The real path of `key`; undefined where nothing is there, or it leads out of the root. */
  resolve(key: string): Promise<string | undefined>
  /** The real path of the folder `key`, which is made if needed; Problem `store-key-refused` where it leads out. */
  makeFolder(key: string): Promise<string>
  /** The same, synchronously; undefined where more than one folder must be made, or something is in the way. */
  makeFolderNow(key: string): string | undefined
  /** As `makeFolder`, but checked only once: for a folder of our own, which nobody has a reason to replace. */
  knownFolder(key: string): Promise<string>
  /** The same folder without I/O; undefined where it was not checked yet. */
  knownFolderNow(key: string): string | undefined
}

/**
 * `create`: until the first write, a missing root counts as empty. Once it was seen, its absence is an error.
 * `onMade` is called with every folder that is made below the root.
 */
export const openFolderRoot = (
  path: string,
  create: boolean,
  onMade: (path: string) => void = () => {},
  atOnce: AtOnce = createAtOnce(),
): FolderRoot => {
  let found: string | undefined
  const known = new Map<string, string>()

  const find = async (): Promise<string | undefined> => {
    if (found === undefined && (await isFolder(path, create))) found = await realpath(path)
    return found
  }

  const findOrMake = async (): Promise<string> => {
    const root = await find()
    if (root !== undefined) return root
    await mkdir(path, { recursive: true })
    found = await realpath(path)
    return found
  }

  const check = async (): Promise<void> => {
    await isFolder(found ?? path, create && found === undefined)
  }

  const probe = async (): Promise<void> => {
    if ((await find()) === undefined) await checkWritable(dirname(path))
    else await check()
  }

  const probeFolder = async (key: string): Promise<void> => {
    const root = await find()
    if (root !== undefined) await checkWritable(join(root, key))
  }

  /** As `resolve`, without a wait; undefined where that says nothing. */
  const resolveNow = (key: string): { readonly real: string | undefined } | undefined =>
    atOnce.try(() => {
      if (found === undefined) return undefined
      const target = join(found, key)
      if (statSync(target, { throwIfNoEntry: false }) === undefined)
        return statSync(found).isDirectory() ? { real: undefined } : undefined
      const real = realpathSync.native(target)
      return { real: isWithin(found, real) ? real : undefined }
    })

  const resolve = async (key: string): Promise<string | undefined> => {
    if (whyNotFile(key) !== undefined) return undefined
    const now = resolveNow(key)
    if (now !== undefined) return now.real
    const root = await find()
    if (root === undefined) return undefined
    try {
      const real = await realpath(join(root, key))
      return isWithin(root, real) ? real : undefined
    } catch (error) {
      if (!isMissing(error)) throw error
      await check()
      return undefined
    }
  }

  // Without mkdir's `recursive`: that follows a link out of the root before it can be checked.
  const makeFolder = async (key: string): Promise<string> => {
    const root = await findOrMake()
    if (key === '.') return root
    try {
      return await enter(root, key)
    } catch (error) {
      if (systemCodeOf(error) !== 'ENOENT') throw error
    }
    const path = join(await makeFolder(dirname(key)), basename(key))
    try {
      await mkdir(path)
      onMade(path)
      return path // its parent's path is real, and it was just made, so it is no link
    } catch (error) {
      if (systemCodeOf(error) === 'EEXIST') return enter(root, key)
      if (systemCodeOf(error) === 'ENOENT') await check()
      throw error
    }
  }

  const enterNow = (key: string): string | undefined => {
    if (found === undefined || key === '.') return found
    const real = realpathSync.native(join(found, key))
    return isWithin(found, real) ? real : undefined
  }

  let last = { key: '.', path: '', until: 0 }

  const makeFolderNow = (key: string): string | undefined => {
    if (key === '.') return found
    if (key === last.key && performance.now() < last.until) return last.path
    const path = makeOrEnterNow(key)
    if (path !== undefined) last = { key, path, until: performance.now() + TRUSTED_MS }
    return path
  }

  const makeOrEnterNow = (key: string): string | undefined => {
    const parent = enterNow(dirname(key))
    if (parent === undefined) return undefined
    const path = join(parent, basename(key))
    try {
      mkdirSync(path)
    } catch (error) {
      if (systemCodeOf(error) === 'EEXIST') return enterNow(key)
      throw error
    }
    onMade(path)
    return path
  }

  const knownFolder = async (key: string): Promise<string> => {
    const path = known.get(key) ?? (await makeFolder(key))
    known.set(key, path)
    return path
  }

  return {
    find,
    known: () => found,
    check,
    probe,
    probeFolder,
    resolve,
    makeFolder,
    makeFolderNow,
    knownFolder,
    knownFolderNow: (key) => known.get(key),
  }
}

/** The results of one source are written one after the other: their folder is looked at once. */
const TRUSTED_MS = 1_000

/** Whether this user may write into the folder `path`, or its nearest parent that exists; by permissions only. */
const checkWritable = async (path: string): Promise<void> => {
  if (!(await isFolder(path, true))) return checkWritable(dirname(path))
  await access(path, constants.W_OK | constants.X_OK)
}

const enter = async (root: string, key: string): Promise<string> => {
  const real = await realpath(join(root, key))
  if (isWithin(root, real)) return real
  throw new Problem('store-key-refused', `"${key}" in ${root} is a link to a place outside of that folder`, {
    subject: key,
    hint: 'imgsizes does not write through such a link; replace it by a folder.',
  })
}

/**
 * Whether `path` is a folder; false where it is absent and `mayBeAbsent`, else Problem `store-missing`. A link to
 * nothing is never absent: the disk that it leads to is.
 */
const isFolder = async (path: string, mayBeAbsent: boolean): Promise<boolean> => {
  const facts = await stat(path).catch(undefinedIfMissing)
  if (facts?.isDirectory()) return true
  const isLink = facts === undefined && (await lstat(path).catch(undefinedIfMissing))?.isSymbolicLink()
  if (facts === undefined && mayBeAbsent && !isLink) return false
  const what = facts ? 'is a file' : isLink ? 'is a link to nothing' : 'does not exist'
  throw new Problem('store-missing', `the folder ${path} ${what}`, {
    hint: 'Check the path in the configuration, and whether a disk must be mounted first.',
  })
}
