import type { WritableStore } from '../../src/store/port.ts'

/** Waits before an operation of the given name; throws to have it not happen. */
export type Gate = (operation: string) => Promise<void>

/** Puts operations behind a gate: before each happens, and before its answer comes back. */
export const gateBy =
  (gate: Gate) =>
  async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    await gate(name)
    const answer = await work()
    await gate(`${name} answered`)
    return answer
  }

/** The same store, every operation behind a gate. */
export const asGatedStore = (inner: WritableStore, gate: Gate): WritableStore => {
  const gated = gateBy(gate)
  return {
    ...inner,
    async *list(options) {
      await gate('list')
      for await (const object of inner.list(options)) {
        yield object
        await gate('list on')
      }
    },
    head: (key, options) => gated(`head ${key}`, () => inner.head(key, options)),
    get: (key, options) => gated(`get ${key}`, () => inner.get(key, options)),
    open: (key, options) => gated(`open ${key}`, () => inner.open(key, options)),
    put: (key, bytes, options) => gated(`put ${key}`, () => inner.put(key, bytes, options)),
    copy: (from, to, options) => gated(`copy ${from}`, () => inner.copy(from, to, options)),
    deleteAll: (keys, options) => gated('delete', () => inner.deleteAll(keys, options)),
  }
}
