import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import pLimit from 'p-limit'
import { afterEach, describe, expect, test } from 'vitest'
import { compareBytes, isInRange } from '../../src/core/byte-order.ts'
import { type Mark, toMark } from '../../src/core/mark.ts'
import type {
  ListOptions,
  ObjectHeaders,
  ReadableStore,
  StoredObject,
  WritableStore,
} from '../../src/store/port.ts'
import { problemOf } from '../support/problems.ts'
import { each } from '../support/streams.ts'
import { words } from '../support/words.ts'

/** What an adapter brings to the suite. */
export interface StoreContract {
  /** A store on a fresh, empty place. */
  readonly open: () => Promise<WritableStore>
  /** A store on a place that does not exist; absent where that cannot be. */
  readonly openMissing?: () => Promise<WritableStore>
  /** Whether any key can stand beside any other, as `a` beside `a/b`. */
  readonly isFlat: boolean
  /** Whether it shows marks at all; default yes. */
  readonly hasMarks?: boolean
  /** Runs of the property test. */
  readonly runs: number
}

export const HEADERS: ObjectHeaders = {
  contentType: 'image/webp',
  cacheControl: 'public, max-age=60',
  metadata: { 'imgsizes-digest': 'abc 123+/=', 'imgsizes-by': 'build' },
}

const OTHER_HEADERS: ObjectHeaders = {
  contentType: 'image/avif',
  cacheControl: 'no-store',
  metadata: { 'imgsizes-by': 'serve' },
}

/** Keys that some layer or other is known to garble. */
export const ODD_KEYS = [
  'with space.jpg',
  ' leading and trailing ',
  'plus+plus.jpg',
  'percent%.jpg',
  'percent%2Bcoded%2F%20.jpg',
  'quotes\'"`.jpg',
  'a&b;c?d#e.jpg',
  'a=b,c@d!e$f(g)h*i~j.jpg',
  'brackets[1]{2}<3>|4^5.jpg',
  'colon:semi;.jpg',
  'back\\slash.jpg',
  'emoji 🐈‍⬛.jpg',
  'composed é.jpg',
  'decomposed e\u0301.jpg',
  'été/ça & là 100%.png/400h.q80.SITBIWXp09WiqNnD.avif',
  'fullwidth \uffe6.jpg',
  'private \ue000.jpg',
  'astral \u{10000}.jpg',
  '日本語/写真.jpg',
  '.hidden/.file',
  '...',
  '.imgsizes/ledger/part-1',
  'UPPER.JPG',
  `${'long-'.repeat(50)}.jpg`,
]

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

export const textOf = (bytes: Uint8Array | undefined): string | undefined =>
  bytes && Buffer.from(bytes).toString('utf8')

/** Keys of a range that starts at one key and ends at another. */
const listRange = async (store: ReadableStore, range: ListOptions): Promise<string[]> => {
  const keys: string[] = []
  for await (const { key } of store.list(range)) keys.push(key)
  return keys
}

export const listAll = async (store: ReadableStore, prefix?: string): Promise<StoredObject[]> => {
  const objects: StoredObject[] = []
  for await (const object of store.list(prefix === undefined ? {} : { prefix })) objects.push(object)
  return objects
}

export const listKeys = async (store: ReadableStore, prefix?: string): Promise<string[]> =>
  (await listAll(store, prefix)).map((object) => object.key)

const putText = async (store: WritableStore, key: string, text: string): Promise<StoredObject> => {
  const result = await store.put(key, bytesOf(text), { headers: HEADERS })
  if (result.kind !== 'stored') throw new Error(`${key} was there already`)
  return result.object
}

const markOf = ({ mark }: StoredObject): Mark => {
  if (mark === undefined) throw new Error('no mark')
  return mark
}

export const ANY_MARK = markOf({ key: '', sizeBytes: 0, modifiedAt: 0, mark: toMark('any') })

