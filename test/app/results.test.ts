import { describe, expect, it } from 'vitest'
import { createResults, type ForeignCounts, md5 } from '../../src/app/results.ts'
import { Problem } from '../../src/core/problem.ts'
import type { SourceKey } from '../../src/core/source-key.ts'
import type { ListedResult } from '../../src/plan/group.ts'
import type { ObjectFacts, WritableStore } from '../../src/store/port.ts'
import type { VariantKey } from '../../src/url/keyring.ts'
import { getText, openBench, putText } from '../support/bench-project.ts'
import { openMemoryStore } from '../support/memory-store.ts'
import { testKey } from '../support/origin.ts'

const { keyring } = openBench()
const keyOf = (source: string) => testKey(keyring, source) as VariantKey
const KEY = keyOf('a.jpg')
const bytes = new TextEncoder().encode('a picture')
const origin = {
  transform: '640w.q80',
  format: 'webp',
  fingerprint: 'f',
  recipe: 'r',
  encoder: 'e',
  maker: 'serve',
} as const

const open = (store: WritableStore = openMemoryStore(), cacheControl = 'max-age=60') => {
  const results = createResults({ store, keyring, cacheControl })
  const listed = async (): Promise<ListedResult> => {
    for await (const result of results.list({})) return result
    throw new Error('nothing is listed')
  }
  const list = async (...given: Parameters<typeof results.listOf>): Promise<readonly string[]> => {
    const keys: string[] = []
    for await (const { key } of results.listOf(...given)) keys.push(key)
    return keys
  }
  return { store, results, listed, list }
}
/** A store that shows other facts of its objects. */
const showing = (change: (facts: ObjectFacts) => object, inner = openMemoryStore()): WritableStore => ({
  ...inner,
  head: async (key) => {
    const facts = await inner.head(key)
    return facts && { ...facts, ...change(facts) }
  },
})

describe('a stored result', () => {
  it('tells its own record, with the headers that it was stored with', async () => {
    const { store, results, listed } = open()
    const record = await results.put(KEY, bytes, { origin })
    expect(record).toMatchObject({ ...origin, sizeBytes: bytes.length })
    expect(await results.ask(await listed())).toEqual(record)
    const later = open(store, 'no-store').results
    expect(later.headersOf('webp')).not.toBe(results.headersOf('webp'))
    expect((await later.ask(await listed()))?.headers).toBe(results.headersOf('webp'))
  })

  it.each<[string, (facts: ObjectFacts) => object]>([
    [
      'a recipe',
      ({ headers }) => ({
        headers: { metadata: { ...headers.metadata, 'imgsizes-recipe': undefined } },
      }),
    ],
    [
      'an original',
      ({ headers }) => ({
        headers: { metadata: { ...headers.metadata, 'imgsizes-source': undefined } },
      }),
    ],
    ['an MD5', () => ({ md5: undefined })],
    ['a mark, while its bytes are others', () => ({ mark: undefined, md5: md5(new Uint8Array()) })],
  ])('tells nothing without %s', async (_, change) => {
    const { results, listed } = open(showing(change))
    await results.put(KEY, bytes, { origin })
    expect(await results.ask(await listed())).toBeUndefined()
  })

  it('tells its record without a mark where its bytes are the same, and nothing where no metadata is kept', async () => {
    const unmarked = open(showing(() => ({ mark: undefined })))
    await unmarked.results.put(KEY, bytes, { origin: { ...origin, maker: 'build' } })
    expect(await unmarked.results.ask(await unmarked.listed())).toMatchObject({ recipe: 'r', maker: 'build' })
    const { results, listed } = open({ ...openMemoryStore(), keepsHeaders: false })
    await results.put(KEY, bytes, { origin })
    expect([await results.ask(await listed()), results.headersOf('webp')]).toEqual([undefined, ''])
  })

  it('is not put where it exists and may only be made', async () => {
    const { store, results } = open()
    await putText(store, KEY, 'of before')
    expect(await results.put(KEY, bytes, { origin, createOnly: true })).toBeUndefined()
    expect(await getText(store, KEY)).toBe('of before')
  })
})

