import { constants, mkdirSync, realpathSync, statSync } from 'node:fs'
import { access, lstat, mkdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'
import { countBytes } from '../core/byte-order.ts'
import { Problem } from '../core/problem.ts'
import type { AtOnce } from './at-once.ts'
import { isMissing, systemCodeOf, undefinedIfMissing } from './folder-problems.ts'
import { makeFolders } from './make-folders.ts'

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

interface FolderRootOptions {
  /** An absolute path. */
  readonly path: string
  /** Until the first write, a missing root counts as empty. Once it was seen, its absence is an error. */
  readonly create: boolean
  /** Called with every folder that is made below the root. */
  readonly onMade: (path: string) => void
  readonly atOnce: AtOnce
}

/**
 * The folder of a store. Everything is accessed by its real path, which must lie within the real root, so that no
 * link leads out. Not covered: somebody who replaces a folder by a link between the check and the access. Whoever can
 * do that can write to the folder anyway.
 */
export class FolderRoot {
  readonly #options: FolderRootOptions
  /** The real path of the root; undefined where it was not found yet. */
  #found: string | undefined
  readonly #known = new Map<string, string>()
  /** The folder of the last write. */
  #last = { key: '.', path: '', until: 0 }

  constructor(options: FolderRootOptions) {
    this.#options = options
  }

  /** The real path of the root; undefined where the first write will make it. Problem `store-missing`. */
  async find(): Promise<string | undefined> {
    const { path, create } = this.#options
    if (this.#found === undefined && (await isFolder(path, create))) this.#found = await realpath(path)
    return this.#found
  }

  /** The same without I/O; undefined where it was not found yet. */
  known(): string | undefined {
    return this.#found
  }

  /** Fails with `store-missing` where the root is gone; to be called where something else was not found. */
  async check(): Promise<void> {
    const { path, create } = this.#options
    await isFolder(this.#found ?? path, create && this.#found === undefined)
  }

  /** Fails where the root cannot be reached, or does not exist and cannot be made. */
  async probe(): Promise<void> {
    if ((await this.find()) === undefined) await checkWritable(dirname(this.#options.path))
    else await this.check()
  }

  /** Fails where this user may not write into the folder `key`, or may not make it where it does not exist. */
  async probeFolder(key: string): Promise<void> {
    const root = await this.find()
    if (root !== undefined) await checkWritable(join(root, key))
  }

  /** The real path of `key`; undefined where nothing is there, or it leads out of the root. */
  async resolve(key: string): Promise<string | undefined> {
    if (whyNotFile(key) !== undefined) return undefined
    const now = this.#options.atOnce.try(() => this.#resolveNow(key))
    if (now !== undefined) return now.real
    const root = await this.find()
    if (root === undefined) return undefined
    try {
      const real = await realpath(join(root, key))
      return isWithin(root, real) ? real : undefined
    } catch (error) {
      if (!isMissing(error)) throw error
      await this.check()
      return undefined
    }
  }

  /** As `resolve`, without a wait; undefined where that says nothing. */
  #resolveNow(key: string): { readonly real: string | undefined } | undefined {
    const root = this.#found
    if (root === undefined) return undefined
    const target = join(root, key)
    if (statSync(target, { throwIfNoEntry: false }) === undefined)
      return statSync(root).isDirectory() ? { real: undefined } : undefined
    const real = realpathSync.native(target)
    return { real: isWithin(root, real) ? real : undefined }
  }

  /** The real path of the folder `key`, which is made if needed; Problem `store-key-refused` where it leads out. */
  async makeFolder(key: string): Promise<string> {
    const root = await this.#findOrMake()
    if (key === '.') return root
    try {
      return await enter(root, key)
    } catch (error) {
      if (systemCodeOf(error) !== 'ENOENT') throw error
    }
    // Without mkdir's `recursive`: that follows a link out of the root before it can be checked.
    const path = join(await this.makeFolder(dirname(key)), basename(key))
    try {
      await mkdir(path)
      this.#options.onMade(path)
      return path // its parent's path is real, and it was just made, so it is no link
    } catch (error) {
      if (systemCodeOf(error) === 'EEXIST') return enter(root, key)
      if (systemCodeOf(error) === 'ENOENT') await this.check()
      throw error
    }
  }

  async #findOrMake(): Promise<string> {
    const root = await this.find()
    if (root !== undefined) return root
    await makeFolders(this.#options.path)
    this.#found = await realpath(this.#options.path)
    return this.#found
  }

  /** The same, synchronously; undefined where more than one folder must be made, or something is in the way. */
  makeFolderNow(key: string): string | undefined {
    if (key === '.') return this.#found
    if (key === this.#last.key && performance.now() < this.#last.until) return this.#last.path
    const path = this.#makeOrEnterNow(key)
    if (path !== undefined) this.#last = { key, path, until: performance.now() + TRUSTED_MS }
    return path
  }

  #makeOrEnterNow(key: string): string | undefined {
    const parent = this.#enterNow(dirname(key))
    if (parent === undefined) return undefined
    const path = join(parent, basename(key))
    try {
      mkdirSync(path)
    } catch (error) {
      if (systemCodeOf(error) === 'EEXIST') return this.#enterNow(key)
      throw error
    }
    this.#options.onMade(path)
    return path
  }

  #enterNow(key: string): string | undefined {
    const root = this.#found
    if (root === undefined || key === '.') return root
    const real = realpathSync.native(join(root, key))
    return isWithin(root, real) ? real : undefined
  }

  /** As `makeFolder`, but checked only once: for a folder of our own, which nobody has a reason to replace. */
  async knownFolder(key: string): Promise<string> {
    const path = this.#known.get(key) ?? (await this.makeFolder(key))
    this.#known.set(key, path)
    return path
  }

  /** The same folder without I/O; undefined where it was not checked yet. */
  knownFolderNow(key: string): string | undefined {
    return this.#known.get(key)
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
    hint: 'Check the path in the configuration, and whether a disk must be mounted first. A folder of `output` or `state` is made by the first build that writes there.',
  })
}
