import { createHash } from 'node:crypto'
import { countBytes } from '../core/byte-order.ts'
import { type KeyRange, rangeBelow } from '../core/key-range.ts'
import { Problem } from '../core/problem.ts'
import {
  type KeyLimits,
  MAX_KEY_BYTES,
  parseSourceKey,
  type SourceKey,
  whyNotSourceKey,
} from '../core/source-key.ts'
import type { ListedSource } from '../plan/group.ts'
import type { ObjectBytes, ReadableStore, ReadOptions, StoredObject } from '../store/port.ts'
import type { Keyring } from '../url/keyring.ts'

/** One configured source with its open store. */
interface NamedStore {
  readonly name?: string
  readonly store: ReadableStore
  /** Where the output lies inside this source: its keys begin with this, and are no originals. */
  readonly outputPrefix?: string
}

/** An original, whole, with the fingerprint of these very bytes. */
export interface Original {
  readonly source: ListedSource
  readonly bytes: Uint8Array
  readonly fingerprint: string
}

/** One of the configured sources, as others need to know it. */
export interface SourceRoot {
  /** What its keys begin with: `blog/`; "" for the only source. */
  readonly prefix: string
  readonly isListable: boolean
  /** The place in words. */
  readonly place: string
  /** Whether its listing shows what lies in folders that begin with a dot. */
  readonly showsHidden: boolean
}

/** Hears of what a listing cannot tell. */
interface ListingEars {
  /** A name that cannot be a source. */
  readonly onSkipped: (name: string, reason: string) => void
  /** Nobody can say what originals there are at or below `path`, though of the others it can be said. */
  readonly onUnlisted: (path: string, problem: Problem) => void
}

export interface ListOriginalsOptions extends ListingEars {
  /** Of the originals those with keys in it; of their listing no more is asked for. */
  readonly range?: KeyRange
  readonly signal?: AbortSignal
}

/** All originals under one keyspace: the named sources side by side, or the only one. */
export interface Originals {
  readonly roots: readonly SourceRoot[]
  /**
   * Every original in byte order, `exclude`d ones left out, those that `include` does not name marked. Roots that
   * cannot be listed are left out where another can; folders that begin with a dot, or of which `exclude` leaves out
   * everything, are not looked into.
   */
  list(options: ListOriginalsOptions): AsyncIterable<ListedSource>
  /** The first original at or below `path`, spelled exactly so; undefined where there is none, or nothing can be listed. */
  findAtOrBelow(path: string): Promise<SourceKey | undefined>
  /** Looks one up; undefined where there is none, it is excluded, or its name is that of a result of ours. */
  find(key: SourceKey, options?: { readonly signal?: AbortSignal }): Promise<ListedSource | undefined>
  /** Reads one whole; undefined where `find` finds none. Problem `source-too-large`. */
  read(key: SourceKey, options?: Pick<ReadOptions, 'signal' | 'allocate'>): Promise<Original | undefined>
  /** Whether an original may have this name: it lies in a source, is not excluded, and is no result of ours. */
  mayBe(key: SourceKey): boolean
  /** Whether the mark of a listed source of this key tells its bytes: S3 yes, folders no. */
  marksOf(key: SourceKey): 'content' | 'date'
}

export interface OriginalsOptions {
  readonly stores: readonly NamedStore[]
  readonly isIncluded: (key: SourceKey) => boolean
  readonly isExcluded: (key: SourceKey) => boolean
  /** Whether all that lies below a folder is excluded. */
  readonly isFolderExcluded: (folder: string) => boolean
  /** A listed name that verifies as a key of ours is a result in the wrong place, never an original. */
  readonly keyring: Pick<Keyring, 'verify'>
  readonly maxBytes: number
  /** What the output can hold, and the longest name that goes below a source there. */
  readonly keyLimits: KeyLimits & { readonly longestNameBytes: number }
}

