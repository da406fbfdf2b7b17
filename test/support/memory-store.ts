import { md5 } from '../../src/app/results.ts'
import { compareBytes, isInRange } from '../../src/core/byte-order.ts'
import { isSameMark, toMark } from '../../src/core/mark.ts'
import type {
  ObjectBytes,
  ObjectFacts,
  ObjectHeaders,
  StoredObject,
  WritableStore,
} from '../../src/store/port.ts'
import { checkByteCount } from '../../src/store/read-body.ts'

/** How it presents itself; by default like a bucket of S3. */
export interface MemoryStoreOptions {
  /** In words, for messages. */
  readonly place?: string
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** The mark that it shows of an object, given the MD5 of its bytes: the MD5 by default, "" for no mark. */
  readonly showMark?: (md5: string) => string
}

/** A Blob's stream takes several times as long. */
const streamOf = (bytes: Uint8Array): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start: (controller) => {
      if (bytes.length > 0) controller.enqueue(bytes)
      controller.close()
    },
  })

/**
 * A store in the memory of this process that behaves as S3 does: any key is possible beside any other, marks
 * tell the content, headers are kept.
 */
export const openMemoryStore = ({
  place = 'memory',
  now = Date.now,
  showMark = (md5) => md5,
}: MemoryStoreOptions = {}): WritableStore => {
  const objects = new Map<string, ObjectBytes>()

  const store = (key: string, bytes: Uint8Array, headers: ObjectHeaders): Stored => {
    const sum = md5(bytes)
    const object = {
      key,
      sizeBytes: bytes.length,
      modifiedAt: now(),
      mark: toMark(showMark(sum)),
      md5: sum,
      headers: { ...headers, metadata: { ...headers.metadata } },
      bytes: Uint8Array.from(bytes),
    }
    objects.set(key, object)
    return object
  }
  const find = (key: string, maxBytes?: number): ObjectBytes | undefined => {
    const object = objects.get(key)
    if (object !== undefined) checkByteCount(key, object.sizeBytes, maxBytes)
    return object && { ...object, bytes: Uint8Array.from(object.bytes) }
  }

  return {
    place,
    marks: 'content',
    isListable: true,
    keepsHeaders: true,
    objectSettings: '',
    keyLimits: { prefixBytes: 0, maxSegmentBytes: Number.POSITIVE_INFINITY },
    async *list({ signal, ...range } = {}) {
      const keys = [...objects.keys()].filter((key) => isInRange(key, range)).sort(compareBytes)
      for (const key of keys) {
        signal?.throwIfAborted()
        const object = objects.get(key)
        if (object !== undefined) yield toListed(object)
      }
    },
    head: async (key, { signal } = {}) => {
      signal?.throwIfAborted()
      const object = objects.get(key)
      return object && toFacts(object)
    },
    get: async (key, { maxBytes, signal } = {}) => {
      signal?.throwIfAborted()
      return find(key, maxBytes)
    },
    open: async (key, { maxBytes, range, signal } = {}) => {
      signal?.throwIfAborted()
      const object = find(key, maxBytes)
      if (object === undefined) return undefined
      const part = range ? object.bytes.subarray(range.start, range.end + 1) : object.bytes
      return { ...toFacts(object), body: streamOf(part) }
    },
    close: async () => {},
    put: async (key, bytes, { headers, createOnly = false, signal }) => {
      signal?.throwIfAborted()
      if (createOnly && objects.has(key)) return { kind: 'exists' }
      const stored = store(key, bytes, headers)
      return { kind: 'stored', object: toListed(stored), md5: stored.md5 }
    },
    replace: async (key, bytes, { mark, headers, signal }) => {
      signal?.throwIfAborted()
      if (!isSameMark(objects.get(key)?.mark, mark)) return 'changed'
      store(key, bytes, headers)
      return 'replaced'
    },
    copy: async (from, to, { mark, headers, signal }) => {
      signal?.throwIfAborted()
      const object = objects.get(from)
      if (object === undefined || !isSameMark(object.mark, mark)) return undefined
      return toListed(store(to, object.bytes, headers))
    },
    deleteAll: async (keys, { signal } = {}) => {
      signal?.throwIfAborted()
      for (const key of keys) objects.delete(key)
      return []
    },
    clockOffsetMs: () => 0,
    sweep: async () => {},
    probe: async () => {},
  }
}

type Stored = ObjectBytes & { readonly md5: string }

const toFacts = ({ bytes: _, ...facts }: ObjectBytes): ObjectFacts => facts

const toListed = ({ key, sizeBytes, modifiedAt, mark }: StoredObject): StoredObject => ({
  key,
  sizeBytes,
  modifiedAt,
  mark,
})
