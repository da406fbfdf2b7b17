import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { PictureBody } from '../../../src/app/origin/picture-body.ts'
import { createStoredPictures, FRESH_MS } from '../../../src/app/origin/stored-pictures.ts'
import { md5 } from '../../../src/app/results.ts'
import { openFolderStore } from '../../../src/store/folder.ts'
import type { WritableStore } from '../../../src/store/port.ts'
import type { VariantKey } from '../../../src/url/keyring.ts'
import { putText } from '../../support/bench-project.ts'
import { asDatedStore } from '../../support/dated-store.ts'
import { makeFolder } from '../../support/folder.ts'
import { asGatedStore } from '../../support/gated-store.ts'
import { openMemoryStore } from '../../support/memory-store.ts'
import { countOperations } from '../../support/origin.ts'

const KEY = 'a.jpg/640w.q80.nvOrWOykYxKRCA9J.webp' as VariantKey
const { signal } = new AbortController()

/** As one of before MD5s were kept, or filled by others. */
const withoutMd5 = (inner: WritableStore): WritableStore => {
  const strip = <T extends { readonly md5?: string }>(object: T | undefined): T | undefined => {
    if (object === undefined) return undefined
    const { md5: _, ...rest } = object
    return rest as T
  }
  return {
    ...inner,
    head: async (key, options) => strip(await inner.head(key, options)),
    get: async (key, options) => strip(await inner.get(key, options)),
    open: async (key, options) => strip(await inner.open(key, options)),
  }
}

const openPictures = (store: WritableStore, now = Date.now) =>
  createStoredPictures({ store, hotBytes: 1_000_000, now })

const random = (): string => randomUUID().replaceAll('-', '')

describe.each<[string, () => WritableStore]>([
  ['MD5s', () => openMemoryStore()],
  ['anything that is new each time', () => openMemoryStore({ showMark: random })],
  ['MD5s, and keeps none', () => withoutMd5(openMemoryStore())],
  ['anything, and keeps no MD5s', () => withoutMd5(openMemoryStore({ showMark: random }))],
  ['dates', () => asDatedStore(openMemoryStore())],
  ['nothing', () => openMemoryStore({ showMark: () => '' })],
  ['nothing, and keeps no MD5s', () => withoutMd5(openMemoryStore({ showMark: () => '' }))],
])('a result in a store that shows %s', (_, openStore) => {
  const read = async (body: PictureBody | undefined) => body && new Response(body as ReadableStream).text()

  it('has the MD5 of its bytes as its ETag, at the first look and at every later one', async () => {
    const store = openStore()
    let now = 0
    const pictures = openPictures(store, () => now)
    for (const [text, asks] of [
      ['first', [true, false, true]],
      ['other', [false, true]],
    ] as const) {
      now += FRESH_MS
      await putText(store, KEY, text)
      const etag = md5(new TextEncoder().encode(text))
      for (const wantsBody of asks) {
        const found = await pictures.lookUp(KEY, { wantsBody, signal })
        expect(found).toMatchObject({ etag, sizeBytes: 5 })
        if (wantsBody) expect(await read(found?.body)).toBe(text)
        const part = await found?.open({ start: 1, end: 3 }, signal)
        expect(await read(part)).toBe(text.slice(1, 4))
      }
    }
    expect(await pictures.lookUp(`${KEY}x` as VariantKey, { wantsBody: true, signal })).toBeUndefined()
  })

  it('is never read on from another one', async () => {
    const store = openStore()
    const pictures = openPictures(store)
    await putText(store, KEY, 'first')
    const found = await pictures.lookUp(KEY, { wantsBody: false, signal })
    await putText(store, KEY, 'other')
    const part = await found?.open({ start: 0, end: 2 }, signal)
    expect(['fir', undefined]).toContain(await read(part))
  })
})

