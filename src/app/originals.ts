import { hash } from 'node:crypto'
import { keyPrefixOf } from '../config/config.ts'
import { countBytes, type KeyRange, rangeBelow } from '../core/byte-order.ts'
import { Problem } from '../core/problem.ts'
import {
  type KeyLimits,
  MAX_KEY_BYTES,
  sidecarOf as nameSidecar,
  parseSourceKey,
  type SourceKey,
  whyNotSourceKey,
} from '../core/source-key.ts'
import type { ListedSource } from '../plan/group.ts'
import type { ObjectBytes, ReadableStore, ReadOptions, StoredObject } from '../store/port.ts'
import type { Keyring } from '../url/keyring.ts'

interface NamedStore {
  readonly name?: string
  readonly store: ReadableStore
  /** Where the output lies inside this source: keys that begin with this are no originals. */
  readonly outputPrefix?: string
}

/** All bytes of an original, with the fingerprint of exactly these bytes. */
export interface Original {
  readonly source: ListedSource
  readonly bytes: Uint8Array
  readonly fingerprint: string
}

/** One configured source. */
export interface OriginalsRoot {
  /** What its keys begin with: `blog/`; "" where it is the only source. */
  readonly prefix: string
  readonly isListable: boolean
  /** The place, for messages. */
  readonly place: string
  /** Whether its listing shows what lies in folders whose name begins with a dot. */
  readonly showsHidden: boolean
}

/** Called with what a listing cannot show. */
interface ListingEvents {
  /** A name that cannot be a source. */
  readonly onSkipped: (name: string, reason: string) => void
  /** It is unknown which originals exist at or below `path`; elsewhere it is known. */
  readonly onUnlisted: (path: string, problem: Problem) => void
}

/** For a listing whose gaps another run tells. */
export const UNTOLD: ListingEvents = { onSkipped: () => {}, onUnlisted: () => {} }

/** Which originals are listed. */
export interface ListOriginalsOptions extends ListingEvents {
  /** Only originals that have keys in this range; no more than needed is asked of their store. */
  readonly range?: KeyRange | undefined
  readonly signal?: AbortSignal | undefined
}

