import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { isSameLook, type Look } from '../../core/mark.ts'
import type { ByteRange, ObjectBytes, ObjectFacts, ReadableStore } from '../../store/port.ts'
import type { VariantKey } from '../../url/keyring.ts'
import { md5 } from '../results.ts'

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
  learn(object: Look & { readonly key: string }, etag: string): void
}

/** About 200 bytes each. */
const MAX_ETAGS = 50_000
/** Replaced while it is being read; more often than that, and something is wrong. */
const MAX_ATTEMPTS = 3

export const createStoredPictures = (store: Pick<ReadableStore, 'head' | 'get' | 'open'>): StoredPictures => {
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
    return isSameLook(stream, object) ? digest.digest('hex') : undefined
  }
  const etagOf = async (object: Found, signal: AbortSignal): Promise<string | undefined> => {
    const known = object.md5 ?? etags.get(idOf(object))
    if (known !== undefined) return known
    const etag = await hash(object, signal)
    if (etag !== undefined) etags.set(idOf(object), etag)
    return etag
  }

  const toPicture = (found: Found, etag: string): StoredPicture => ({
    etag,
    sizeBytes: found.sizeBytes,
    modifiedAt: found.modifiedAt,
    ...(found.body && { body: found.body }),
    open: async (range, signal) => {
      const stream = await store.open(found.key, { signal, ...(range && { range }) })
      if (stream === undefined || isSameLook(stream, found)) return stream?.body
      await stream.body.cancel()
      return undefined
    },
  })

  return {
    lookUp: async (key, { wantsBody, signal }) => {
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const found = await find(key, wantsBody, signal)
        if (found === undefined) return undefined
        if (found.mark === undefined) {
          await found.body?.cancel()
          const object = await store.get(key, { signal })
          return object && toUnmarked(object)
        }
        const etag = await etagOf(found, signal)
        if (etag !== undefined) return toPicture(found, etag)
        await found.body?.cancel()
      }
      return undefined
    },
    learn: (object, etag) => {
      if (object.mark !== undefined) etags.set(idOf(object), etag)
    },
  }
}

type Found = ObjectFacts & { readonly body?: ReadableStream<Uint8Array> }

/** Of an object without a mark nobody can say later whether it is the same: its bytes are held until it is answered. */
const toUnmarked = ({ bytes, sizeBytes, modifiedAt }: ObjectBytes): StoredPicture => {
  const toBody = (part: Uint8Array): ReadableStream<Uint8Array> => new Blob([part]).stream()
  return {
    etag: md5(bytes),
    sizeBytes,
    modifiedAt,
    body: toBody(bytes),
    open: async (range) => toBody(range ? bytes.subarray(range.start, range.end + 1) : bytes),
  }
}

/** Of one that has a mark. */
const idOf = ({ key, mark, sizeBytes }: Look & { readonly key: string }): string =>
  `${mark} ${sizeBytes} ${key}`