/** Copies with the mark of the moment; by reading and writing where there is none. */
const copyWhole = async (store: WritableStore, from: string, to: string): Promise<void> => {
  const { bytes = bytesOf(''), mark } = (await store.get(from)) ?? {}
  if (mark === undefined) await store.put(to, bytes, { headers: HEADERS })
  else expect((await store.copy(from, to, { mark, headers: HEADERS }))?.key, from).toBe(to)
}

/** What every writable store promises (`src/store/port.ts`); each adapter calls this with its own places. */
export const describeStore = (name: string, contract: StoreContract): void => {
  const { hasMarks = true } = contract
  const opened: WritableStore[] = []
  const open = async (): Promise<WritableStore> => {
    const store = await contract.open()
    opened.push(store)
    return store
  }
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
  })

  describe(`${name}: reading and writing`, () => {
    test('what is put is what head, get, open and list show, under one mark', async () => {
      const store = await open()
      const put = await putText(store, 'a/b.webp', 'hello')
      const { modifiedAt, ...facts } = put
      expect(facts).toMatchObject({ key: 'a/b.webp', sizeBytes: 5 })
      expect(facts.mark === undefined).toBe(!hasMarks)
      expect(facts.mark).not.toBe('')
      expect(Math.abs(modifiedAt - Date.now())).toBeLessThan(60_000)
      const got = await store.get('a/b.webp')
      expect(textOf(got?.bytes)).toBe('hello')
      expect(got).toMatchObject(facts)
      expect(await store.head('a/b.webp')).toMatchObject(facts)
      const stream = await store.open('a/b.webp')
      expect(stream).toMatchObject(facts)
      expect(textOf(await readStream(stream?.body))).toBe('hello')
      expect(await listAll(store)).toEqual([expect.objectContaining(facts)])
    })

    test('a part is read as a stream, and a stream may be left unread', async () => {
      const store = await open()
      const bytes = randomBytes(700_000)
      await store.put('big', bytes, { headers: HEADERS })
      const part = await store.open('big', { range: { start: 1000, end: 600_999 } })
      expect(part?.sizeBytes).toBe(700_000)
      expect(
        Buffer.compare((await readStream(part?.body)) ?? Buffer.of(), bytes.subarray(1000, 601_000)),
      ).toBe(0)
      const last = await store.open('big', { range: { start: 699_999, end: 699_999 } })
      expect(await readStream(last?.body)).toEqual(Buffer.from(bytes.subarray(699_999)))
      const unread = await store.open('big')
      await unread?.body.cancel()
    })

    test('an empty object is an object', async () => {
      const store = await open()
      await putText(store, 'empty', '')
      expect((await store.get('empty'))?.bytes).toHaveLength(0)
      expect(await readStream((await store.open('empty'))?.body)).toHaveLength(0)
      expect(await listAll(store)).toMatchObject([{ key: 'empty', sizeBytes: 0 }])
    })

    test('a key that is not there is undefined to every reader', async () => {
      const store = await open()
      await putText(store, 'a/b', 'x')
      for (const key of ['none', 'a', 'a/', 'a/none', 'a/b/c', 'none/none'])
        for (const found of [store.head(key), store.get(key), store.open(key)])
          expect(await found, key).toBeUndefined()
    })

    test('an object above the limit is refused by name', async () => {
      const store = await open()
      await putText(store, 'k', '12345')
      expect(textOf((await store.get('k', { maxBytes: 5 }))?.bytes)).toBe('12345')
      expect(await problemOf(store.get('k', { maxBytes: 4 }))).toMatchObject({
        code: 'source-too-large',
        subject: 'k',
      })
      expect((await problemOf(store.open('k', { maxBytes: 4 }))).code).toBe('source-too-large')
    })

    test('headers and metadata come back, where the store keeps them', async () => {
      const store = await open()
      await putText(store, 'k', 'x')
      const expected = store.keepsHeaders ? HEADERS : {}
      expect((await store.head('k'))?.headers).toEqual(expected)
      expect((await store.get('k'))?.headers).toEqual(expected)
    })

    test('the MD5 of the bytes is told by who writes them, and by who keeps headers for ever after', async () => {
      const store = await open()
      const sum = createHash('md5').update('hello').digest('hex')
      expect(await store.put('k', bytesOf('hello'), { headers: HEADERS })).toMatchObject({ md5: sum })
      for (const found of [store.head('k'), store.get('k')])
        expect((await found)?.md5).toBe(store.keepsHeaders ? sum : undefined)
      expect((await store.head('k'))?.headers.metadata).toEqual(
        store.keepsHeaders ? HEADERS.metadata : undefined,
      )
    })

    test.runIf(hasMarks)('replacing changes the mark; the same length within a millisecond too', async () => {
      const store = await open()
      const marks = new Set<string | undefined>()
      for (let i = 0; i < 20; i++)
        marks.add((await putText(store, 'k', `text ${String(i).padStart(3)}`)).mark)
      expect(marks.size).toBe(20)
      expect((await store.head('k'))?.mark).toBe([...marks].at(-1))
    })
  })

  describe(`${name}: keys`, () => {
    test('odd keys are kept to the byte', async () => {
      const store = await open()
      for (const key of ODD_KEYS) await putText(store, key, key)
      expect(await listKeys(store)).toEqual([...ODD_KEYS].sort(compareBytes))
      for (const key of ODD_KEYS) {
        expect(textOf((await store.get(key))?.bytes), key).toBe(key)
        expect((await store.head(key))?.key).toBe(key)
        await copyWhole(store, key, `copies/${key}`)
        expect(textOf((await store.get(`copies/${key}`))?.bytes)).toBe(key)
      }
      expect(await store.deleteAll(ODD_KEYS)).toEqual([])
      expect(await listKeys(store)).toEqual(ODD_KEYS.map((key) => `copies/${key}`).sort(compareBytes))
    })

    test('listings are in byte order, folders as "name/", astral after U+FFxx', async () => {
      const store = await open()
      const keys = words('a!/1 a-b a.jpg a/b a/c/d a0 ab \ufffd \uffe6 \u{10000} \ud7ff Z')
      if (contract.isFlat) keys.push('a', 'a.jpg/5.png', 'a/c')
      for (const key of keys) await putText(store, key, key)
      expect(await listKeys(store)).toEqual([...keys].sort(compareBytes))
    })

    test('any keys come back in byte order', async () => {
      const segment = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 })
      const key = fc
        .array(segment, { minLength: 1, maxLength: 3 })
        .map((segments) => segments.join('/'))
        .filter((text) => !/[\p{Cc}\p{Noncharacter_Code_Point}]|(^|\/)(\.{0,2})(\/|$)/u.test(text))
      const keySets = fc.uniqueArray(key, { minLength: 1, maxLength: 12 })
      const check = async (drawn: string[]): Promise<void> => {
        const keys = contract.isFlat ? drawn : withoutParents(drawn)
        const store = await open()
        await Promise.all(keys.map((each) => putText(store, each, each)))
        expect(await listKeys(store)).toEqual([...keys].sort(compareBytes))
        const prefix = keys[0]?.slice(0, 2).toWellFormed() ?? ''
        expect(await listKeys(store, prefix)).toEqual(
          keys.filter((each) => each.startsWith(prefix)).sort(compareBytes),
        )
        const [after = '', upTo = ''] = [...keys, `${keys[0]}/`, `${keys.at(-1)}!`]
          .sort(compareBytes)
          .slice(1)
        for (const range of [{ after }, { upTo }, { after, upTo }, { prefix, after, upTo }])
          expect(await listRange(store, range), JSON.stringify(range)).toEqual(
            keys.filter((each) => isInRange(each, range)).sort(compareBytes),
          )
        const cut = [...new Set([after, upTo, prefix])].sort(compareBytes)
        expect(await listRange(store, { splits: each(cut) })).toEqual([...keys].sort(compareBytes))
        expect(await listRange(store, { splits: each(cut), after, upTo })).toEqual(
          keys.filter((each) => isInRange(each, { after, upTo })).sort(compareBytes),
        )
        expect(await store.deleteAll(keys)).toEqual([])
        expect(await listKeys(store)).toEqual([])
      }
      await fc.assert(fc.asyncProperty(keySets, check), { numRuns: contract.runs })
    })

    test('1,100 keys are listed whole over several pages, by any prefix, and deleted in batches', async () => {
      const store = await open()
      const keys = Array.from({ length: 1100 }, (_, i) => `p${i % 3}/${String(i).padStart(4, '0')} +%.jpg`)
      await pLimit(32).map(keys, (key) => putText(store, key, ''))
      keys.sort(compareBytes)
      expect(await listKeys(store)).toEqual(keys)
      expect(await listKeys(store, 'p1/')).toEqual(keys.filter((key) => key.startsWith('p1/')))
      expect(await listKeys(store, 'p1/00')).toEqual(keys.filter((key) => key.startsWith('p1/00')))
      expect(await listKeys(store, 'p')).toHaveLength(1100)
      const [after = '', upTo = ''] = [keys[40], keys[1060]]
      expect(await listRange(store, { after, upTo })).toEqual(keys.slice(41, 1061))
      for (const count of [0, 1, 3, 20, 400]) {
        const splits = keys.filter((_, i) => count > 0 && i % Math.ceil(keys.length / count) === 7)
        expect(await listRange(store, { splits: each(['', ...splits, 'q']) }), `${count}`).toEqual(keys)
        expect(await listRange(store, { splits: each(splits), after, upTo })).toEqual(keys.slice(41, 1061))
      }
      expect(await listRange(store, { after: 'p0/9', upTo: 'p1/1' })).toEqual(
        keys.filter((key) => key.startsWith('p1/0')),
      )
      expect(await listKeys(store, 'q')).toEqual([])
      const gone = keys.filter((key) => !key.startsWith('p2/00'))
      expect(await store.deleteAll([...gone, 'none', 'no/such/key'])).toEqual([])
      expect(await listKeys(store)).toEqual(keys.filter((key) => key.startsWith('p2/00')))
    })
  })

  describe(`${name}: one object at any moment`, () => {
    test('readers of a key being replaced see whole objects alone', async () => {
      const store = await open()
      const version = (i: number): Buffer => Buffer.alloc(20_000 + i * 997, 65 + (i % 26))
      await store.put('k', version(0), { headers: HEADERS })
      let isDone = false
      const read = async (): Promise<void> => {
        while (!isDone) {
          const { bytes = Buffer.of(), sizeBytes } = (await store.get('k')) ?? {}
          expect(bytes.length).toBe(sizeBytes)
          const i = (bytes.length - 20_000) / 997
          expect(Buffer.compare(bytes, version(i))).toBe(0)
        }
      }
      const write = async (): Promise<void> => {
        for (let i = 1; i < 60; i++) await store.put('k', version(i), { headers: HEADERS })
        isDone = true
      }
      await Promise.all([write(), ...Array.from({ length: 6 }, read)])
      expect(await listKeys(store)).toEqual(['k'])
    })

    test('of eight who create a key at once exactly one wins, and is left alone later', async () => {
      const store = await open()
      for (let round = 0; round < 5; round++) {
        const key = `race/${round}`
        const texts = Array.from({ length: 8 }, (_, i) => `writer ${i} ${'x'.repeat(i * 1000)}`)
        const results = await Promise.all(
          texts.map((text) => store.put(key, bytesOf(text), { headers: HEADERS, createOnly: true })),
        )
        const winners = texts.filter((_, i) => results[i]?.kind === 'stored')
        expect(winners).toHaveLength(1)
        expect(textOf((await store.get(key))?.bytes)).toBe(winners[0])
        const late = await store.put(key, bytesOf('late'), { headers: HEADERS, createOnly: true })
        expect(late).toEqual({ kind: 'exists' })
        expect(textOf((await store.get(key))?.bytes)).toBe(winners[0])
      }
      expect(await listKeys(store)).toHaveLength(5)
    })

    test('an aborted write leaves nothing or the whole object', async () => {
      const store = await open()
      const bytes = randomBytes(4_000_000)
      await expect(
        store.put('early', bytes, { headers: HEADERS, signal: AbortSignal.abort() }),
      ).rejects.toThrow()
      for (const delayMs of [0, 1, 2, 4, 8]) {
        const abort = new AbortController()
        const put = store
          .put(`k${delayMs}`, bytes, { headers: HEADERS, signal: abort.signal })
          .catch(() => {})
        setTimeout(() => abort.abort(), delayMs)
        await put
      }
      await new Promise((resolve) => setTimeout(resolve, 200))
      for (const object of await listAll(store)) {
        expect(object.key).not.toBe('early')
        expect(object.sizeBytes).toBe(bytes.length)
      }
    })

    test('an aborted read or listing fails', async () => {
      const store = await open()
      await putText(store, 'k', 'x')
      const signal = AbortSignal.abort()
      await expect(store.get('k', { signal })).rejects.toThrow()
      await expect(
        (async () => {
          for await (const _ of store.list({ signal }));
        })(),
      ).rejects.toThrow()
    })
  })

  describe(`${name}: replace`, () => {
    test('takes the place of the object that was seen, and of no other', async () => {
      const store = await open()
      if (store.replace === undefined) return
      const replace = async (text: string, mark: Mark | undefined) =>
        store.replace?.('k', bytesOf(text), { mark: mark ?? ANY_MARK, headers: HEADERS })
      expect(await replace('of nothing', undefined)).toBe('changed')
      await putText(store, 'k', 'one')
      const seen = (await store.head('k'))?.mark
      if (seen === undefined) return
      expect(await replace('two', seen)).toBe('replaced')
      expect(await replace('three', seen)).toBe('changed')
      expect(textOf((await store.get('k'))?.bytes)).toBe('two')
      // Of many that saw the same, one is first.
      const now = (await store.head('k'))?.mark
      const results = await Promise.all(['a', 'b', 'c', 'd'].map((text) => replace(text, now)))
      expect(results.filter((result) => result === 'replaced')).toHaveLength(1)
    })
  })

  describe(`${name}: copy, delete`, () => {
    test.runIf(hasMarks)('a copy has the bytes of the first and headers of its own', async () => {
      const store = await open()
      const mark = markOf(await putText(store, 'from', 'bytes'))
      await putText(store, 'to', 'old')
      const copied = await store.copy('from', 'to', { mark, headers: OTHER_HEADERS })
      expect(copied).toMatchObject({ key: 'to', sizeBytes: 5 })
      const got = await store.get('to')
      expect(textOf(got?.bytes)).toBe('bytes')
      // Some stores tell none in answer to a copy.
      if (copied?.mark !== undefined) expect(got?.mark).toBe(copied.mark)
      if (store.keepsHeaders) expect(got?.headers).toEqual(OTHER_HEADERS)
      expect(textOf((await store.get('from'))?.bytes)).toBe('bytes')
      if (store.keepsHeaders) expect(got?.md5).toBe((await store.head('from'))?.md5)
      expect(await store.copy('none', 'to', { mark, headers: HEADERS })).toBeUndefined()
      expect(textOf((await store.get('to'))?.bytes)).toBe('bytes')
      expect(await listKeys(store)).toEqual(['from', 'to'])
    })

    test.runIf(hasMarks)('an object copied onto itself has other headers and the same bytes', async () => {
      const store = await open()
      const mark = markOf(await putText(store, 'k', 'bytes'))
      const copied = await store.copy('k', 'k', { mark, headers: OTHER_HEADERS })
      expect(copied).toMatchObject({ key: 'k', sizeBytes: 5 })
      const got = await store.get('k')
      expect(textOf(got?.bytes)).toBe('bytes')
      if (copied?.mark !== undefined) expect(got?.mark).toBe(copied.mark)
      if (store.keepsHeaders) expect(got?.headers).toEqual(OTHER_HEADERS)
    })

    test.runIf(hasMarks)(
      'what was replaced since it was looked at is not copied, nor given headers',
      async () => {
        const store = await open()
        const mark = markOf(await putText(store, 'from', 'bytes'))
        await putText(store, 'to', 'old')
        await putText(store, 'from', 'other')
        expect(await store.copy('from', 'to', { mark, headers: OTHER_HEADERS })).toBeUndefined()
        expect(await store.copy('from', 'from', { mark, headers: OTHER_HEADERS })).toBeUndefined()
        expect(textOf((await store.get('to'))?.bytes)).toBe('old')
        const { bytes, headers } = (await store.get('from')) ?? {}
        expect(textOf(bytes)).toBe('other')
        if (store.keepsHeaders) expect(headers).toEqual(HEADERS)
      },
    )

    test('deleting takes the keys named and no other; missing ones count as deleted', async () => {
      const store = await open()
      for (const key of ['a/b/c', 'a/b/d', 'a/bc', 'x']) await putText(store, key, key)
      expect(await store.deleteAll(['a/b/c', 'a/b', 'none', 'a/b/c/d', '../x', ''])).toEqual([])
      expect(await listKeys(store)).toEqual(['a/b/d', 'a/bc', 'x'])
      expect(await store.deleteAll([])).toEqual([])
    })

    test('writing while neighbours are deleted loses nothing', async () => {
      const store = await open()
      await pLimit(8).map(Array.from({ length: 120 }), async (_, i) => {
        await putText(store, `d/e/f/gone ${i}`, '')
        await Promise.all([
          store.deleteAll([`d/e/f/gone ${i}`]),
          putText(store, `d/e/f/kept ${i % 2}/${i}`, 'x'),
        ])
        if (i % 3 === 0) await store.deleteAll([`d/e/f/kept ${i % 2}/${i}`])
      })
      expect(await listKeys(store)).toHaveLength(80)
    })

    test("eight who fill and empty one folder do not get in one another's way", async () => {
      const store = await open()
      await pLimit(8).map(Array.from({ length: 200 }), async (_, i) => {
        const key = `d/e/f/${i}`
        await store.put(key, bytesOf(key), { headers: HEADERS, createOnly: i % 2 === 0 })
        expect(textOf((await store.get(key))?.bytes)).toBe(key)
        expect(await store.deleteAll([key])).toEqual([])
      })
      expect(await listKeys(store)).toEqual([])
    })

    test('sweeping and probing an empty place is fine', async () => {
      const store = await open()
      await store.probe()
      await store.sweep()
      expect(await listKeys(store)).toEqual([])
    })

    test('whether it can be written is found out as often as one likes, and leaves one object at most', async () => {
      const store = await open()
      await Promise.all([1, 2, 3].map(() => store.probe({ into: '.imgsizes/' })))
      expect((await listKeys(store)).filter((key) => key !== '.imgsizes/probe.txt')).toEqual([])
    })
  })

  const { openMissing } = contract
  if (openMissing !== undefined)
    test(`${name}: a place that does not exist is an error, never emptiness`, async () => {
      const store = await openMissing()
      opened.push(store)
      const attempts: Record<string, () => Promise<unknown>> = {
        list: () => listKeys(store),
        probe: () => store.probe(),
        probeWriting: () => store.probe({ into: '.imgsizes/' }),
        get: () => store.get('k'),
        head: () => store.head('k'),
        open: () => store.open('k'),
        put: () => store.put('k', bytesOf('x'), { headers: HEADERS }),
        createOnly: () => store.put('k', bytesOf('x'), { headers: HEADERS, createOnly: true }),
        copy: () => store.copy('k', 'l', { mark: ANY_MARK, headers: HEADERS }),
        deleteAll: () => store.deleteAll(['k']),
      }
      for (const [verb, attempt] of Object.entries(attempts))
        expect((await problemOf(attempt())).code, verb).toBe('store-missing')
    })
}

/** `keys` without those that another one stands below: a folder cannot hold both. */
const withoutParents = (keys: readonly string[]): string[] =>
  keys.filter((key) => !keys.some((other) => other.startsWith(`${key}/`)))

export const readStream = async (
  body: ReadableStream<Uint8Array> | undefined,
): Promise<Buffer | undefined> => {
  if (body === undefined) return undefined
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}
