import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { isSameObject, type SeenObject } from '../../core/mark.ts'
import type { ObjectBytes, ObjectFacts, ReadableStore } from '../../store/port.ts'
import type { VariantKey } from '../../url/keyring.ts'
import { collect } from '../../waiting/collect.ts'
import { md5 } from '../results.ts'
import { keepRecent } from './keep-recent.ts'
import { cancel, type HeldFacts, type PictureBody, type StoredPicture, toHeld } from './picture-body.ts'

/** The results in a store, each with the MD5 of its bytes as ETag, even where the store does not know it. */
export type StoredPictures = ReturnType<typeof createStoredPictures>

interface StoredPicturesOptions extends Omit<HotPicturesOptions, 'store'> {
  readonly store: Pick<ReadableStore, 'marks' | 'head' | 'get' | 'open' | 'readNow'>
}

/** About 200 bytes each. */
const MAX_ETAGS = 50_000
/** An object may be replaced while it is read. More often than this, something is wrong. */
const MAX_ATTEMPTS = 3
/** Larger ones are streamed. */
const SMALL_BYTES = 64 * 1024

/** Keeps small results and known ETags in bounded memory. */
export const createStoredPictures = (options: StoredPicturesOptions) => {
  const { store } = options
  const etags = keepRecent<string, string>(MAX_ETAGS)
  const hot = createHotPictures(options)

  const find = async (
    key: VariantKey,
    wantsBody: boolean,
    signal: AbortSignal,
  ): Promise<Found | undefined> => {
    if (!wantsBody) return store.head(key, { signal })
    const found = await store.open(key, { signal })
    if (found === undefined || found.sizeBytes > SMALL_BYTES) return found
    return { ...found, body: Buffer.concat(await collect(found.body)) }
  }
  /** Reads the object once to its end; undefined where it was replaced meanwhile. */
  const hash = async (object: ObjectFacts, signal: AbortSignal): Promise<string | undefined> => {
    const stream = await store.open(object.key, { signal })
    if (stream === undefined) return undefined
    const digest = createHash('md5')
    for await (const chunk of stream.body) digest.update(chunk)
    return isSameObject(stream, object) ? digest.digest('hex') : undefined
  }
  const etagOf = async (object: Found, signal: AbortSignal): Promise<string | undefined> => {
    const known = object.md5 ?? etags.get(idOf(object))
    if (known !== undefined) return known
    const etag = object.body instanceof Uint8Array ? md5(object.body) : await hash(object, signal)
    if (etag !== undefined) etags.set(idOf(object), etag)
    return etag
  }

  const keep = (found: Found & { readonly key: VariantKey }, etag: string): StoredPicture => {
    const { key, body } = found
    if (!(body instanceof Uint8Array)) return toPicture(found, etag)
    // Where the mark is a date, the object may have been written again since it was opened.
    const held = { ...found, etag, bytes: body }
    return store.marks === 'content' ? hot.add(key, held) : toHeld(held)
  }
  const toPicture = (found: Found, etag: string): StoredPicture => ({
    etag,
    sizeBytes: found.sizeBytes,
    modifiedAt: found.modifiedAt,
    ...(found.body && { body: found.body }),
    open: async (range, signal) => {
      const stream = await store.open(found.key, { signal, ...(range && { range }) })
      if (stream === undefined || isSameObject(stream, found)) return stream?.body
      await stream.body.cancel()
      return undefined
    },
  })

  return {
    /** A small result that is in memory. Undefined does not mean that it is not stored. */
    findNow: (key: VariantKey): StoredPicture | undefined => {
      if (store.readNow === undefined) return hot.fresh(key)
      const seen = hot.get(key)
      const found = store.readNow(key, { maxBytes: SMALL_BYTES, seen })
      if (found === 'as-seen') return seen
      if (found?.mark === undefined) return undefined
      const id = idOf(found)
      const etag = etags.get(id) ?? md5(found.bytes)
      etags.set(id, etag)
      return hot.add(key, { ...found, etag })
    },
    lookUp: async (
      key: VariantKey,
      { wantsBody, signal }: { readonly wantsBody: boolean; readonly signal: AbortSignal },
    ): Promise<StoredPicture | undefined> => {
      const known = await hot.recall(key, signal)
      if (known !== undefined) return known
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const found = await find(key, wantsBody, signal)
        if (found === undefined) return undefined
        if (found.mark === undefined) {
          await cancel(found.body)
          const object = await store.get(key, { signal })
          return object && toUnmarked(object)
        }
        const etag = await etagOf(found, signal)
        if (etag !== undefined) return keep({ ...found, key }, etag)
        await cancel(found.body)
      }
      return undefined
    },
    /** Remembers the ETag of bytes that were just stored, so that they need not be read for it. */
    learn: (object: SeenObject & { readonly key: string }, etag: string): void =>
      void etags.set(idOf(object), etag),
  }
}

