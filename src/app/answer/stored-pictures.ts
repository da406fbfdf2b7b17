import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { ByteRange, ObjectFacts, ReadableStore, StoredObject } from '../../store/port.ts'
import type { VariantKey } from '../../url/keyring.ts'

/** A stored result, found and not yet read. */
export interface StoredPicture {
  /** MD5 of the bytes, lower-case hex; no quotes. */
  readonly etag: string
  readonly sizeBytes: number
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
  /** All of it, where `lookUp` was asked for the body; must be consumed or cancelled. */
  readonly body?: ReadableStream<Uint8Array>
  /** A part; undefined where the object is gone, or is not the same any more. */
  open(range: ByteRange | undefined, signal: AbortSignal): Promise<ReadableStream<Uint8Array> | undefined>
}

/** The results that stand in a store, each with the ETag of its bytes whether or not the store knows one. */
export interface StoredPictures {
  lookUp(
    key: VariantKey,
    options: { readonly wantsBody: boolean; readonly signal: AbortSignal },
  ): Promise<StoredPicture | undefined>
  /** Tells the ETag of bytes just stored, so that they need not be read for it. */
  learn(object: Pick<StoredObject, 'key' | 'mark' | 'sizeBytes'>, etag: string): void
}

/** About 200 bytes each. */
const MAX_ETAGS = 50_000
/** Replaced while it is being read; more often than that, and something is wrong. */
const MAX_ATTEMPTS = 3

export const createStoredPictures = (
  store: Pick<ReadableStore, 'marks' | 'head' | 'open'>,
): StoredPictures => {
  const etags = new LRUCache<string, string>({ max: MAX_ETAGS })

  const find = async (
    key: VariantKey,
    wantsBody: boolean,
    signal: AbortSignal,
  ): Promise<Found | undefined> => {
    if (wantsBody) return store.open(key, { signal })
    return store.head(key, { signal })
  }
  /** Reads the object once through; undefined where it was replaced meanwhile. */
  const hash = async (object: ObjectFacts, signal: AbortSignal): Promise<string | undefined> => {
    const stream = await store.open(object.key, { signal })
    if (stream === undefined) return undefined
    const digest = createHash('md5')
    for await (const chunk of stream.body) digest.update(chunk)
    return idOf(stream) === idOf(object) ? digest.digest('hex') : undefined
  }
  const etagOf = async (object: Found, signal: AbortSignal): Promise<string | undefined> =>
    store.marks === 'content' ? object.mark : (etags.get(idOf(object)) ?? hash(object, signal))

  const toPicture = (found: Found, etag: string): StoredPicture => ({
    etag,
    sizeBytes: found.sizeBytes,
    modifiedAt: found.modifiedAt,
    ...(found.body && { body: found.body }),
    open: async (range, signal) => {
      const stream = await store.open(found.key, { signal, ...(range && { range }) })
      if (stream === undefined || idOf(stream) === idOf(found)) return stream?.body
      await stream.body.cancel()
      return undefined
    },
  })

  return {
    lookUp: async (key, { wantsBody, signal }) => {
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const found = await find(key, wantsBody, signal)
        if (found === undefined) return undefined
        const etag = await etagOf(found, signal)
        if (etag !== undefined) {
          if (store.marks === 'date') etags.set(idOf(found), etag)
          return toPicture(found, etag)
        }
        await found.body?.cancel()
      }
      return undefined
    },
    learn: (object, etag) => {
      if (store.marks === 'date') etags.set(idOf(object), etag)
    },
  }
}

type Found = ObjectFacts & { readonly body?: ReadableStream<Uint8Array> }

const idOf = ({ key, mark, sizeBytes }: Pick<StoredObject, 'key' | 'mark' | 'sizeBytes'>): string =>
  `${mark} ${sizeBytes} ${key}`
