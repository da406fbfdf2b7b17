import { isSameMark, toMark } from '../../src/core/mark.ts'
import type { ObjectFacts, StoredObject, WritableStore } from '../../src/store/port.ts'

/**
 * A store that shows dates and keeps no headers, as a folder does, over one that shows ETags. Every write gets a
 * mark of its own; `redate` gives an object another mark and leaves its bytes, as a checkout does.
 */
export const asDatedStore = (
  inner: WritableStore,
): WritableStore & { readonly redate: (key: string) => void } => {
  const marks = new Map<string, string>()
  let writes = 0
  const stamp = (key: string): string => {
    const mark = `t${++writes}`
    marks.set(key, mark)
    return mark
  }
  const markOf = (key: string) => toMark(marks.get(key) ?? 't0')
  const dated = <T extends StoredObject>(object: T): T => ({ ...object, mark: markOf(object.key) })
  const plain = <T extends ObjectFacts>({ md5: _, ...object }: T): Omit<T, 'md5'> => ({
    ...dated(object as T),
    headers: {},
  })
  const fresh = (object: StoredObject): StoredObject => ({ ...object, mark: toMark(stamp(object.key)) })
  return {
    ...inner,
    marks: 'date',
    keepsHeaders: false,
    redate: stamp,
    async *list(options) {
      for await (const object of inner.list(options)) yield dated(object)
    },
    head: async (key, options) => {
      const object = await inner.head(key, options)
      return object && plain(object)
    },
    get: async (key, options) => {
      const object = await inner.get(key, options)
      return object && plain(object)
    },
    open: async (key, options) => {
      const object = await inner.open(key, options)
      return object && plain(object)
    },
    put: async (key, bytes, options) => {
      const result = await inner.put(key, bytes, options)
      return result.kind === 'stored' ? { ...result, object: fresh(result.object) } : result
    },
    copy: async (from, to, options) => {
      const object = await inner.head(from)
      if (object?.mark === undefined || !isSameMark(markOf(from), options.mark)) return undefined
      const copied = await inner.copy(from, to, { ...options, mark: object.mark })
      return copied && fresh(copied)
    },
  }
}