describe('a result that is copied', () => {
  it.each([
    ['with a mark', openMemoryStore()],
    ['without a mark', openMemoryStore({ showMark: () => '' })],
  ])('%s has the same record, and is not copied where it was replaced', async (_, store) => {
    const { results, listed } = open(store)
    const record = await results.put(KEY, bytes, { origin })
    if (record === undefined) throw new Error('it was stored')
    const from = await listed()
    expect(await results.copy(from, keyOf('b.jpg'), record)).toEqual(record)
    expect(await getText(store, keyOf('b.jpg'))).toBe('a picture')
    await putText(store, KEY, 'another')
    expect(await results.copy(from, keyOf('c.jpg'), record)).toBeUndefined()
    expect(await store.head(keyOf('c.jpg'))).toBeUndefined()
  })

  it('to a second name keeps its headers, and is gone where it has other bytes', async () => {
    const { store, results } = open()
    const record = await results.put(KEY, bytes, { origin })
    const from = { key: KEY, format: 'webp', etag: record?.etag ?? '' } as const
    expect(await results.alias(from, 't/1', {})).toBe('stored')
    expect((await store.head('t/1'))?.headers).toEqual((await store.head(KEY))?.headers)
    expect(await results.alias(from, 't/1', { createOnly: true })).toBe('exists')
    await putText(store, KEY, 'another')
    expect([await results.alias(from, 't/2', {}), await store.head('t/2')]).toEqual(['gone', undefined])
  })
})

it('the MD5 of a name is what the store knows, or that of its bytes', async () => {
  let gets = 0
  const counting = (store: WritableStore): WritableStore => ({
    ...store,
    get: (...given) => {
      gets++
      return store.get(...given)
    },
  })
  const known = open(counting(openMemoryStore()))
  await putText(known.store, 'x', 'text')
  const sum = md5(new TextEncoder().encode('text'))
  expect([await known.results.md5Of('x'), await known.results.md5Of('y'), gets]).toEqual([sum, undefined, 0])
  const unknown = open(counting(showing(() => ({ md5: undefined }), openMemoryStore())))
  await putText(unknown.store, 'x', 'text')
  expect([await unknown.results.md5Of('x'), gets]).toEqual([sum, 1])
})

describe('a listing', () => {
  it('has what is ours, counts what is not, and knows nothing of what is private', async () => {
    const { store, results } = open()
    for (const key of [KEY, 'index.html', '.imgsizes/ledger/1']) await putText(store, key, '')
    const foreignCounts: ForeignCounts = { foreign: 0 }
    const keys: string[] = []
    for await (const { key } of results.list({ foreignCounts })) keys.push(key)
    expect([keys, foreignCounts]).toEqual([[KEY], { foreign: 1 }])
  })

  it('of one source has nothing of those below it, and nothing foreign but what is spelled otherwise', async () => {
    const { store, list } = open()
    for (const key of [KEY, keyOf('a.jpg/5.png'), 'a.jpg/x', KEY.replace('a.jpg', 'A.jpg')])
      await putText(store, key, '')
    const foreignCounts: ForeignCounts = { foreign: 5 }
    const source = 'a.jpg' as SourceKey
    expect([await list(source, { foreignCounts }), foreignCounts.foreign]).toEqual([[KEY], 5])
    expect([await list(source, { foreignCounts, spelled: 'A.jpg' }), foreignCounts.foreign]).toEqual([
      [KEY],
      4,
    ])
  })

  it('tells what cannot be listed, except a folder that is gone', async () => {
    const empty = openMemoryStore()
    const list: WritableStore['list'] = (options) => {
      options?.onUnlisted?.('a', new Problem('store-missing', 'It is gone.'))
      options?.onUnlisted?.('b', new Problem('store-denied', 'May not.'))
      return empty.list()
    }
    const told: string[] = []
    const { results } = open({ ...empty, list })
    for await (const _ of results.list({ onUnlisted: (path) => told.push(path) })) expect.unreachable()
    expect(told).toEqual(['b'])
  })
})
