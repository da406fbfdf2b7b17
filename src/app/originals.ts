import { createHash } from 'node:crypto'
import { countBytes } from '../core/byte-order.ts'
import { MAX_KEY_BYTES, parseSourceKey, type SourceKey, whyNotSourceKey } from '../core/source-key.ts'
import type { ListedSource } from '../plan/group.ts'
import type { ObjectBytes, ReadableStore, ReadOptions, StoredObject } from '../store/port.ts'
import type { Keyring } from '../url/keyring.ts'

/** One configured source with its open store. */
export interface NamedStore {
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
}

/** All originals under one keyspace: the named sources side by side, or the only one. */
export interface Originals {
  readonly roots: readonly SourceRoot[]
  /**
   * Every original in byte order, `exclude`d ones left out, those that `include` does not name marked. Roots that
   * cannot be listed are left out where another can. `onSkipped` hears of names that cannot be sources.
   */
  list(options: {
    readonly signal?: AbortSignal
    readonly onSkipped: (name: string, reason: string) => void
  }): AsyncIterable<ListedSource>
  /** Looks one up; undefined where there is none, or it is excluded. */
  find(key: SourceKey, options?: { readonly signal?: AbortSignal }): Promise<ListedSource | undefined>
  /** Reads one whole; undefined where there is none, or it is excluded. Problem `source-too-large`. */
  read(key: SourceKey, options?: Pick<ReadOptions, 'signal' | 'allocate'>): Promise<Original | undefined>
  /** Whether the mark of a listed source of this key tells its bytes: S3 yes, folders no. */
  marksOf(key: SourceKey): 'content' | 'date'
}

export interface OriginalsOptions {
  readonly stores: readonly NamedStore[]
  readonly isIncluded: (key: SourceKey) => boolean
  readonly isExcluded: (key: SourceKey) => boolean
  /** A listed name that verifies as a key of ours is a result in the wrong place, never an original. */
  readonly keyring: Pick<Keyring, 'verify'>
  readonly maxBytes: number
  /** What the output can hold: its prefix, its longest segment, and the longest name that goes below a source. */
  readonly room: {
    readonly prefixBytes: number
    readonly maxSegmentBytes: number
    readonly longestNameBytes: number
  }
}

export const createOriginals = (options: OriginalsOptions): Originals => {
  // "a-b/" sorts before "a/", so names are compared with their slash.
  const stores = [...options.stores].sort((a, b) => (prefixOf(a) < prefixOf(b) ? -1 : 1))
  const locate = (key: SourceKey): { readonly store: ReadableStore; readonly inner: string } | undefined => {
    const found = stores.find((each) => key.startsWith(prefixOf(each)))
    if (found === undefined || options.isExcluded(key)) return undefined
    const inner = key.slice(prefixOf(found).length)
    const isResult = found.outputPrefix !== undefined && inner.startsWith(found.outputPrefix)
    return inner === '' || isResult ? undefined : { store: found.store, inner }
  }
  const toListed = (key: SourceKey, object: StoredObject, marks: 'content' | 'date'): ListedSource => ({
    key,
    sizeBytes: object.sizeBytes,
    modifiedAt: object.modifiedAt,
    mark: object.mark,
    ...(marks === 'content' && { fingerprint: object.mark }),
    isIncluded: options.isIncluded(key),
  })

  const isListed = stores.some(({ store }) => store.isListable)
  return {
    roots: stores.map((named) => {
      const { isListable, place } = named.store
      return { prefix: prefixOf(named), isListable, place }
    }),
    list: async function* ({ signal, onSkipped }) {
      for (const named of stores) {
        if (isListed && !named.store.isListable) continue
        const prefix = prefixOf(named)
        const listing = named.store.list({
          ...(signal && { signal }),
          onSkipped: (name, reason) => onSkipped(prefix + name, reason),
        })
        for await (const object of listing) {
          if (named.outputPrefix !== undefined && object.key.startsWith(named.outputPrefix)) continue
          const text = prefix + object.key
          const key = parseSourceKey(text)
          if (key === undefined) onSkipped(text, whyNotSourceKey(text) ?? '')
          else if (!options.isExcluded(key) && options.keyring.verify(key) === undefined) {
            const reason = whyNoRoom(key, options.room)
            if (reason === undefined) yield toListed(key, object, named.store.marks)
            else onSkipped(text, reason)
          }
        }
      }
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
    marksOf: (key) => locate(key)?.store.marks ?? 'date',
  }
}

/** DESIGN section 2: on S3 the ETag without quotes; elsewhere the lower-case hex SHA-256 of the bytes. */
const fingerprintOf = (object: ObjectBytes, marks: 'content' | 'date'): string =>
  marks === 'content' ? object.mark : createHash('sha256').update(object.bytes).digest('hex')

const prefixOf = ({ name }: NamedStore): string => (name === undefined ? '' : `${name}/`)

const whyNoRoom = (key: SourceKey, room: OriginalsOptions['room']): string | undefined => {
  const keyBytes = room.prefixBytes + countBytes(key) + room.longestNameBytes
  if (keyBytes > MAX_KEY_BYTES)
    return `is so long that its keys would have ${keyBytes} of ${MAX_KEY_BYTES} bytes`
  if (key.length * 3 <= room.maxSegmentBytes) return undefined
  const longest = Math.max(...key.split('/').map(countBytes))
  return longest > room.maxSegmentBytes
    ? `has a segment of ${longest} bytes, and a folder can hold ${room.maxSegmentBytes}`
    : undefined
}
