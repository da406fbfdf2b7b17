import type { StoredObject, WritableStore } from '../../src/store/port.ts'

export interface FoldingOptions {
  /** Of a name, what the disk goes by: names of which it is the same are one. */
  readonly fold: (name: string) => string
  /** How the disk spells a new name; default as it is given. */
  readonly spell?: (name: string) => string
}

/** The same store as a folder on a disk that takes several names for one and keeps the spelling of the first. */
export const asFoldingStore = (
  inner: WritableStore,
  { fold, spell = (name) => name }: FoldingOptions,
): WritableStore => {
  /** By folded path, a name; of what once stood too. */
  const names = new Map<string, string>()
  const foldPath = (path: readonly string[]): string => path.map(fold).join('/')
  const toDisk = (key: string, isMade = false): string => {
    const path = key.split('/')
    return path
      .map((name, index) => {
        const id = foldPath(path.slice(0, index + 1))
        const known = names.get(id)
        if (known === undefined && isMade) names.set(id, spell(name))
        return names.get(id) ?? name
      })
      .join('/')
  }
  const asAsked = <T extends StoredObject>(key: string, object: T | undefined): T | undefined =>
    object && { ...object, key }
  const isThere = async (key: string): Promise<boolean> => {
    if ((await inner.head(key)) !== undefined) return true
    for await (const _ of inner.list({ prefix: `${key}/` })) return true
    return false
  }
  return {
    ...inner,
    head: async (key, options) => asAsked(key, await inner.head(toDisk(key), options)),
    get: async (key, options) => asAsked(key, await inner.get(toDisk(key), options)),
    open: async (key, options) => asAsked(key, await inner.open(toDisk(key), options)),
    put: async (key, bytes, options) => {
      const result = await inner.put(toDisk(key, true), bytes, options)
      return result.kind === 'stored' ? { ...result, object: { ...result.object, key } } : result
    },
    copy: async (from, to, options) => asAsked(to, await inner.copy(toDisk(from), toDisk(to, true), options)),
    deleteAll: async (keys, options) =>
      inner.deleteAll(
        keys.map((key) => toDisk(key)),
        options,
      ),
    findOtherSpelling: async (key) => {
      const spelled = toDisk(key)
      return spelled !== key && (await isThere(spelled)) ? spelled : undefined
    },
    mendSpelling: async (key) => {
      const path = key.split('/')
      for (const index of path.keys()) {
        const here = path.slice(0, index + 1)
        const before = toDisk(here.join('/'))
        names.set(foldPath(here), spell(path[index] ?? ''))
        const after = toDisk(here.join('/'))
        if (before !== after) await renameAll(inner, before, after)
      }
    },
  }
}

const renameAll = async (store: WritableStore, before: string, after: string): Promise<void> => {
  const keys: string[] = []
  for await (const { key } of store.list({ prefix: `${before}/` })) keys.push(key)
  for (const key of keys) {
    const object = await store.get(key)
    const headers = { contentType: '', cacheControl: '', metadata: {}, ...object?.headers }
    if (object?.mark !== undefined)
      await store.copy(key, after + key.slice(before.length), { mark: object.mark, headers })
  }
  await store.deleteAll(keys)
}
