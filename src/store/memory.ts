import { createHash } from 'node:crypto'
import { compareBytes } from '../core/byte-order.ts'
import { isInRange } from '../core/key-range.ts'
import type { ObjectBytes, ObjectFacts, ObjectHeaders, StoredObject, WritableStore } from './port.ts'
import { checkSize } from './size-limit.ts'

export interface MemoryStoreOptions {
  /** In words, for messages. */
  readonly place?: string
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/**
 * A store that lives and dies with the process, and behaves as S3 does: any key can stand beside any other, marks
 * are MD5 of the content, headers are kept. For tests, and for trying things out.
 */
export const openMemoryStore = ({
  place = 'memory',
  now = Date.now,
}: MemoryStoreOptions = {}): WritableStore => {
  const objects = new Map<string, ObjectBytes>()

  const store = (key: string, bytes: Uint8Array, headers: ObjectHeaders): StoredObject => {
    const object = {
      key,
      sizeBytes: bytes.length,
      modifiedAt: now(),
      mark: createHash('md5').update(bytes).digest('hex'),
      headers: { ...headers, metadata: { ...headers.metadata } },
      bytes: Uint8Array.from(bytes),
    }
    objects.set(key, object)
    return toListed(object)
  }
  const find = (key: string, maxBytes?: number): ObjectBytes | undefined => {
    const object = objects.get(key)
    if (object !== undefined) checkSize(key, object.sizeBytes, maxBytes)
    return object && { ...object, bytes: Uint8Array.from(object.bytes) }
  }

  return {
    place,
    marks: 'content',
    isListable: true,
    keepsHeaders: true,
    objectSettings: '',
    prefixBytes: 0,
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
      return { ...toFacts(object), body: new Blob([part]).stream() }
    },
    close: async () => {},
    put: async (key, bytes, { headers, createOnly = false, signal }) => {
      signal?.throwIfAborted()
      if (createOnly && objects.has(key)) return { kind: 'exists' }
      return { kind: 'stored', object: store(key, bytes, headers) }
    },
    copy: async (from, to, { headers, signal }) => {
      signal?.throwIfAborted()
      const object = objects.get(from)
      return object && store(to, object.bytes, headers)
    },
    touch: async (key, { headers, signal }) => {
      signal?.throwIfAborted()
      const object = objects.get(key)
      return object && store(key, object.bytes, headers)
    },
    deleteAll: async (keys, { signal } = {}) => {
      signal?.throwIfAborted()
      for (const key of keys) objects.delete(key)
      return []
    },
    sweep: async () => {},
    probe: async () => {},
  }
}

const toFacts = ({ bytes: _, ...facts }: ObjectBytes): ObjectFacts => facts

const toListed = ({ key, sizeBytes, modifiedAt, mark }: StoredObject): StoredObject => ({
  key,
  sizeBytes,
  modifiedAt,
  mark,
})
