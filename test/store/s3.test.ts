import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import {
  HeadObjectCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { WritableStore } from '../../src/store/port.ts'
import { openS3Store, type S3StoreOptions } from '../../src/store/s3.ts'
import {
  type Fault,
  type FaultProxy,
  type FindFault,
  openFaultProxy,
  type SeenRequest,
} from '../support/fault-proxy.ts'
import { problemOf } from '../support/problems.ts'
import { createBucket, openS3Client, s3Endpoint, s3Settings, testS3, useCredentials } from '../support/s3.ts'
import {
  ANY_MARK,
  bytesOf,
  describeStore,
  HEADERS,
  listAll,
  listKeys,
  readStream,
  textOf,
} from './contract.ts'

let bucket = ''
let count = 0
const freshPrefix = (): string => `place ${count++}/+ü/`
beforeAll(async () => {
  bucket = await createBucket('store')
})

describeStore('s3', {
  open: async () => openS3Store({ bucket, prefix: freshPrefix(), settings: s3Settings() }),
  openMissing: async () => openS3Store({ bucket: `${bucket}-none`, prefix: '', settings: s3Settings() }),
  isFlat: true,
  runs: 10,
})

const toClose: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const each of toClose.splice(0)) await each.close()
})

const open = (options: Partial<S3StoreOptions> = {}): WritableStore => {
  const store = openS3Store({ bucket, prefix: freshPrefix(), settings: s3Settings(), ...options })
  toClose.push(store)
  return store
}

const openBehind = async (
  fault: FindFault,
  options: Partial<S3StoreOptions> = {},
): Promise<{ store: WritableStore; server: FaultProxy }> => {
  const server = await openFaultProxy(s3Endpoint(), fault)
  toClose.push(server)
  const settings = { ...s3Settings(), ...options.settings, endpoint: server.endpoint }
  return { server, store: open({ ...options, settings }) }
}

const answer = (status: number, code: string): Fault => ({ kind: 'answer', status, code })

const isPut = ({ method }: SeenRequest): boolean => method === 'PUT'
const isGet = ({ method, url }: SeenRequest): boolean => method === 'GET' && !url.includes('list-type')

describe('s3: who may do what', () => {
  test('wrong credentials are told as such by every verb', async () => {
    const { owner } = testS3()
    const wrong = [
      { accessKeyId: 'NOSUCHKEY', secretAccessKey: 'no-secret' },
      { accessKeyId: owner.accessKeyId, secretAccessKey: 'not-the-secret' },
    ]
    for (const user of wrong) {
      const restore = useCredentials(user)
      const store = open()
      const verbs = [
        () => listKeys(store),
        () => store.head('k'),
        () => store.get('k'),
        () => store.put('k', bytesOf('x'), { headers: HEADERS }),
        () => store.copy('k', 'l', { mark: ANY_MARK, headers: HEADERS }),
        () => store.deleteAll(['k']),
        () => store.probe(),
      ]
      try {
        for (const verb of verbs) {
          const problem = await problemOf(verb())
          expect(problem.code, String(verb)).toBe('store-credentials')
          expect(problem.hint).toContain('AWS_ACCESS_KEY_ID')
          expect(problem.cause).not.toHaveProperty('$response')
          expect(inspect(problem, { depth: 9 })).not.toMatch(/not-the-secret|no-secret|Signature=/)
        }
      } finally {
        restore()
      }
    }
  })

  test('a stranger is denied, with the permission by name', async ({ skip }) => {
    const { stranger } = testS3()
    if (stranger === undefined) return skip('IMGSIZES_TEST_S3_ENDPOINT gives us one user alone')
    const own = open({ prefix: '' })
    await own.put('k', bytesOf('x'), { headers: HEADERS })
    const restore = useCredentials(stranger)
    try {
      const store = open({ prefix: '' })
      const permissions: [() => Promise<unknown>, string][] = [
        [() => listKeys(store), 's3:ListBucket'],
        [() => store.probe(), 's3:ListBucket'],
        [() => store.get('k'), 's3:ListBucket'],
        [() => store.head('none'), 's3:ListBucket'],
        [() => store.put('k', bytesOf('y'), { headers: HEADERS }), 's3:PutObject'],
        [() => store.probe({ into: '.imgsizes/' }), 's3:PutObject'],
      ]
      for (const [attempt, permission] of permissions) {
        const problem = await problemOf(attempt())
        expect(problem).toMatchObject({ code: 'store-denied' })
        expect(problem.message).toContain(permission)
      }
      const failures = await store
        .deleteAll(['k'])
        .catch((error: unknown) => [{ key: 'k', message: String(error) }])
      expect(failures).toEqual([{ key: 'k', message: expect.stringContaining('s3:DeleteObject') }])
    } finally {
      restore()
    }
    expect(textOf((await own.get('k'))?.bytes)).toBe('x')
  })

  test('who may read and not list is told so where a key is missing, not that it is denied', async ({
    skip,
  }) => {
    const { stranger } = testS3()
    if (stranger === undefined) return skip('IMGSIZES_TEST_S3_ENDPOINT gives us one user alone')
    const readable = await createBucket('readable')
    const client = openS3Client()
    const statement = {
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: `arn:aws:s3:::${readable}/*`,
    }
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
    await client.send(new PutBucketPolicyCommand({ Bucket: readable, Policy }))
    await client.send(new PutObjectCommand({ Bucket: readable, Key: 'k', Body: 'x' }))
    client.destroy()
    const restore = useCredentials(stranger)
    try {
      const store = open({ bucket: readable, prefix: '' })
      expect(textOf((await store.get('k'))?.bytes)).toBe('x')
      for (const attempt of [() => store.get('none'), () => store.head('none')])
        expect(await problemOf(attempt())).toMatchObject({
          code: 'store-denied',
          message: expect.stringContaining('s3:ListBucket'),
        })
    } finally {
      restore()
    }
  })

  test('a server that is none, or no S3, is unavailable', async () => {
    const none = open({ settings: { ...s3Settings(), endpoint: 'http://127.0.0.1:1' }, maxAttempts: 2 })
    expect((await problemOf(none.get('k'))).code).toBe('store-unavailable')
    expect((await problemOf(listKeys(none))).code).toBe('store-unavailable')
  })
})

