import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { checkReading, checkWriting } from '../../../src/app/doctor/store-checks.ts'
import type { WritableStore } from '../../../src/store/port.ts'
import { putText } from '../../support/bench-project.ts'
import { asDatedStore } from '../../support/dated-store.ts'
import { type MemoryStoreOptions, openMemoryStore } from '../../support/memory-store.ts'
import { collect } from '../../support/streams.ts'

const look = async (store: WritableStore) => {
  await putText(store, 'a.jpg', 'a picture')
  const options = { part: 'p', id: 'id', isEntered: () => true, signal: new AbortController().signal }
  const checks = [
    ...(await collect(checkReading(store, options))),
    ...(await collect(checkWriting(store, options))),
  ]
  return (name: string) =>
    checks
      .filter((check) => check.name === name)
      .map(({ status, found, advice }) => ({ status, found, advice }))
}

const showing = (showMark: MemoryStoreOptions['showMark'] & object) => openMemoryStore({ showMark })

it.each<[string, WritableStore, string, RegExp]>([
  ['MD5s', openMemoryStore(), 'ok', /MD5s of what is stored/],
  ['others', showing(() => randomUUID()), 'ok', /whether or not they are MD5s/],
  ['nothing', showing(() => ''), 'warning', /none are shown/],
])('doctor says that a store shows %s', async (_, store, status, found) => {
  const checks = (await look(store))('ETags')
  expect(checks).toHaveLength(2)
  expect(checks[1]).toMatchObject({ status, found: expect.stringMatching(found) })
  if (status === 'warning')
    for (const { advice } of checks) expect(advice).toMatch(/reads all of its objects whole/)
})

it('doctor says nothing of ETags where dates are shown', async () => {
  const checks = await look(asDatedStore(openMemoryStore()))
  expect(checks('ETags')).toEqual([])
  // Nor does such a store keep headers that it could lose.
  expect(checks('read').at(-1)?.status).toBe('ok')
})

it.each([
  [true, 'warning', /NoncurrentVersionExpiration/],
  [false, 'ok', undefined],
  [undefined, 'skipped', undefined],
] as const)(
  'doctor says of a bucket that keeps versions (%s) how to expire them',
  async (keeps, status, advice) => {
    const [check] = (await look({ ...openMemoryStore(), keepsVersions: async () => keeps }))('versions')
    expect(check?.status).toBe(status)
    if (advice !== undefined) expect(check?.advice).toMatch(advice)
  },
)

const reading = (change: (bytes: Uint8Array) => Uint8Array): WritableStore => {
  const store = openMemoryStore()
  const get: WritableStore['get'] = async (...given) => {
    const object = await store.get(...given)
    return object && { ...object, bytes: change(object.bytes) }
  }
  return { ...store, get }
}
const withoutCacheControl = (): WritableStore => {
  const store = openMemoryStore()
  return {
    ...store,
    put: (key, bytes, options) =>
      store.put(key, bytes, { ...options, headers: { ...options.headers, cacheControl: '' } }),
  }
}
const overwriting = (): WritableStore => {
  const store = openMemoryStore()
  return { ...store, put: (key, bytes, options) => store.put(key, bytes, { ...options, createOnly: false }) }
}

it.each<[string, string, string, WritableStore]>([
  ['gives another byte', 'read', 'failed', reading((bytes) => bytes.with(-1, 0))],
  ['gives less than was written', 'read', 'failed', reading((bytes) => bytes.subarray(0, -1))],
  ['loses Cache-Control', 'read', 'warning', withoutCacheControl()],
  ['overwrites', 'create', 'warning', overwriting()],
  ['copies nothing', 'copy', 'failed', { ...openMemoryStore(), copy: async () => undefined }],
  ['deletes nothing', 'delete', 'failed', { ...openMemoryStore(), deleteAll: async () => [] }],
])('doctor finds that a store %s', async (_, name, status, store) => {
  const last = async (of: WritableStore) => (await look(of))(name).at(-1)?.status
  expect([await last(store), await last(openMemoryStore())]).toEqual([status, 'ok'])
})