export const createOriginals = (options: OriginalsOptions): Originals => {
  // "a-b/" sorts before "a/", so names are compared with their slash.
  const stores = [...options.stores].sort((a, b) => (prefixOf(a) < prefixOf(b) ? -1 : 1))
  const locate = (key: SourceKey): { readonly store: ReadableStore; readonly inner: string } | undefined => {
    const found = stores.find((each) => key.startsWith(prefixOf(each)))
    if (found === undefined || options.isExcluded(key) || options.keyring.verify(key) !== undefined)
      return undefined
    const inner = key.slice(prefixOf(found).length)
    const isResult = found.outputPrefix !== undefined && inner.startsWith(found.outputPrefix)
    return inner === '' || isResult ? undefined : { store: found.store, inner }
  }
  const toListed = (key: SourceKey, object: StoredObject, marks: 'content' | 'date'): ListedSource => ({
    key,
    sizeBytes: object.sizeBytes,
    modifiedAt: object.modifiedAt,
    mark: object.mark,
    ...(marks === 'content' && object.mark !== undefined && { fingerprint: object.mark }),
    isIncluded: options.isIncluded(key),
  })

  async function* listRoot(named: NamedStore, ears: ListOriginalsOptions) {
    const { store, outputPrefix } = named
    const prefix = prefixOf(named)
    const range = prefix === '' ? ears.range : rangeBelow(ears.range ?? {}, prefix)
    if (range === undefined && ears.range !== undefined) return
    const isOutput = (path: string): boolean => outputPrefix !== undefined && path.startsWith(outputPrefix)
    const listing = store.list({
      ...range,
      ...(ears.signal && { signal: ears.signal }),
      onSkipped: (name, reason) => ears.onSkipped(prefix + name, reason),
      onUnlisted: (path, problem) => {
        const key = parseSourceKey(prefix + path)
        if (key === undefined || !options.isExcluded(key)) ears.onUnlisted(prefix + path, problem)
      },
      isEntered: (path) =>
        !HIDDEN_FOLDER.test(path) && !isOutput(`${path}/`) && !options.isFolderExcluded(prefix + path),
    })
    for await (const object of listing) {
      if (isOutput(object.key)) continue
      const text = prefix + object.key
      const key = parseSourceKey(text)
      if (key === undefined) ears.onSkipped(text, whyNotSourceKey(text) ?? '')
      else if (!options.isExcluded(key) && options.keyring.verify(key) === undefined) {
        const reason = whyTooLong(key, options.keyLimits)
        if (reason === undefined) yield toListed(key, object, store.marks)
        else ears.onSkipped(text, reason)
      }
    }
  }

  const listable = stores.filter(({ store }) => store.isListable)
  return {
    roots: stores.map((named) => {
      const { isListable, place, marks } = named.store
      return { prefix: prefixOf(named), isListable, place, showsHidden: marks === 'content' }
    }),
    list: async function* (ears) {
      const [only, ...others] = listable.length === 0 ? stores : listable
      if (only !== undefined && others.length === 0) return yield* listRoot(only, ears)
      for (const named of listable) {
        try {
          yield* listRoot(named, ears)
        } catch (error) {
          if (!(error instanceof Problem) || !OF_ONE_ROOT.has(error.code)) throw error
          ears.onUnlisted(named.name ?? '', error)
        }
      }
    },
    findAtOrBelow: async (path) => {
      const key = parseSourceKey(path)
      const place = key && locate(key)
      if (key === undefined || !place?.store.isListable) return undefined
      const { store, inner } = place
      for await (const object of store.list({ prefix: inner, onUnlisted: () => {} })) {
        if (object.key === inner) return key
        break
      }
      for await (const object of store.list({ prefix: `${inner}/`, onUnlisted: () => {} }))
        return parseSourceKey(`${path}${object.key.slice(inner.length)}`)
      return undefined
    },
    find: async (key, { signal } = {}) => {
      const place = locate(key)
      const object = await place?.store.head(place.inner, { ...(signal && { signal }) })
      return place && object && toListed(key, object, place.store.marks)
    },
    read: async (key, read = {}) => {
      const place = locate(key)
      const object = await place?.store.get(place.inner, { maxBytes: options.maxBytes, ...read })
      if (place === undefined || object === undefined) return undefined
      const fingerprint = fingerprintOf(object, place.store.marks)
      return { source: toListed(key, object, place.store.marks), bytes: object.bytes, fingerprint }
    },
    mayBe: (key) => locate(key) !== undefined,
    marksOf: (key) => locate(key)?.store.marks ?? 'date',
  }
}

const HIDDEN_FOLDER = /(?:^|\/)\.[^/]*$/

/** What is wrong with one of several sources, and not with the way to all of them. */
const OF_ONE_ROOT: ReadonlySet<string> = new Set(['store-denied', 'store-missing'])

/** docs/reference/contracts.md: on S3 the ETag without quotes; elsewhere, or where none is shown, the hex SHA-256 of the bytes. */
const fingerprintOf = (object: ObjectBytes, marks: 'content' | 'date'): string =>
  (marks === 'content' ? object.mark : undefined) ?? createHash('sha256').update(object.bytes).digest('hex')

const prefixOf = ({ name }: NamedStore): string => (name === undefined ? '' : `${name}/`)

const whyTooLong = (key: SourceKey, limits: OriginalsOptions['keyLimits']): string | undefined => {
  const keyBytes = limits.prefixBytes + countBytes(key) + limits.longestNameBytes
  if (keyBytes > MAX_KEY_BYTES)
    return `is so long that its keys would have ${keyBytes} of ${MAX_KEY_BYTES} bytes`
  if (key.length * 3 <= limits.maxSegmentBytes) return undefined
  const longest = Math.max(...key.split('/').map(countBytes))
  return longest > limits.maxSegmentBytes
    ? `has a segment of ${longest} bytes, and a folder can hold ${limits.maxSegmentBytes}`
    : undefined
}