describe('s3: a bad network', () => {
  test('two answers of 503 to each request lose no upload', async () => {
    const attempts = new Map<string, number>()
    const { store } = await openBehind(({ method, url }) => {
      const attempt = attempts.get(`${method} ${url}`) ?? 0
      attempts.set(`${method} ${url}`, attempt + 1)
      return attempt < 2 ? { kind: 'answer', status: 503, code: 'SlowDown' } : undefined
    })
    const keys = Array.from({ length: 12 }, (_, i) => `k${i}`)
    await Promise.all(keys.map((key) => store.put(key, bytesOf(key), { headers: HEADERS })))
    expect((await listKeys(store)).sort()).toEqual([...keys].sort())
  })

  test('a store that keeps failing is unavailable', async () => {
    const { store, server } = await openBehind(() => ({ kind: 'answer', status: 503, code: 'SlowDown' }), {
      maxAttempts: 3,
    })
    expect((await problemOf(store.get('k'))).code).toBe('store-unavailable')
    expect(server.seen).toHaveLength(3)
  })

  test('a body that breaks off is read on from there, and is never taken for whole', async () => {
    let cuts = 0
    const { store, server } = await openBehind((seen) =>
      isGet(seen) && cuts-- > 0 ? { kind: 'cut' } : undefined,
    )
    const bytes = randomBytes(300_000)
    await store.put('k', bytes, { headers: HEADERS })
    const wholes = [
      async () => (await store.get('k'))?.bytes,
      async () => readStream((await store.open('k'))?.body),
    ]
    const startsSince = (first: number): readonly number[] =>
      server.seen
        .slice(first)
        .filter(isGet)
        .map(({ headers }) => Number(headers.range?.split(/[=-]/)[1] ?? 0))
    for (const read of wholes) {
      cuts = 3
      const first = server.seen.length
      expect(Buffer.compare((await read()) ?? Buffer.of(), bytes)).toBe(0)
      const starts = startsSince(first)
      expect(starts).toHaveLength(4)
      expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b))
    }
    cuts = 3
    const first = server.seen.length
    const part = await store.open('k', { range: { start: 1_000, end: 298_999 } })
    expect(
      Buffer.compare((await readStream(part?.body)) ?? Buffer.of(), bytes.subarray(1_000, 299_000)),
    ).toBe(0)
    expect(startsSince(first)[0]).toBe(1_000)
    for (const read of wholes) {
      cuts = Number.POSITIVE_INFINITY
      expect(await problemOf(read())).toMatchObject({ code: 'store-unavailable', subject: 'k' })
    }
  })

  test('a body is not read on from another object', async () => {
    const old = randomBytes(300_000)
    const other = randomBytes(300_000)
    let gets = 0
    const { store } = await openBehind((seen) => {
      if (!isGet(seen)) return undefined
      gets++
      if (gets === 1) return { kind: 'cut' }
      return gets === 2 ? store.put('k', other, { headers: HEADERS }).then(() => undefined) : undefined
    })
    await store.put('k', old, { headers: HEADERS })
    const problem = await problemOf(readStream((await store.open('k'))?.body))
    expect(problem).toMatchObject({ code: 'store-unavailable', subject: 'k' })
    gets = 0
    await store.put('k', old, { headers: HEADERS })
    expect(Buffer.compare((await store.get('k'))?.bytes ?? Buffer.of(), other)).toBe(0)
    expect(gets).toBe(3)
  })

  test('an object above the limit is refused before its body is read', async () => {
    // In drops: to read one would take a minute.
    const { store } = await openBehind((seen) => (isGet(seen) ? { kind: 'slow' } : undefined))
    await store.put('k', randomBytes(5_000_000), { headers: HEADERS })
    for (let i = 0; i < 20; i++)
      expect((await problemOf(store.get('k', { maxBytes: 4_999_999 }))).code).toBe('source-too-large')
  })

  test('a store that never answers is given up', async () => {
    const { store } = await openBehind(() => ({ kind: 'hang' }), { requestTimeoutMs: 200, maxAttempts: 2 })
    expect((await problemOf(store.get('k'))).code).toBe('store-timeout')
    expect((await problemOf(store.put('k', bytesOf('x'), { headers: HEADERS }))).code).toBe('store-timeout')
  })

  test('an abort reaches requests under way', async () => {
    const { store } = await openBehind(() => ({ kind: 'hang' }))
    const waits = [
      (signal: AbortSignal) => store.get('k', { signal }),
      (signal: AbortSignal) => store.head('k', { signal }),
      (signal: AbortSignal) => store.put('k', bytesOf('x'), { headers: HEADERS, signal }),
      (signal: AbortSignal) => store.copy('k', 'l', { mark: ANY_MARK, headers: HEADERS, signal }),
      (signal: AbortSignal) => store.deleteAll(['k'], { signal }),
      (signal: AbortSignal) => store.probe({ signal }),
    ]
    for (const wait of waits) {
      const abort = new AbortController()
      setTimeout(() => abort.abort(new Error('enough')), 30)
      await expect(wait(abort.signal), String(wait)).rejects.toThrow('enough')
    }
  })
})

