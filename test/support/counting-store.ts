import type { ReadableStore, WritableStore } from '../../src/store/port.ts'

/** What a store was asked for, by verb. */
export interface Requests {
  list: number
  read: number
  /** Of what was read. */
  bytes: number
  put: number
  deleted: number
}

export const noRequests = (): Requests => ({ list: 0, read: 0, bytes: 0, put: 0, deleted: 0 })

/** As many keys as S3 gives in one answer. */
const PAGE = 1000

/** The same store, which counts what S3 would be asked. */
export const asCountingStore = (
  inner: WritableStore,
): WritableStore & { readonly requests: Requests; reset(): void } => {
  const requests = noRequests()
  const note = <T extends Awaited<ReturnType<ReadableStore['open']>>>(
    object: T,
    range: { readonly start: number; readonly end: number } | undefined,
  ): T => {
    requests.read++
    requests.bytes += range === undefined ? (object?.sizeBytes ?? 0) : range.end - range.start + 1
    return object
  }
  return {
    ...inner,
    requests,
    reset: () => void Object.assign(requests, noRequests()),
    async *list(options) {
      let keys = 0
      for await (const object of inner.list(options)) {
        if (keys++ % PAGE === 0) requests.list++
        yield object
      }
      if (keys === 0) requests.list++
    },
    open: async (key, options) => note(await inner.open(key, options), options?.range),
    put: (key, bytes, options) => {
      requests.put++
      return inner.put(key, bytes, options)
    },
    deleteAll: (keys, options) => {
      requests.deleted += keys.length
      return inner.deleteAll(keys, options)
    },
  }
}
