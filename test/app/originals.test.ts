import { hash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createOriginals } from '../../src/app/originals.ts'
import { Problem } from '../../src/core/problem.ts'
import { MAX_KEY_BYTES, type SourceKey } from '../../src/core/source-key.ts'
import type { ListOptions, WritableStore } from '../../src/store/port.ts'
import { openBench, putText } from '../support/bench-project.ts'
import { openMemoryStore } from '../support/memory-store.ts'
import { testKey } from '../support/origin.ts'

const { keyring } = openBench()
const RESULT = testKey(keyring, 'a.jpg')
const key = (text: string) => text as SourceKey

type Options = Parameters<typeof createOriginals>[0]

const open = (stores: Options['stores'], changes: Partial<Options> = {}) => {
  const originals = createOriginals({
    stores,
    isIncluded: (name) => name.endsWith('.jpg'),
    isExcluded: (name) => name.startsWith('no'),
    isFolderExcluded: (folder) => folder === 'drafts',
    sourceOfSidecar: (name) => (name.endsWith('.json') ? key(name.slice(0, -5)) : undefined),
    keyring,
    maxBytes: 10,
    keyLimits: { prefixBytes: 0, maxSegmentBytes: Number.POSITIVE_INFINITY, longestNameBytes: 40 },
    ...changes,
  })
  const list = async (range?: { prefix: string }) => {
    const told: string[] = []
    const listing = originals.list({
      range,
      onSkipped: (name, reason) => told.push(`${name} ${reason}`),
      onUnlisted: (path, { code }) => told.push(`${path} ${code}`),
    })
    const found: string[] = []
    for await (const { key, isIncluded, sidecarOf } of listing)
      found.push(`${key}${isIncluded ? '' : ' left out'}${sidecarOf === undefined ? '' : ` of ${sidecarOf}`}`)
    return { found, told }
  }
  return { originals, list }
}
const holding = async (...names: readonly string[]): Promise<WritableStore> => {
  const store = openMemoryStore()
  for (const name of names) await putText(store, name, 'text')
  return store
}
const failing = (code: 'store-denied' | 'store-unavailable', inner = openMemoryStore()): WritableStore => ({
  ...inner,
  list: () => {
    throw new Problem(code, 'It fails.')
  },
})

describe('what may be an original', () => {
  it.each([
    ['a.jpg', true],
    ['b.txt', true],
    ['no.jpg', false],
    ['a.jpg.json', false],
    ['out/a.jpg', false],
    [RESULT, false],
  ])('by its name alone: %s', async (name, may) => {
    const store = await holding(name)
    const { originals, list } = open([{ store, outputPrefix: 'out/' }])
    expect(originals.mayBe(key(name))).toBe(may)
    expect((await originals.find(key(name))) !== undefined).toBe(may)
    expect((await originals.read(key(name))) !== undefined).toBe(may)
    const listed = name.endsWith('.json')
      ? [`${name} left out of a.jpg`]
      : may
        ? [expect.stringContaining(name)]
        : []
    expect((await list()).found).toEqual(listed)
  })

  it('is in a source that has that name, and is not that name itself', async () => {
    const { originals } = open([{ name: 'blog', store: await holding('1.jpg') }])
    expect(['blog/1.jpg', 'shop/1.jpg', 'blog/', 'blog'].map((name) => originals.mayBe(key(name)))).toEqual([
      true,
      false,
      false,
      false,
    ])
    expect([originals.marksOf(key('blog/1.jpg')), originals.marksOf(key('shop/1.jpg'))]).toEqual([
      'content',
      'date',
    ])
  })
})

it('folders of results and excluded ones are not entered', async () => {
  let isEntered: ListOptions['isEntered']
  const empty = openMemoryStore()
  const store: WritableStore = {
    ...empty,
    list: (options) => {
      isEntered = options?.isEntered
      return empty.list()
    },
  }
  await open([{ name: 'x', store, outputPrefix: 'out/' }], {
    isFolderExcluded: (folder) => folder === 'x/drafts',
  }).list()
  expect(['out', 'outer', 'drafts', 'photos'].map((path) => isEntered?.(path))).toEqual([
    false,
    true,
    false,
    true,
  ])
})