describe('s3: what a store cannot do, or a bucket wants', () => {
  const refusal = (status: number, code: string, message: string): Fault => ({
    kind: 'answer',
    status,
    code,
    message,
  })

  test.each<[string, Fault, string, RegExp]>([
    [
      '501 by what it cannot do',
      answer(501, 'NotImplemented'),
      'store-unsupported',
      /does not support PutObject/,
    ],
    ...[301, 307].map<[string, Fault, string, RegExp]>((status) => [
      `a redirect of ${status} by the region`,
      answer(status, 'TemporaryRedirect'),
      'store-region',
      /another region/,
    ]),
    [
      'a bucket with object lock by the setting that it needs',
      refusal(
        400,
        'InvalidRequest',
        'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters',
      ),
      'store-refused',
      /checksums=supported/,
    ],
    [
      'a bucket without ACLs by the setting that is too much',
      refusal(400, 'AccessControlListNotSupported', 'The bucket does not allow ACLs'),
      'store-refused',
      /leave `acl` out/,
    ],
  ])('names %s', async (_, fault, code, words) => {
    const { store } = await openBehind((seen) => (isPut(seen) ? fault : undefined))
    const problem = await problemOf(store.put('k', bytesOf('x'), { headers: HEADERS }))
    expect(problem.code).toBe(code)
    expect(`${problem.message} ${problem.hint}`).toMatch(words)
    expect(problem.hint).not.toMatch(/--concurrency/)
  })

  const isBatch = ({ method, url }: SeenRequest): boolean => method === 'POST' && /[?&]delete\b/.test(url)

  test.each([400, 411, 501])('batches refused with %d are deleted one by one', async (status) => {
    const { store, server } = await openBehind((seen) => (isBatch(seen) ? answer(status, 'No') : undefined))
    for (const key of ['a', 'b', 'c']) await store.put(key, bytesOf(key), { headers: HEADERS })
    expect(await store.deleteAll(['a', 'b'])).toEqual([])
    expect(await listKeys(store)).toEqual(['c'])
    expect(server.seen.filter(({ method }) => method === 'DELETE')).toHaveLength(2)
  })

  test('of a batch, what was not there is deleted, and what was refused is told by its key', async () => {
    const prefix = freshPrefix()
    const failed = (key: string, code: string): string =>
      `<Error><Key>${prefix}${key}</Key><Code>${code}</Code><Message>no</Message></Error>`
    const xml = `<DeleteResult>${failed('a', 'NoSuchKey')}${failed('b', 'AccessDenied')}</DeleteResult>`
    const { store } = await openBehind((seen) => (isBatch(seen) ? { kind: 'document', xml } : undefined), {
      prefix,
    })
    expect(await store.deleteAll(['a', 'b'])).toEqual([
      { key: 'b', message: 'AccessDenied: no (needs s3:DeleteObject)' },
    ])
  })

  test('an object that comes without its length, as through a proxy that unpacks, is read to its end', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { etag: '"e"', 'last-modified': new Date(0).toUTCString() })
      response.write('one ')
      response.end('two')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    toClose.push({ close: async () => void server.close() })
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const store = open({ settings: { ...s3Settings(), endpoint } })
    expect(textOf((await store.get('k'))?.bytes)).toBe('one two')
    expect(textOf(await readStream((await store.open('k'))?.body))).toBe('one two')
  })

  test('a directory bucket is refused by name where a plan is to be made of it', async () => {
    const store = open({ bucket: 'photos--use1-az5--x-s3', prefix: 'in/' })
    expect(store.isListable).toBe(false)
    for (const listing of [() => listKeys(store), async () => store.listPages?.()])
      expect(await problemOf(listing())).toMatchObject({
        code: 'source-not-listable',
        message: expect.stringContaining('photos--use1-az5--x-s3'),
      })
  })

  test('a bucket that keeps versions is known to', async () => {
    const versioned = await createBucket('versioned')
    const store = open({ bucket: versioned })
    expect(await store.keepsVersions?.()).toBe(false)
    const client = openS3Client()
    await client.send(
      new PutBucketVersioningCommand({
        Bucket: versioned,
        VersioningConfiguration: { Status: 'Enabled' },
      }),
    )
    client.destroy()
    expect(await store.keepsVersions?.()).toBe(true)
    const { store: closed } = await openBehind(() => answer(403, 'AccessDenied'))
    expect(await closed.keepsVersions?.()).toBeUndefined()
  })
})