type Found = ObjectFacts & { readonly body?: PictureBody }

/** Without a mark nobody can tell later whether the object is the same, so its bytes are held until it is answered. */
const toUnmarked = ({ bytes, ...facts }: ObjectBytes): StoredPicture =>
  toHeld({ ...facts, bytes, etag: md5(bytes) })

const idOf = ({ key, mark, sizeBytes }: SeenObject & { readonly key: string }): string =>
  `${mark} ${sizeBytes} ${key}`

/** A small result in memory, with the mark of the object that it was read from. */
interface HotPicture extends StoredPicture, SeenObject {
  readonly body: Uint8Array
}

/** `hotBytes`: memory for all results together. */
export interface HotPicturesOptions {
  readonly store: Pick<ReadableStore, 'head'>
  readonly hotBytes: number
  readonly now: () => number
}

/** How long a result from a bucket is shown without another check. Checking a file costs almost nothing. */
export const FRESH_MS = 5_000
/** What an entry takes in addition to its bytes. */
const ENTRY_BYTES = 1_000

interface Entry {
  readonly picture: HotPicture
  /** When its object was last checked. */
  seenAt: number
}

/**
 * Recently asked results, in bounded memory. Each is shown only if its object was checked now or a moment ago. When
 * memory is full, the result that was not asked for longest is dropped.
 */
const createHotPictures = ({ store, hotBytes, now }: HotPicturesOptions) => {
  const entries = new LRUCache<VariantKey, Entry>({
    maxSize: Math.max(1, Math.floor(hotBytes)),
    sizeCalculation: ({ picture }) => picture.sizeBytes + ENTRY_BYTES,
  })
  return {
    get: (key: VariantKey): HotPicture | undefined => entries.get(key)?.picture,
    /** One whose object was checked a moment ago; undefined where there is none. */
    fresh: (key: VariantKey): HotPicture | undefined => {
      const entry = entries.get(key)
      return entry !== undefined && now() - entry.seenAt < FRESH_MS ? entry.picture : undefined
    },
    /** Checks the object, and gives the result if the object is still the same. */
    recall: async (key: VariantKey, signal: AbortSignal): Promise<HotPicture | undefined> => {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      entry.seenAt = now() // requests that come during the check need not check, too
      const facts = await store.head(key, { signal }).catch((error: unknown) => {
        entry.seenAt = Number.NEGATIVE_INFINITY
        throw error
      })
      if (isSameObject(facts, entry.picture)) return entry.picture
      entries.delete(key)
      return undefined
    },
    /** Keeps a result whose object shows a mark. */
    add: (key: VariantKey, facts: HeldFacts & SeenObject): HotPicture => {
      const { sizeBytes, mark } = facts
      const picture = { ...toHeld(facts), sizeBytes, mark }
      entries.set(key, { picture, seenAt: now() })
      return picture
    },
  }
}