describe('several sources', () => {
  it('are listed in the order of their keys, and a part of one alone', async () => {
    const { originals, list } = open([
      { name: 'a', store: await holding('1.jpg') },
      { name: 'b', store: await holding('1.jpg', '2.jpg') },
      { name: 'a-b', store: await holding('1.jpg') },
    ])
    expect((await list()).found).toEqual(['a-b/1.jpg', 'a/1.jpg', 'b/1.jpg', 'b/2.jpg'])
    expect((await list({ prefix: 'b/2' })).found).toEqual(['b/2.jpg'])
    expect(originals.roots.map(({ prefix }) => prefix)).toEqual(['a-b/', 'a/', 'b/'])
  })

  it('are listed without one that is denied, but not without one that fails', async () => {
    const other = { name: 'b', store: await holding('1.jpg') }
    const denied = await open([{ name: 'a', store: failing('store-denied') }, other]).list()
    expect(denied).toEqual({ found: ['b/1.jpg'], told: ['a store-denied'] })
    await expect(open([{ name: 'a', store: failing('store-unavailable') }, other]).list()).rejects.toThrow(
      'It fails.',
    )
    await expect(open([{ name: 'a', store: failing('store-denied') }]).list()).rejects.toThrow('It fails.')
  })

  it('are those that can be listed, where some cannot', async () => {
    const web = { ...failing('store-denied'), isListable: false }
    const { list } = open([
      { name: 'a', store: web },
      { name: 'b', store: await holding('1.jpg') },
    ])
    expect(await list()).toEqual({ found: ['b/1.jpg'], told: [] })
    const denied = { name: 'b', store: failing('store-denied') }
    await expect(open([{ name: 'a', store: web }, denied]).list()).rejects.toThrow('It fails.')
  })
})

describe('a name that is too long', () => {
  it('for a key is skipped, and the longest that fits is not', async () => {
    const names = [MAX_KEY_BYTES - 50, MAX_KEY_BYTES - 49].map((bytes) => 'x'.repeat(bytes))
    const keyLimits = { prefixBytes: 10, maxSegmentBytes: Number.POSITIVE_INFINITY, longestNameBytes: 40 }
    const { found, told } = await open([{ store: await holding(...names) }], { keyLimits }).list()
    expect(found).toEqual([`${names[0]} left out`])
    expect(told).toEqual([
      expect.stringContaining(`would have ${MAX_KEY_BYTES + 1} of ${MAX_KEY_BYTES} bytes`),
    ])
  })

  it('in a segment is skipped, and the longest that fits is not', async () => {
    const keyLimits = { prefixBytes: 0, maxSegmentBytes: 4, longestNameBytes: 40 }
    const store = await holding('éé', 'ééa', 'aaaa/bbbb', 'aaaaa')
    const { found, told } = await open([{ store }], { keyLimits }).list()
    expect(found).toEqual(['aaaa/bbbb left out', 'éé left out'])
    expect(told).toEqual([
      'aaaaa has a segment of 5 bytes, and a folder can hold 4',
      'ééa has a segment of 5 bytes, and a folder can hold 4',
    ])
  })
})

describe('the first original at or below a path', () => {
  it.each([
    [['a.jpg', 'a.jpg/x.png'], 'a.jpg'],
    [['a.jpg/x.png', 'a.jpg/y.png'], 'a.jpg/x.png'],
    [['a.jpg-2', 'a.jpg/x.png'], 'a.jpg/x.png'],
    [['a.jpg-2'], undefined],
  ])('of %j', async (names, expected) => {
    const { originals } = open([{ store: await holding(...names) }])
    expect(await originals.findAtOrBelow('a.jpg')).toBe(expected)
  })

  it('is nothing where nothing can be listed', async () => {
    const store = { ...(await holding('a.jpg')), isListable: false }
    expect(await open([{ store }]).originals.findAtOrBelow('a.jpg')).toBeUndefined()
  })
})

describe('the fingerprint of an original', () => {
  it.each([
    ['content', '', false],
    ['content', 'etag', true],
    ['date', 'monday', false],
  ] as const)(
    'where marks tell the %s, and it shows %j, is known by a look: %s',
    async (marks, mark, isKnown) => {
      const store = { ...openMemoryStore({ showMark: () => mark }), marks }
      await putText(store, 'a.jpg', 'text')
      const { originals } = open([{ store }])
      expect((await originals.find(key('a.jpg')))?.fingerprint).toBe(isKnown ? 'etag' : undefined)
      const read = await originals.read(key('a.jpg'))
      expect(read?.fingerprint).toBe(isKnown ? 'etag' : hash('sha256', 'text'))
    },
  )
})

it('a sidecar is read from beside its original, up to a size of its own', async () => {
  const store = await holding('a.jpg')
  await putText(store, 'a.jpg.json', '{"alt":"longer than an original may be"}')
  const { originals } = open([{ name: 'x', store }])
  const sidecar = await originals.readSidecar(key('x/a.jpg'))
  expect(sidecar).toEqual({
    text: expect.stringContaining('alt'),
    place: expect.stringMatching(/^x\/a\.jpg/),
  })
  expect(await originals.readSidecar(key('x/b.jpg'))).toBeUndefined()
})