describe("s3: the server's clock", () => {
  const YEAR_MS = 365 * 86_400_000

  test.each([0, -YEAR_MS, YEAR_MS])('is known from its answers, ours being off by %i ms', async (offMs) => {
    const realNow = Date.now
    onTestFinished(() => {
      Date.now = realNow
    })
    Date.now = () => realNow() + offMs
    const store = open()
    expect(store.clockOffsetMs()).toBe(0)
    expect(await listKeys(store)).toEqual([])
    expect(Math.abs(store.clockOffsetMs() + offMs)).toBeLessThan(60_000)
    if (offMs === 0) expect(store.clockOffsetMs()).toBe(0)
    await store.put('k', bytesOf('x'), { headers: HEADERS })
    expect(textOf((await store.get('k'))?.bytes)).toBe('x')
  })
})

describe('s3: listings that are not what S3 promises', () => {
  const listingOf = (keys: readonly string[], more = '<IsTruncated>false</IsTruncated>'): Fault => ({
    kind: 'document',
    xml: `<?xml version="1.0"?><ListBucketResult><EncodingType>url</EncodingType>${more}${keys
      .map((key) => `<Contents><Key>${key}</Key><Size>1</Size><ETag>"e"</ETag></Contents>`)
      .join('')}</ListBucketResult>`,
  })
  const listOf = async (...pages: Fault[]): Promise<string[]> => {
    const { store } = await openBehind(() => pages.shift(), { prefix: '' })
    return listKeys(store)
  }

  test('a space may come as a plus', async () => {
    expect(await listOf(listingOf(['a+b%2Bc', 'a/%C3%BC']))).toEqual(['a b+c', 'a/ü'])
  })

  test('one that goes backwards, repeats a key or breaks off is an error', async () => {
    const next = '<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>'
    expect(await listOf(listingOf(['a', 'b'], next), listingOf(['c']))).toEqual(['a', 'b', 'c'])
    const broken = [
      [listingOf(['b', 'a'])],
      [listingOf(['a', 'a'])],
      [listingOf(['a', 'b'], next), listingOf(['b', 'c'])],
      // UTF-16 order, the astral one first.
      [listingOf(['%F0%90%80%80', '%EF%BF%BD'])],
      [listingOf(['a'], '<IsTruncated>true</IsTruncated>')],
      [listingOf(['a'], next), listingOf([], next)],
    ]
    for (const pages of broken) expect((await problemOf(listOf(...pages))).code).toBe('listing-disorder')
  })

  test('half of one is asked for again, as often as the SDK asks, and is never a short one', async () => {
    const whole = listingOf(['a', 'b'])
    const half: Fault = { kind: 'document', xml: whole.kind === 'document' ? whole.xml.slice(0, -60) : '' }
    expect(await listOf(half, half, whole)).toEqual(['a', 'b'])
    const { store, server } = await openBehind(() => half, { maxAttempts: 3 })
    expect(await problemOf(listKeys(store))).toMatchObject({
      code: 'store-unavailable',
      message: expect.stringContaining('it breaks off'),
    })
    expect(server.seen).toHaveLength(3)
  })

  test('one whose tokens lead nowhere is read on by the last key', async () => {
    const next = '<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>'
    const answers = new Map([
      ['', listingOf(['a', 'b+c'], next)],
      ['b c', listingOf(['d', 'e'], next)],
      ['e', listingOf(['f'])],
    ])
    const { store, server } = await openBehind(
      ({ url }) => {
        const query = new URL(url, 'http://s3').searchParams
        if (query.has('continuation-token')) return listingOf([])
        return answers.get(query.get('start-after') ?? '')
      },
      { prefix: '' },
    )
    expect(await listKeys(store)).toEqual(['a', 'b c', 'd', 'e', 'f'])
    // The token is believed once.
    expect(server.seen).toHaveLength(4)
  })

  test('one of empty pages without end is an error, but some empty pages are none', async () => {
    const open = (emptyPages: number) => {
      let asked = 0
      return openBehind(
        () => {
          if (asked++ === emptyPages) return listingOf(['a'])
          return listingOf(
            [],
            `<IsTruncated>true</IsTruncated><NextContinuationToken>${asked}</NextContinuationToken>`,
          )
        },
        { prefix: '' },
      )
    }
    expect(await listKeys((await open(50)).store)).toEqual(['a'])
    expect((await problemOf(listKeys((await open(Infinity)).store))).code).toBe('listing-disorder')
  })

  test('one whose connection breaks in the middle is asked for again', async () => {
    let cuts = 3
    const { store, server } = await openBehind(({ url }) =>
      url.includes('list-type') && cuts-- > 0 ? { kind: 'cut' } : undefined,
    )
    const keys = Array.from({ length: 300 }, (_, i) => `${'long-'.repeat(20)}${String(i).padStart(3, '0')}`)
    await Promise.all(keys.map((key) => store.put(key, bytesOf(key), { headers: HEADERS })))
    expect(await listKeys(store)).toEqual(keys)
    expect(server.made.get('cut')).toBe(3)
  })

  test('an error that comes with status 200 is one, and is asked again where it may pass', async () => {
    const toError = (code: string): Fault => ({
      kind: 'document',
      xml: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>so it is</Message></Error>`,
    })
    expect(await listOf(toError('SlowDown'), toError('InternalError'), listingOf(['a']))).toEqual(['a'])
    const { store } = await openBehind(() => toError('SlowDown'), { maxAttempts: 2 })
    expect(await problemOf(listKeys(store))).toMatchObject({ code: 'store-unavailable' })
  })

  test('a name that is no UTF-8 is told, and the others are listed', async () => {
    const { store } = await openBehind(() => listingOf(['a', 'b%FF', 'c']), { prefix: '' })
    const skipped: string[] = []
    const keys: string[] = []
    for await (const { key } of store.list({ onSkipped: (name) => void skipped.push(name) })) keys.push(key)
    expect([keys, skipped]).toEqual([['a', 'c'], ['b%FF']])
  })

  test('a website in its place is no empty bucket, and is not asked again', async () => {
    for (const xml of ['<!doctype html><title>Welcome</title>', '{"hello": 1}', '<html></html>']) {
      const { store, server } = await openBehind(() => ({ kind: 'document', xml }))
      expect((await problemOf(listKeys(store))).code, xml).toBe('store-unavailable')
      expect(server.seen).toHaveLength(1)
    }
    const { store } = await openBehind(() => ({ kind: 'document', xml: '' }), { maxAttempts: 2 })
    expect((await problemOf(listKeys(store))).code).toBe('store-unavailable')
  })
})

describe('s3: listings that may be cut', () => {
  const toXml = (keys: readonly string[], more: string | undefined): string =>
    `<ListBucketResult><IsTruncated>${more !== undefined}</IsTruncated>${more === undefined ? '' : `<NextContinuationToken>${more}</NextContinuationToken>`}${keys
      .map((key) => `<Contents><Key>${key}</Key><Size>1</Size><ETag>"e"</ETag></Contents>`)
      .join('')}</ListBucketResult>`
  const KEYS = Array.from({ length: 200 }, (_, i) => String(i).padStart(3, '0'))
  /** Ten keys a page; tells how many were asked for at once: at most, and of all requests together. */
  const openPaged = async (
    keys: readonly string[],
    fault: (after: string) => Fault | undefined = () => undefined,
  ) => {
    const asked = { now: 0, most: 0, all: 0, sum: 0 }
    const server = createServer((request, response) => {
      const query = new URL(request.url ?? '/', 'http://s').searchParams
      const after = query.get('continuation-token') ?? query.get('start-after') ?? ''
      asked.all++
      asked.most = Math.max(asked.most, ++asked.now)
      asked.sum += asked.now
      const left = keys.filter((key) => key > after)
      const page = left.slice(0, 10)
      const given = fault(after)
      setTimeout(() => {
        asked.now--
        const more = left.length > page.length ? page.at(-1) : undefined
        response.end(given?.kind === 'document' ? given.xml : toXml(page, more))
      }, 15)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    toClose.push({ close: async () => void server.close() })
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return { asked, store: open({ prefix: '', settings: { ...s3Settings(), endpoint }, maxAttempts: 2 }) }
  }
  const splits = async function* (...places: string[]) {
    yield* places
  }
  const listWith = async (store: WritableStore, cut: AsyncIterable<string>): Promise<string[]> => {
    const keys: string[] = []
    for await (const { key } of store.list({ splits: cut })) keys.push(key)
    return keys
  }

  test('are asked for in several pieces at once, and come in order', async () => {
    const { asked, store } = await openPaged(KEYS)
    expect(await listWith(store, splits(...KEYS.filter((_, i) => i % 40 === 39)))).toEqual(KEYS)
    expect(asked.most).toBeGreaterThanOrEqual(4)
    expect(asked.all).toBeLessThanOrEqual(25)
    // One after the other it would be one each.
    expect(asked.sum / asked.all).toBeGreaterThan(2)
  })

  test('are not asked for where an answer has shown that there is nothing', async () => {
    const { asked, store } = await openPaged(['000', '001', '900'])
    const cut = Array.from({ length: 400 }, (_, i) => String(100 + i))
    expect(await listWith(store, splits(...cut))).toEqual(['000', '001', '900'])
    expect(asked.all).toBeLessThan(40)
  })

  test('break where one piece does, and where it goes backwards', async () => {
    const bad: Fault = { kind: 'document', xml: toXml(['150', '149'], undefined) }
    const backwards = await openPaged(KEYS, (after) => (after === '119' ? bad : undefined))
    const cut = () => splits('039', '079', '119', '159')
    expect((await problemOf(listWith(backwards.store, cut()))).code).toBe('listing-disorder')
    // A server that does not know `start-after` begins anew.
    const deaf = await openPaged(KEYS, (after) =>
      after === '039' ? { kind: 'document', xml: toXml(KEYS.slice(0, 10), undefined) } : undefined,
    )
    expect((await problemOf(listWith(deaf.store, cut()))).code).toBe('listing-disorder')
    const half: Fault = { kind: 'document', xml: toXml(KEYS, undefined).slice(0, -30) }
    const broken = await openPaged(KEYS, (after) => (after === '079' ? half : undefined))
    expect((await problemOf(listWith(broken.store, cut()))).code).toBe('store-unavailable')
  })

  test('do not depend on where, when and whether they may be cut', async () => {
    const failing = async function* () {
      yield '039'
      throw new Error('no more splits')
    }
    const late = async function* () {
      await new Promise((resolve) => setTimeout(resolve, 40))
      yield* ['005', '150', '150', '120', '199', '300']
    }
    const never = async function* () {
      await new Promise(() => {})
      yield ''
    }
    for (const cut of [failing, late, never]) {
      const { asked, store } = await openPaged(KEYS)
      expect(await listWith(store, cut())).toEqual(KEYS)
      expect(asked.all).toBeLessThanOrEqual(KEYS.length / 10 + 4)
    }
  })

  test('are asked for no further when nobody reads on', async () => {
    const { asked, store } = await openPaged(KEYS)
    for await (const { key } of store.list({ splits: splits(...KEYS.filter((_, i) => i % 10 === 9)) }))
      if (key === '003') break
    await new Promise((resolve) => setTimeout(resolve, 60))
    const before = asked.all
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(asked.all).toBe(before)
    expect(before).toBeLessThan(20)
  })
})

describe('s3: create-only', () => {
  const create = { headers: HEADERS, createOnly: true }

  test('a conflict with another writer is tried again', async () => {
    let conflicts = 2
    const { store } = await openBehind((seen) =>
      isPut(seen) && conflicts-- > 0
        ? { kind: 'answer', status: 409, code: 'ConditionalRequestConflict' }
        : undefined,
    )
    expect(await store.put('k', bytesOf('x'), create)).toMatchObject({ kind: 'stored' })
  })

  test('a store that knows no conditions is asked by HEAD, and not offered one again', async () => {
    const { store, server } = await openBehind((seen) =>
      seen.headers['if-none-match'] ? { kind: 'answer', status: 501, code: 'NotImplemented' } : undefined,
    )
    expect(await store.put('k', bytesOf('x'), create)).toMatchObject({ kind: 'stored' })
    expect(await store.put('k', bytesOf('y'), create)).toEqual({ kind: 'exists' })
    expect(await store.put('l', bytesOf('y'), create)).toMatchObject({ kind: 'stored' })
    expect(textOf((await store.get('k'))?.bytes)).toBe('x')
    expect(server.seen.filter(({ headers }) => headers['if-none-match'])).toHaveLength(1)
  })

  test('an upload whose answer was lost counts as there', async () => {
    let losses = 1
    const { store } = await openBehind((seen) =>
      isPut(seen) && losses-- > 0 ? { kind: 'lose-answer' } : undefined,
    )
    expect(await store.put('k', bytesOf('x'), create)).toEqual({ kind: 'exists' })
    expect(textOf((await store.get('k'))?.bytes)).toBe('x')
  })

  test('objects of several parts are whole, created once, and gone when aborted', async () => {
    const store = open()
    const bytes = randomBytes(40 * 1024 * 1024)
    const put = await store.put('big', bytes, create)
    const got = await store.get('big')
    expect(Buffer.compare(got?.bytes ?? Buffer.of(), bytes)).toBe(0)
    expect(put).toMatchObject({ kind: 'stored', object: { sizeBytes: bytes.length } })
    expect(await listAll(store)).toMatchObject([{ mark: got?.mark }])
    expect(await store.put('big', bytes, create)).toEqual({ kind: 'exists' })
    const copied = await store.copy('big', 'copy', { mark: got?.mark ?? ANY_MARK, headers: HEADERS })
    expect(copied).toMatchObject({ sizeBytes: bytes.length })
    expect(await store.head('copy')).toMatchObject({ sizeBytes: bytes.length, md5: got?.md5 })
    const abort = new AbortController()
    setTimeout(() => abort.abort(), 20)
    await expect(store.put('aborted', bytes, { headers: HEADERS, signal: abort.signal })).rejects.toThrow()
    expect(await store.head('aborted')).toBeUndefined()
  })
})

describe('s3: copies', () => {
  const isCopy = ({ headers }: SeenRequest): boolean => headers['x-amz-copy-source'] !== undefined
  const isTrial = ({ headers }: SeenRequest): boolean =>
    headers['x-amz-copy-source-if-match'] === '"imgsizes-never"'
  const copied: Fault = { kind: 'document', xml: '<CopyObjectResult><ETag>"e"</ETag></CopyObjectResult>' }

  test.each<[string, FindFault, number]>([
    // As Ceph does not.
    ['heeds conditions', (seen) => (isTrial(seen) ? answer(412, 'PreconditionFailed') : undefined), 3],
    ['ignores them', (seen) => (isTrial(seen) ? copied : undefined), 1],
    ...[400, 405, 501].map<[string, FindFault, number]>((status) => [
      `does not know them, which it says by ${status}`,
      (seen) => (isCopy(seen) ? answer(status, 'NotImplemented') : undefined),
      1,
    ]),
    [
      'refuses the very ETag that it shows',
      (seen) => (isCopy(seen) ? answer(412, 'PreconditionFailed') : undefined),
      3,
    ],
    ['does not find what it shows', (seen) => (isCopy(seen) ? answer(404, 'NoSuchKey') : undefined), 2],
  ])('are of what was looked at, by a store that %s', async (_, fault, copies) => {
    const { store, server } = await openBehind(fault)
    const put = await store.put('k', bytesOf('old'), { headers: HEADERS })
    const mark = (put.kind === 'stored' ? put.object.mark : undefined) ?? ANY_MARK
    for (const to of ['l', 'm']) {
      expect(await store.copy('k', to, { mark, headers: HEADERS })).toMatchObject({ key: to, sizeBytes: 3 })
      expect(await store.get(to)).toMatchObject({ md5: mark, headers: HEADERS })
    }
    expect(server.seen.filter(isCopy)).toHaveLength(copies)
    await store.put('k', bytesOf('new'), { headers: HEADERS })
    expect(await store.copy('k', 'l', { mark, headers: HEADERS })).toBeUndefined()
    expect(textOf((await store.get('l'))?.bytes)).toBe('old')
    expect(await listKeys(store)).toEqual(['k', 'l', 'm'])
  })

  test.each([
    ['are not made', 412, async (copy: Promise<unknown>) => expect(await copy).toBeUndefined()],
    [
      'that are denied are told so',
      403,
      async (copy: Promise<unknown>) => expect((await problemOf(copy)).code).toBe('store-denied'),
    ],
  ])('%s of what is replaced after the look', async (_, status, expectEnd) => {
    let isReplaced = false
    const { store } = await openBehind(async (seen) => {
      if (!isCopy(seen)) return undefined
      if (isTrial(seen)) return answer(412, 'PreconditionFailed')
      await store.put('k', bytesOf('new'), { headers: HEADERS })
      isReplaced = true
      return answer(status, status === 403 ? 'AccessDenied' : 'PreconditionFailed')
    })
    const put = await store.put('k', bytesOf('old'), { headers: HEADERS })
    const mark = (put.kind === 'stored' ? put.object.mark : undefined) ?? ANY_MARK
    await expectEnd(store.copy('k', 'l', { mark, headers: HEADERS }))
    expect(isReplaced).toBe(true)
    expect(await listKeys(store)).toEqual(['k'])
  })
})

describe('s3: what goes over the wire', () => {
  test('an upload is one plain request with its length, and no checksum that other stores refuse', async () => {
    const { store, server } = await openBehind(() => undefined)
    await store.put('k', randomBytes(6_000_000), { headers: HEADERS })
    expect(server.seen).toHaveLength(1)
    expect(server.seen[0]?.headers).toMatchObject({
      'content-length': '6000000',
      'content-type': 'image/webp',
    })
    const names = Object.keys(server.seen[0]?.headers ?? {})
    expect(names.filter((name) => /checksum|trailer|content-encoding|x-amz-sdk-checksum/.test(name))).toEqual(
      [],
    )
  })

  test('ACL and storage class go with every put and copy', async () => {
    const server = await openFaultProxy(s3Endpoint())
    toClose.push(server)
    const settings = {
      ...s3Settings(),
      endpoint: server.endpoint,
      acl: 'public-read',
      storageClass: 'STANDARD',
    }
    const prefix = freshPrefix()
    const store = open({ settings, prefix })
    await store.put('k', bytesOf('x'), { headers: HEADERS })
    const { mark = ANY_MARK } = (await store.head('k')) ?? {}
    for (const to of ['l', 'k']) expect(await store.copy('k', to, { mark, headers: HEADERS })).toBeDefined()
    // The third is a trial: whether conditions are heeded.
    const writes = server.seen.filter(isPut)
    expect(writes).toHaveLength(4)
    for (const { headers } of writes)
      expect(headers).toMatchObject({ 'x-amz-acl': 'public-read', 'x-amz-storage-class': 'STANDARD' })
    expect(store.objectSettings).toBe('acl=public-read&storageClass=STANDARD')
    const anonymous = await fetch(`${s3Endpoint()}/${bucket}/${encodeURIComponent(prefix)}k`)
    expect(anonymous.status).toBe(200)
  })

  test('encryption goes with what is written, and who pays with everything', async () => {
    // As AWS would take it: this server has no keys.
    const { store, server } = await openBehind(
      ({ method }) =>
        method === 'GET'
          ? undefined
          : { kind: 'document', xml: '<CopyObjectResult><ETag>"e"</ETag></CopyObjectResult>' },
      {
        settings: {
          ...s3Settings(),
          sse: 'aws:kms',
          sseKmsKeyId: 'alias/ours',
          requestPayer: 'requester',
        },
      },
    )
    expect(store.objectSettings).toBe('acl=&storageClass=&sse=aws:kms&sseKmsKeyId=alias/ours')
    await store.put('k', bytesOf('x'), { headers: HEADERS })
    await store.copy('k', 'l', { mark: ANY_MARK, headers: HEADERS })
    await store.get('k')
    await listKeys(store)
    await store.deleteAll(['k'])
    expect(server.seen.length).toBeGreaterThan(4)
    for (const { method, headers } of server.seen) {
      expect(headers['x-amz-request-payer'], method).toBe('requester')
      expect(headers['x-amz-server-side-encryption'], method).toBe(method === 'PUT' ? 'aws:kms' : undefined)
      if (method === 'PUT') expect(headers['x-amz-server-side-encryption-aws-kms-key-id']).toBe('alias/ours')
    }
  })

  test('an unknown storage class is refused in the words of the store', async () => {
    const store = open({ settings: { ...s3Settings(), storageClass: 'NO_SUCH' } })
    const problem = await problemOf(store.put('k', bytesOf('x'), { headers: HEADERS }))
    expect(problem.code).toMatch(/^store-(refused|unavailable)$/)
  })

  test('headers are those that a browser gets', async () => {
    const store = open({ prefix: 'plain/' })
    await store.put('k', bytesOf('x'), { headers: HEADERS })
    const client = openS3Client()
    const facts = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'plain/k' }))
    client.destroy()
    expect(facts).toMatchObject({
      ContentType: 'image/webp',
      CacheControl: 'public, max-age=60',
      Metadata: HEADERS.metadata,
    })
  })

  test('the prefix counts in bytes, and keys too long for S3 are refused', async () => {
    const store = open({ prefix: 'ü/' })
    expect(store.keyLimits.prefixBytes).toBe(3)
    const longest = 'k'.repeat(1021)
    await store.put(longest, bytesOf('x'), { headers: HEADERS })
    expect(await listKeys(store)).toEqual([longest])
    for (const key of [`${longest}k`, '', 'a/../b', 'a/', '\ud800'])
      expect((await problemOf(store.put(key, bytesOf('x'), { headers: HEADERS }))).code).toBe(
        'store-key-refused',
      )
    expect(await store.get('')).toBeUndefined()
  })

  test('a store that knows no batches is asked key by key', async () => {
    const { store } = await openBehind(({ method }) =>
      method === 'POST' ? { kind: 'answer', status: 501, code: 'NotImplemented' } : undefined,
    )
    for (const key of ['a', 'b', 'c+ %']) await store.put(key, bytesOf('x'), { headers: HEADERS })
    expect(await store.deleteAll(['a', 'c+ %', 'none'])).toEqual([])
    expect(await listKeys(store)).toEqual(['b'])
  })
})
