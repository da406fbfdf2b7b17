import { lstat, readdir, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { LRUCache } from 'lru-cache'
import { PRIVATE_SEGMENT } from '../core/source-key.ts'
import { systemCodeOf, undefinedIfMissing } from './folder-problems.ts'
import { type FolderRoot, whyNotFile } from './folder-root.ts'

/** Folders whose names are remembered; a few are enough, as sources come folder by folder. */
const FOLDERS_KNOWN = 8

/** Names by the text that they have in common on such a disk. */
type Names = Map<string, readonly string[]>

/**
 * Some disks treat several names as one: those of macOS and Windows ignore letter case, some ignore how accents are
 * composed. A file keeps the spelling with which it was made, and a listing, or a copy of the folder on another
 * machine, shows that. Learns by trial what the disk ignores, once there is a file to try it on.
 */
export const createSpellings = () => {
  const known = new LRUCache<string, Names>({ max: FOLDERS_KNOWN })
  /** Whether the disk ignores it; undefined until there is a name to try it on. */
  let ignoresCase: boolean | undefined
  let ignoresForm: boolean | undefined

  const readNames = async (folder: string): Promise<Names> => {
    const names: Names = new Map()
    for (const name of await readdir(folder)) addTo(names, name)
    known.set(folder, names)
    return names
  }
  const spell = async (folder: string, name: string): Promise<string | undefined> => {
    const alike = known.get(folder)?.get(fold(name)) ?? (await readNames(folder)).get(fold(name)) ?? []
    return alike.includes(name) ? name : alike[0]
  }
  /** Once anything has been written, there is a folder of ours to try it on. */
  const learnCase = async (root: string): Promise<boolean> => {
    if (!(await isThere(join(root, PRIVATE_SEGMENT)))) return true
    const other = PRIVATE_SEGMENT.toUpperCase()
    ignoresCase = (await isThere(join(root, other))) && !(await readdir(root)).includes(other)
    return ignoresCase
  }
  const learnForm = async (root: string, key: string): Promise<boolean> => {
    ignoresForm = await isThere(join(root, otherForm(key)))
    return ignoresForm
  }
  /** Whether the existing `key` may be spelled otherwise on the disk. */
  const mayBeOther = async (root: string, key: string): Promise<boolean> =>
    (ignoresCase ?? (await learnCase(root))) ||
    (hasForms(key) && (ignoresForm ?? (await learnForm(root, key))))

  /** How the disk spells what lies at the path `key`; undefined where the same, or where nothing is there. */
  const findOther = async (root: FolderRoot, key: string): Promise<string | undefined> => {
    const isOnlyName = ignoresCase === false && (ignoresForm === false || !hasForms(key))
    const path = isOnlyName || whyNotFile(key) !== undefined ? undefined : await root.find()
    if (path === undefined || !(await isThere(join(path, key)))) return undefined
    if (!(await mayBeOther(path, key))) return undefined
    const names = key.split('/')
    const spelled: string[] = []
    for (const [index, name] of names.entries())
      spelled.push((await spell(join(path, ...names.slice(0, index)), name)) ?? name)
    const other = spelled.join('/')
    return other === key ? undefined : other
  }

  /** Renames every folder on the way to `key` to the spelling in `key`, as far as the disk lets. */
  const mend = async (root: FolderRoot, key: string): Promise<void> => {
    const other = (await findOther(root, key))?.split('/') ?? []
    const path = await root.find()
    if (path === undefined) return
    const names = key.split('/')
    for (const [index, name] of names.entries()) {
      const spelled = other[index]
      if (spelled === undefined || spelled === name) continue
      const folder = join(path, ...names.slice(0, index))
      await rename(join(folder, spelled), join(folder, name)).catch(ignoreRefusal)
      // Some disks choose the spelling themselves. The rename is not tried again.
      known.get(folder)?.set(fold(name), [name])
    }
  }

  return {
    findOther,
    mend,
    /** To be called when a folder was made at this path. */
    add: (path: string): void => {
      const names = known.get(dirname(path))
      if (names !== undefined) addTo(names, basename(path))
    },
  }
}

const addTo = (names: Names, name: string): void =>
  void names.set(fold(name), [...(names.get(fold(name)) ?? []), name])

const isThere = async (path: string): Promise<boolean> =>
  (await lstat(path).catch(undefinedIfMissing)) !== undefined

const ignoreRefusal = (error: unknown): void => {
  if (systemCodeOf(error) === undefined) throw error
}

/** The same text for all names that some disk treats as one. */
const fold = (name: string): string => name.normalize('NFC').toUpperCase().toLowerCase()

const hasForms = (key: string): boolean => key.normalize('NFC') !== key.normalize('NFD')

const otherForm = (key: string): string =>
  key.normalize('NFC') === key ? key.normalize('NFD') : key.normalize('NFC')