/** All originals in one order: those of several named sources, or of the only one. */
export interface Originals {
  readonly roots: readonly OriginalsRoot[]
  /**
   * Every original in byte order, without those that `exclude` names; those that `include` does not name are marked, and
   * sidecars are among them. A source that cannot be listed is left out where another can be. Folders that begin with a
   * dot, and folders that `exclude` excludes as a whole, are not read.
   */
  list(options: ListOriginalsOptions): AsyncIterable<ListedSource>
  /** The first original at or below `path`, in exactly this spelling; undefined where there is none, or no listing. */
  findAtOrBelow(path: string): Promise<SourceKey | undefined>
  /** Looks up one original; undefined where it does not exist, is excluded, or has the name of a result. */
  find(
    key: SourceKey,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<ListedSource | undefined>
  /** Reads one whole; undefined where `find` finds none. Problem `source-too-large`. */
  read(key: SourceKey, options?: Pick<ReadOptions, 'signal' | 'allocate'>): Promise<Original | undefined>
  /** The text of what stands beside an original and speaks of it, and where that is; undefined where there is none. */
  readSidecar(
    key: SourceKey,
    signal?: AbortSignal,
  ): Promise<{ readonly text: string; readonly place: string } | undefined>
  /** The original whose sidecar has this name; undefined where it is no sidecar. */
  sourceOfSidecar(name: string): SourceKey | undefined
  /** Whether an original may have this name: it lies in a source, is not excluded, and is no result of ours. */
  mayBe(key: SourceKey): boolean
  /** Whether the mark of a source depends on its bytes (S3: yes) or on its date (folders). */
  marksOf(key: SourceKey): 'content' | 'date'
}

interface OriginalsOptions {
  readonly stores: readonly NamedStore[]
  readonly isIncluded: (key: SourceKey) => boolean
  readonly isExcluded: (key: SourceKey) => boolean
  /** The original whose sidecar has this name: a sidecar is no original. Absent where sidecars are off. */
  readonly sourceOfSidecar?: (name: string) => SourceKey | undefined
  /** Whether nothing below a folder can be an original. */
  readonly isFolderExcluded: (folder: string) => boolean
  /** A listed name that verifies as a key of ours is a result in the wrong place, never an original. */
  readonly keyring: Pick<Keyring, 'verify'>
  readonly maxBytes: number
  /** What the output can hold, and the longest name below a source, in bytes. */
  readonly keyLimits: KeyLimits & { readonly longestNameBytes: number }
}

/** Joins the stores; keys of a named source begin with its name and "/". */
export const createOriginals = (options: OriginalsOptions): Originals => {
  // "a-b/" sorts before "a/", so names are compared with their slash.
  const stores = [...options.stores].sort((a, b) => (keyPrefixOf(a) < keyPrefixOf(b) ? -1 : 1))
  const locate = (key: SourceKey): { readonly store: ReadableStore; readonly inner: string } | undefined => {
    const found = stores.find((each) => key.startsWith(keyPrefixOf(each)))
    if (found === undefined || options.isExcluded(key) || options.keyring.verify(key) !== undefined)
      return undefined
    if (options.sourceOfSidecar?.(key) !== undefined) return undefined
    const inner = key.slice(keyPrefixOf(found).length)
    const isResult = found.outputPrefix !== undefined && inner.startsWith(found.outputPrefix)
    return inner === '' || isResult ? undefined : { store: found.store, inner }
  }
  const listable = stores.filter(({ store }) => store.isListable)
  return {
    roots: stores.map((named) => {
      const { isListable, place, marks } = named.store
      return { prefix: keyPrefixOf(named), isListable, place, showsHidden: marks === 'content' }
    }),
    list: async function* (wanted) {
      const [only, ...others] = listable.length === 0 ? stores : listable
      if (only !== undefined && others.length === 0) return yield* listRoot(only, wanted, options)
      for (const named of listable) {
        try {
          yield* listRoot(named, wanted, options)
        } catch (error) {
          if (!(error instanceof Problem) || !OF_ONE_ROOT.has(error.code)) throw error
          wanted.onUnlisted(named.name ?? '', error)
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
      const object = await place?.store.head(place.inner, { signal })
      return place && object && toListed(key, object, { ...options, marks: place.store.marks })
    },
    read: async (key, read = {}) => {
      const place = locate(key)
      const object = await place?.store.get(place.inner, { maxBytes: options.maxBytes, ...read })
      if (place === undefined || object === undefined) return undefined
      const fingerprint = fingerprintOf(object, place.store.marks)
      const source = toListed(key, object, { ...options, marks: place.store.marks })
      return { source, bytes: object.bytes, fingerprint }
    },
    readSidecar: async (key, signal) => {
      const place = locate(key)
      const name = place && nameSidecar(place.inner)
      const object = name && (await place.store.get(name, { maxBytes: MOST_SIDECAR_BYTES, signal }))
      return object ? { text: new TextDecoder().decode(object.bytes), place: nameSidecar(key) } : undefined
    },
    sourceOfSidecar: (name) => options.sourceOfSidecar?.(name),
    mayBe: (key) => locate(key) !== undefined,
    marksOf: (key) => locate(key)?.store.marks ?? 'date',
  }
}

/** The originals of one root: see `Originals.list`. */
async function* listRoot(named: NamedStore, wanted: ListOriginalsOptions, options: OriginalsOptions) {
  const { store, outputPrefix } = named
  const prefix = keyPrefixOf(named)
  const range = prefix === '' ? wanted.range : rangeBelow(wanted.range ?? {}, prefix)
  if (range === undefined && wanted.range !== undefined) return
  const isOutput = (path: string): boolean => outputPrefix !== undefined && path.startsWith(outputPrefix)
  const shown = { marks: store.marks, isIncluded: options.isIncluded }
  const listing = store.list({
    ...range,
    signal: wanted.signal,
    onSkipped: (name, reason) => wanted.onSkipped(prefix + name, reason),
    onUnlisted: (path, problem) => {
      const key = parseSourceKey(prefix + path)
      if (key === undefined || !options.isExcluded(key)) wanted.onUnlisted(prefix + path, problem)
    },
    isEntered: (path) => !isOutput(`${path}/`) && !options.isFolderExcluded(prefix + path),
  })
  for await (const object of listing) {
    if (isOutput(object.key)) continue
    const text = prefix + object.key
    const key = parseSourceKey(text)
    if (key === undefined) wanted.onSkipped(text, whyNotSourceKey(text) ?? '')
    else if (!options.isExcluded(key) && options.keyring.verify(key) === undefined) {
      const sidecarOf = options.sourceOfSidecar?.(key)
      const reason = sidecarOf === undefined ? whyTooLong(key, options.keyLimits) : undefined
      if (sidecarOf !== undefined) yield { ...toListed(key, object, shown), sidecarOf }
      else if (reason === undefined) yield toListed(key, object, shown)
      else wanted.onSkipped(text, reason)
    }
  }
}

const toListed = (
  key: SourceKey,
  object: StoredObject,
  { marks, isIncluded }: Pick<ReadableStore, 'marks'> & Pick<OriginalsOptions, 'isIncluded'>,
): ListedSource => ({
  key,
  sizeBytes: object.sizeBytes,
  modifiedAt: object.modifiedAt,
  mark: object.mark,
  ...(marks === 'content' && object.mark !== undefined && { fingerprint: object.mark }),
  isIncluded: isIncluded(key),
})

const MOST_SIDECAR_BYTES = 1_000_000

/** Problems of one source; other sources may still be reached. */
const OF_ONE_ROOT: ReadonlySet<string> = new Set(['store-denied', 'store-missing'])

/** The ETag without quotes on S3; elsewhere, or where none is shown, the SHA-256 of the bytes in hex. */
const fingerprintOf = (object: ObjectBytes, marks: 'content' | 'date'): string =>
  (marks === 'content' ? object.mark : undefined) ?? hash('sha256', object.bytes)

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
