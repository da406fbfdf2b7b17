import type { StoredObject, WritableStore } from '../../src/store/port.ts'

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
  const dated = <T extends StoredObject>(object: T): T => ({ ...object, mark: marks.get(object.key) ?? 't0' })
  const fresh = <T extends StoredObject>(object: T): T => ({ ...object, mark: stamp(object.key) })
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
      return object && { ...dated(object), headers: {} }
    },
    get: async (key, options) => {
      const object = await inner.get(key, options)
      return object && { ...dated(object), headers: {} }
    },
    open: async (key, options) => {
      const object = await inner.open(key, options)
      return object && { ...dated(object), headers: {} }
    },
    put: async (key, bytes, options) => {
      const result = await inner.put(key, bytes, options)
      return result.kind === 'stored' ? { kind: 'stored', object: fresh(result.object) } : result
    },
    copy: async (from, to, options) => {
      const object = await inner.copy(from, to, options)
      return object && fresh(object)
    },
  }
}