it('is read once for its ETag where its store keeps none, and not at all where that was told', async () => {
  const { gate, of } = countOperations()
  const store = asGatedStore(withoutMd5(openMemoryStore()), gate)
  const pictures = openPictures(store)
  await putText(store, KEY, 'first')
  const etagOf = async () => (await pictures.lookUp(KEY, { wantsBody: false, signal }))?.etag
  const etag = md5(new TextEncoder().encode('first'))
  expect([await etagOf(), await etagOf(), of(`open ${KEY}`)]).toEqual([etag, etag, 1])
  await putText(store, KEY, 'other')
  const object = await store.head(KEY)
  if (object !== undefined) pictures.learn({ ...object, key: KEY }, 'as told')
  expect([await etagOf(), of(`open ${KEY}`)]).toEqual(['as told', 1])
})

it('has no ETag of another with the same mark, by its name or by its length', async () => {
  const store = withoutMd5(openMemoryStore({ showMark: () => 'monday' }))
  const pictures = openPictures(store)
  for (const [key, text] of [
    [KEY, 'first'],
    [`${KEY}x`, 'other'],
    [KEY, 'longer'],
  ] as const) {
    await putText(store, key, text)
    const found = await pictures.lookUp(key as VariantKey, { wantsBody: false, signal })
    expect(found?.etag).toBe(md5(new TextEncoder().encode(text)))
  }
})

describe('what is replaced while it is read', () => {
  const LARGE = 'x'.repeat(70_000)

  /** A store whose object is replaced before it is opened for the `at`th time, and how many streams were cancelled. */
  const openReplaced = async (at: number, showMark?: () => string) => {
    const inner = openMemoryStore(showMark && { showMark })
    await putText(inner, KEY, LARGE)
    let opened = 0
    let cancelled = 0
    const store: WritableStore = withoutMd5({
      ...inner,
      open: async (key, options) => {
        if (++opened === at) await putText(inner, KEY, 'y'.repeat(70_000))
        const found = await inner.open(key, options)
        const reader = found?.body.getReader()
        if (found === undefined || reader === undefined) return found
        const body = new ReadableStream<Uint8Array>({
          pull: async (controller) => {
            const { value } = await reader.read()
            if (value === undefined) controller.close()
            else controller.enqueue(value)
          },
          cancel: () => void cancelled++,
        })
        return { ...found, body }
      },
    })
    return { pictures: openPictures(store), cancelled: () => cancelled }
  }
  const ETAG = md5(new TextEncoder().encode('y'.repeat(70_000)))

  it('has the ETag of what it is then, and what was opened before is closed', async () => {
    const { pictures, cancelled } = await openReplaced(2)
    const found = await pictures.lookUp(KEY, { wantsBody: true, signal })
    expect([found?.etag, cancelled()]).toEqual([ETAG, 1])
  })

  it('is not gone on with, and closed', async () => {
    const { pictures, cancelled } = await openReplaced(2)
    const found = await pictures.lookUp(KEY, { wantsBody: false, signal })
    expect(await found?.open(undefined, signal)).toBeUndefined()
    expect(cancelled()).toBe(1)
  })

  it('is read whole where nothing would show it, and what was opened is closed', async () => {
    const { pictures, cancelled } = await openReplaced(1, () => '')
    const found = await pictures.lookUp(KEY, { wantsBody: true, signal })
    expect([found?.etag, cancelled()]).toEqual([ETAG, 1])
  })
})

it('is found at once in a folder, and there anew after it was replaced', async () => {
  const path = makeFolder()
  const store = openFolderStore({ path })
  const pictures = openPictures(store)
  // Where a machine is busy, a disk seems slow, and is not read at once for a while.
  const find = async (): Promise<object> => {
    await expect.poll(() => pictures.findNow(KEY)).toBeDefined()
    return pictures.findNow(KEY) ?? find()
  }
  for (const text of ['first', 'other text']) {
    await putText(store, KEY, text)
    const body = new TextEncoder().encode(text)
    const found = await find()
    expect(found).toMatchObject({ etag: md5(body), body: Buffer.from(body) })
    expect(await find()).toBe(found)
  }
})
