import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { S3Settings } from '../../src/config/config.ts'
import { type Mark, toMark } from '../../src/core/mark.ts'
import { Problem } from '../../src/core/problem.ts'
import { openS3Store, type S3StoreOptions } from '../../src/store/s3.ts'
import { problemOf } from '../support/problems.ts'
import { readStream } from './contract.ts'

interface Asked {
  readonly method: string
  /** Below the bucket, decoded. */
  readonly key: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

interface Answer {
  readonly status?: number
  /** S3's name of a refusal. */
  readonly code?: string
  readonly headers?: Readonly<Record<string, string | number>>
  readonly body?: string
  /** Only so many bytes of the body come, then the connection breaks. */
  readonly cutAt?: number
}

beforeAll(() => {
  process.env.AWS_ACCESS_KEY_ID ??= 'anybody'
  process.env.AWS_SECRET_ACCESS_KEY ??= 'anything'
})

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A store whose server says what a test wants it to say: undefined is an empty 200. */
const open = async (
  answer: (asked: Asked) => Answer | undefined,
  settings: S3Settings = {},
  limits: Partial<S3StoreOptions> = {},
) => {
  const seen: Asked[] = []
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://s3')
    const asked: Asked = {
      method: request.method ?? '',
      key: decodeURIComponent(url.pathname).replace(/^\/bucket\//, ''),
      query: url.searchParams,
      headers: request.headers,
      body: await buffer(request),
    }
    seen.push(asked)
    const { status = 200, code, headers = {}, cutAt, ...rest } = answer(asked) ?? {}
    const body =
      code === undefined ? (rest.body ?? '') : `<Error><Code>${code}</Code><Message>no</Message></Error>`
    if (cutAt === undefined)
      return response.writeHead(status, headers).end(asked.method === 'HEAD' ? '' : body)
    response.writeHead(status, { 'content-length': body.length, ...headers })
    response.write(body.slice(0, cutAt), () => response.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const store = openS3Store({
    bucket: 'bucket',
    prefix: 'p/',
    settings: { endpoint, region: 'here', forcePathStyle: true, ...settings },
    maxAttempts: 1,
    ...limits,
  })
  closing.push(async () => {
    await store.close?.()
    server.closeAllConnections()
    server.close()
  })
  const methods = () =>
    seen.map(({ method, key, headers: { range } }) => `${method} ${key}${range ? ` ${range}` : ''}`)
  return { store, seen, methods }
}

const HEADERS = { contentType: 'image/webp', cacheControl: 'no-store', metadata: { a: 'b' } }
const BYTES = Buffer.from('a picture')
const md5 = (text: string | Buffer) => createHash('md5').update(text).digest('hex')
const MARK = toMark('m') as Mark
const REFUSED: Answer = { status: 403, code: 'AccessDenied' }
const PLAIN = { ETag: '"m"', 'Last-Modified': 'Mon, 30 Nov 2026 10:00:00 GMT' }
const LISTING = '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>'

describe('an object that is put', () => {
  test('goes in one request with its headers and its MD5, and is marked by the answer', async () => {
    const { store, seen } = await open(() => ({ headers: { ETag: '"m"' } }))
    const result = await store.put('k', BYTES, { headers: HEADERS })
    expect(result).toMatchObject({
      kind: 'stored',
      object: { key: 'k', sizeBytes: BYTES.length, mark: 'm' },
      md5: md5(BYTES),
    })
    expect(seen).toMatchObject([
      {
        method: 'PUT',
        key: 'p/k',
        body: BYTES,
        headers: {
          'content-type': 'image/webp',
          'cache-control': 'no-store',
          'x-amz-meta-a': 'b',
          'x-amz-meta-imgsizes-md5': md5(BYTES),
        },
      },
    ])
    expect(seen[0]?.headers).not.toHaveProperty('if-none-match')
    const unmarked = await open(() => undefined)
    expect(await unmarked.store.put('k', BYTES, { headers: HEADERS, md5: 'known' })).toMatchObject({
      object: { mark: undefined },
      md5: 'known',
    })
  })

  test('only where there is none asks for that, and is told that there is one', async () => {
    const { store, seen } = await open(() => ({ status: 412, code: 'PreconditionFailed' }))
    const createOnly = { headers: HEADERS, createOnly: true }
    expect(await store.put('k', BYTES, createOnly)).toEqual({ kind: 'exists' })
    expect(seen[0]?.headers).toMatchObject({ 'if-none-match': '*' })
    // Without the condition, nobody has asked: it is a refusal like others.
    expect(await problemOf(store.put('k', BYTES, { headers: HEADERS }))).toMatchObject({
      code: 'store-refused',
    })
  })

  test('while another writes it is put again, but not for ever, and not where nobody asked for a condition', async () => {
    let conflicts = 1
    const answer = ({ headers }: Asked) =>
      conflicts-- > 0 || !('if-none-match' in headers)
        ? { status: 409, code: 'ConditionalRequestConflict' }
        : undefined
    const { store, seen } = await open(answer)
    expect(await store.put('k', BYTES, { headers: HEADERS, createOnly: true })).toMatchObject({
      kind: 'stored',
    })
    expect(seen).toHaveLength(2)
    expect(await problemOf(store.put('k', BYTES, { headers: HEADERS }))).toMatchObject({
      code: 'store-refused',
    })
    expect(seen).toHaveLength(3)
  })

  test('in a store that knows no conditions is looked for first, from then on', async () => {
    let isThere = false
    const { store, methods } = await open(({ method, headers }) => {
      if (method === 'HEAD') return isThere ? { headers: PLAIN } : { status: 404 }
      if (method === 'GET') return { body: LISTING }
      return 'if-none-match' in headers ? { status: 501, code: 'NotImplemented' } : undefined
    })
    const put = () => store.put('k', BYTES, { headers: HEADERS, createOnly: true })
    expect([await put(), methods()]).toMatchObject([
      { kind: 'stored' },
      ['PUT p/k', 'HEAD p/k', 'GET ', 'PUT p/k'],
    ])
    isThere = true
    expect([await put(), methods().slice(4)]).toEqual([{ kind: 'exists' }, ['HEAD p/k']])
  })

  test('has a name that can be one, or is not sent', async () => {
    const { store, seen } = await open(() => undefined)
    const options = { mark: MARK, headers: HEADERS }
    for (const key of ['', 'a/', 'a/../b', './a', 'a\0', '\ud800', 'a'.repeat(1_023)])
      expect(await problemOf(store.put(key, BYTES, { headers: HEADERS }))).toMatchObject({
        code: 'store-key-refused',
      })
    for (const put of [store.replace?.('a/', BYTES, options), store.copy('a', 'a/', options)])
      expect(await problemOf(put ?? Promise.resolve())).toMatchObject({ code: 'store-key-refused' })
    expect(seen).toEqual([])
    await store.put('a'.repeat(1_022), BYTES, { headers: HEADERS })
    await store.put('..a/b..', BYTES, { headers: HEADERS })
    expect(seen).toHaveLength(2)
  })

  test('is denied with the permission by name, and is not sent after an abort', async () => {
    const { store, seen } = await open(() => REFUSED)
    expect(await problemOf(store.put('k', BYTES, { headers: HEADERS }))).toMatchObject({
      code: 'store-denied',
      subject: 'k',
      message: expect.stringContaining('s3:PutObject'),
    })
    const signal = AbortSignal.abort(new Error('stopped'))
    await expect(store.put('k', BYTES, { headers: HEADERS, signal })).rejects.toThrow('stopped')
    expect(seen).toHaveLength(1)
  })

  test('has what the settings ask for, and that is part of what is recorded', async () => {
    const settings = { acl: 'public-read', storageClass: 'GLACIER_IR', sse: 'aws:kms', sseKmsKeyId: 'k1' }
    const { store, seen } = await open(() => undefined, { ...settings, requestPayer: 'requester' })
    await store.put('k', BYTES, { headers: HEADERS })
    expect(seen[0]?.headers).toMatchObject({
      'x-amz-acl': 'public-read',
      'x-amz-storage-class': 'GLACIER_IR',
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'k1',
      'x-amz-request-payer': 'requester',
    })
    expect(store.objectSettings).toBe('acl=public-read&storageClass=GLACIER_IR&sse=aws:kms&sseKmsKeyId=k1')
    expect((await open(() => undefined)).store.objectSettings).toBe('acl=&storageClass=')
  })

  test('and is large goes in parts, and is created only where there is none', async () => {
    const large = Buffer.alloc(32 * 1024 * 1024 + 1)
    let isThere = false
    const { store, methods, seen } = await open(({ method, query }) => {
      if (method === 'HEAD') return isThere ? { headers: PLAIN } : { status: 404 }
      if (method === 'GET') return { body: LISTING }
      if (query.has('uploads'))
        return {
          body: '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>',
        }
      if (method === 'POST')
        return { body: '<CompleteMultipartUploadResult><ETag>"m-2"</ETag></CompleteMultipartUploadResult>' }
      return { headers: { ETag: '"part"' } }
    })
    const put = () => store.put('k', large, { headers: HEADERS, createOnly: true, md5: 'known' })
    expect(await put()).toMatchObject({ kind: 'stored', object: { mark: 'm-2', sizeBytes: large.length } })
    expect(methods()).toEqual(['HEAD p/k', 'GET ', 'POST p/k', 'PUT p/k', 'PUT p/k', 'POST p/k'])
    expect(
      seen
        .filter(({ method }) => method === 'PUT')
        .map(({ body }) => body.length)
        .sort(),
    ).toEqual([1, 32 * 1024 * 1024])
    isThere = true
    expect(await put()).toEqual({ kind: 'exists' })
  })
})

describe('an object that is replaced', () => {
  const openReplacing = (known: string | undefined, shown = 'm', status = 412) =>
    open(({ method, headers }) => {
      if (method === 'HEAD') return { headers: { ETag: `"${shown}"` } }
      return headers['if-match'] === known ? undefined : { status, code: 'Other' }
    })
  const replaced = async ({ store }: Awaited<ReturnType<typeof openReplacing>>) =>
    store
      .replace?.('k', BYTES, { mark: MARK, headers: HEADERS })
      .catch(({ code, message }) => `${code}: ${message}`)

  test('is replaced only while it is the same, however its store spells an ETag', async () => {
    const first = await openReplacing('"m"')
    expect([await replaced(first), first.methods()]).toEqual(['replaced', ['PUT p/k']])
    const bare = await openReplacing('m')
    expect([await replaced(bare), bare.methods()]).toEqual(['replaced', ['PUT p/k', 'HEAD p/k', 'PUT p/k']])
    expect(bare.seen[2]).toMatchObject({ body: BYTES, headers: { 'x-amz-meta-imgsizes-md5': md5(BYTES) } })
  })

  test('has changed where it is another, gone, or being written', async () => {
    const other = await openReplacing('m', 'n')
    expect([await replaced(other), other.methods()]).toEqual(['changed', ['PUT p/k', 'HEAD p/k']])
    for (const status of [404, 409]) {
      const gone = await openReplacing(undefined, 'm', status)
      expect([await replaced(gone), gone.methods()]).toEqual(['changed', ['PUT p/k']])
    }
  })

  test('fails where the store knows no such conditions, or refuses', async () => {
    for (const status of [412, 501])
      expect(await replaced(await openReplacing(undefined, 'm', status))).toMatch(
        /^store-unsupported: .* does not support conditional writes$/,
      )
    expect(await replaced(await openReplacing(undefined, 'm', 403))).toMatch(/^store-denied:/)
  })
})

describe('an object that is copied', () => {
  interface Given {
    /** How the store answers a copy on a condition that does not hold, and on one that does. */
    readonly trial: Answer | undefined
    readonly copy?: Answer
    readonly marks?: readonly string[]
    readonly got?: string
  }
  const COPIED = {
    body: '<CopyObjectResult><ETag>"c"</ETag><LastModified>2026-11-30T10:00:00.000Z</LastModified></CopyObjectResult>',
  }
  const openCopying = async ({ trial, copy = COPIED, marks = ['m'], got = 'm' }: Given) => {
    let heads = 0
    const opened = await open(({ method, key, headers }) => {
      if (method === 'HEAD') {
        const mark = marks[Math.min(heads++, marks.length - 1)]
        if (mark === '') return { status: 404 }
        return { headers: { ETag: `"${mark}"`, 'Content-Length': 9, 'x-amz-meta-imgsizes-md5': 'sum' } }
      }
      if (method === 'GET')
        return key === '' ? { body: LISTING } : { body: 'a picture', headers: { ...PLAIN, ETag: `"${got}"` } }
      if (headers['x-amz-copy-source-if-match'] === '"imgsizes-never"') return trial
      if ('x-amz-copy-source' in headers) return copy
      return { headers: { ETag: '"put"' } }
    })
    const run = () => opened.store.copy('a+ü', 'b', { mark: MARK, headers: HEADERS })
    return { ...opened, run }
  }
  const TRIAL = 'PUT p/.imgsizes/copy-trial'
  const HEEDED: Answer = { status: 412, code: 'PreconditionFailed' }

  test('is copied by the store where it heeds conditions, which is tried once', async () => {
    const { run, methods, seen } = await openCopying({ trial: HEEDED })
    expect(await run()).toEqual({ key: 'b', sizeBytes: 9, modifiedAt: 1_796_032_800_000, mark: 'c' })
    await run()
    expect(methods()).toEqual(['HEAD p/a+ü', TRIAL, 'PUT p/b', 'HEAD p/a+ü', 'PUT p/b'])
    expect(seen[2]?.headers).toMatchObject({
      'x-amz-copy-source': 'bucket/p/a%2B%C3%BC',
      'x-amz-copy-source-if-match': '"m"',
      'x-amz-metadata-directive': 'REPLACE',
      'content-type': 'image/webp',
      'x-amz-meta-imgsizes-md5': 'sum',
    })
  })

  test.each([
    ['ignores them, and what it copied is deleted', COPIED, [TRIAL, 'POST ']],
    ['does not know them: 501', { status: 501, code: 'NotImplemented' }, [TRIAL]],
    ['does not know them: 400', { status: 400, code: 'InvalidArgument' }, [TRIAL]],
    ['does not know them: 405', { status: 405, code: 'MethodNotAllowed' }, [TRIAL]],
  ])('is copied through here where the store %s', async (_, trial, tried) => {
    const { run, methods } = await openCopying({ trial })
    expect(await run()).toMatchObject({ key: 'b', sizeBytes: 9, mark: 'put' })
    const through = ['GET p/a+ü', 'PUT p/b']
    expect(methods().map((each) => (each.startsWith('POST') ? 'POST ' : each))).toEqual([
      'HEAD p/a+ü',
      ...tried,
      ...through,
    ])
    await run()
    expect(methods().slice(-3)).toEqual(['HEAD p/a+ü', ...through])
  })

  test('is tried again where the store failed, which says nothing of conditions', async () => {
    const { run, methods } = await openCopying({ trial: { status: 403, code: 'AccessDenied' } })
    for (let i = 0; i < 2; i++)
      expect(await problemOf(run())).toMatchObject({ code: 'store-denied', subject: 'b' })
    expect(methods().filter((each) => each === TRIAL)).toHaveLength(2)
  })

  test('is left where it is gone, or another by now', async () => {
    for (const marks of [[''], ['n']]) {
      const { run, methods } = await openCopying({ trial: HEEDED, marks })
      expect([await run(), methods().filter((each) => each.startsWith('PUT'))]).toEqual([undefined, []])
    }
    const late = await openCopying({ trial: { status: 501, code: 'NotImplemented' }, got: 'n' })
    expect([await late.run(), late.methods().includes('PUT p/b')]).toEqual([undefined, false])
  })

  test('that the store refuses to copy by its own ETag goes through here, unless it has changed', async () => {
    for (const copy of [
      { status: 412, code: 'PreconditionFailed' },
      { status: 404, code: 'NoSuchKey' },
    ]) {
      const same = await openCopying({ trial: HEEDED, copy })
      expect(await same.run()).toMatchObject({ mark: 'put' })
      const changed = await openCopying({ trial: HEEDED, copy, marks: ['m', 'n'] })
      expect([await changed.run(), changed.methods().at(-1)]).toEqual([undefined, 'HEAD p/a+ü'])
    }
  })
})

describe('objects that are deleted', () => {
  const keysIn = ({ body }: Asked) =>
    [...body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key)
  const keys = (count: number) => Array.from({ length: count }, (_, i) => `${i}`)

  test('go in batches of a thousand, without names that no object has', async () => {
    const { store, seen } = await open(() => ({ body: '<DeleteResult></DeleteResult>' }))
    expect(await store.deleteAll([...keys(1_001), '', 'a/', '../a'])).toEqual([])
    expect(seen.map((asked) => keysIn(asked).length).sort()).toEqual([1, 1_000])
    expect(seen.flatMap(keysIn)).toContain('p/1000')
    expect(await store.deleteAll([])).toEqual([])
    expect(seen).toHaveLength(2)
  })

  test('that were refused are told by their keys, and those that were not there are not', async () => {
    const error = (key: string, code: string) =>
      `<Error><Key>p/${key}</Key><Code>${code}</Code><Message>so</Message></Error>`
    const { store } = await open(() => ({
      body: `<DeleteResult>${error('a', 'AccessDenied')}${error('b', 'NoSuchKey')}</DeleteResult>`,
    }))
    expect(await store.deleteAll(['a', 'b', 'c'])).toEqual([
      { key: 'a', message: 'AccessDenied: so (needs s3:DeleteObject)' },
    ])
  })

  test.each([400, 411, 501])('go one by one where the store knows no batches: %i', async (status) => {
    const { store, methods } = await open(({ method, key }) => {
      if (method === 'POST') return { status, code: 'Other' }
      return key === 'p/b' ? REFUSED : { status: 204 }
    })
    expect(await store.deleteAll(['a', 'b'])).toMatchObject([
      { key: 'b', message: expect.stringContaining('denied') },
    ])
    expect(methods().slice(1).sort()).toEqual(['DELETE p/a', 'DELETE p/b'])
  })

  test('stay where the whole batch is refused', async () => {
    const { store } = await open(() => REFUSED)
    expect(await problemOf(store.deleteAll(['a']))).toMatchObject({ code: 'store-denied' })
  })
})

describe('an object that is read', () => {
  const sent = (body: string, more: Answer = {}): Answer => ({
    body,
    ...more,
    headers: {
      ...PLAIN,
      'Content-Type': 'image/webp',
      'x-amz-meta-imgsizes-md5': 'sum',
      'x-amz-meta-a': 'b',
      ...more.headers,
    },
  })
  /** The rest of a body, from where a request asks for it on. */
  const restOf = (body: string, { headers }: Asked, etag = '"m"'): Answer => {
    const start = Number(/^bytes=(\d+)-/.exec(headers.range ?? '')?.[1])
    return sent(body.slice(start), {
      status: 206,
      headers: { ETag: etag, 'Content-Range': `bytes ${start}-${body.length - 1}/${body.length}` },
    })
  }

  test('comes with its facts, the MD5 apart from the other metadata', async () => {
    const { store } = await open(() => sent('a picture'))
    const facts = {
      key: 'k',
      sizeBytes: 9,
      modifiedAt: 1_796_032_800_000,
      mark: 'm',
      md5: 'sum',
      headers: { contentType: 'image/webp', metadata: { a: 'b' } },
    }
    const object = await store.get('k')
    expect({ ...object, bytes: undefined }).toEqual({ ...facts, bytes: undefined })
    expect(Buffer.from(object?.bytes ?? []).toString()).toBe('a picture')
  })

  test('is not there by its own answer, without another look at the bucket', async () => {
    const { store, methods } = await open(() => ({ status: 404, code: 'NoSuchKey' }))
    expect([await store.get('k'), methods()]).toEqual([undefined, ['GET p/k']])
    for (const key of ['', 'a/', 'a/../b', './a', '\ud800'])
      expect([await store.get(key), await store.head(key), await store.open(key)]).toEqual([
        undefined,
        undefined,
        undefined,
      ])
    expect(methods()).toHaveLength(1)
  })

  test('is not there by an answer without a reason only where the bucket is, which is seen once', async () => {
    const { store, methods } = await open(({ method }) =>
      method === 'HEAD' ? { status: 404 } : { body: LISTING },
    )
    expect([await store.head('k'), await store.head('l'), methods()]).toEqual([
      undefined,
      undefined,
      ['HEAD p/k', 'GET ', 'HEAD p/l'],
    ])
    const known = await open(({ method, key }) => {
      if (method === 'HEAD' && key === 'p/k') return { status: 404 }
      return { headers: PLAIN }
    })
    expect([await known.store.head('there'), await known.store.head('k')]).toMatchObject([
      { mark: 'm' },
      undefined,
    ])
    expect(known.methods()).toEqual(['HEAD p/there', 'HEAD p/k'])
    const missing = await open(({ method }) =>
      method === 'HEAD' ? { status: 404 } : { status: 404, code: 'NoSuchBucket' },
    )
    expect(await problemOf(missing.store.head('k'))).toMatchObject({ code: 'store-missing' })
    expect(await problemOf(missing.store.get('k'))).toMatchObject({ code: 'store-missing' })
  })

  test.each([400, 401, 403])(
    'and is refused without a reason is explained by a look at the bucket: %i',
    async (status) => {
      const { store, methods } = await open(({ method }) =>
        method === 'HEAD' ? { status } : { status: 403, code: 'InvalidAccessKeyId' },
      )
      expect(await problemOf(store.head('k'))).toMatchObject({ code: 'store-credentials' })
      expect(methods()).toEqual(['HEAD p/k', 'GET '])
      const other = await open(({ method }) => (method === 'HEAD' ? { status: 403 } : { body: LISTING }))
      expect(await problemOf(other.store.head('k'))).toMatchObject({
        code: 'store-denied',
        message: expect.stringContaining('s3:GetObject'),
      })
    },
  )

  test('and breaks off is read on from there, of the same object', async () => {
    const body = 'a picture that is long'
    const { store, methods } = await open((asked) =>
      asked.headers.range === undefined ? sent(body, { cutAt: 5 }) : restOf(body, asked),
    )
    const object = await store.get('k')
    expect([Buffer.from(object?.bytes ?? []).toString(), methods()]).toEqual([
      body,
      ['GET p/k', 'GET p/k bytes=5-21'],
    ])
    const opened = await store.open('k')
    expect((await readStream(opened?.body))?.toString()).toBe(body)
  })

  test('and breaks off, and is another then, is read from its beginning', async () => {
    let isNew = false
    const { store } = await open((asked) => {
      if (asked.headers.range !== undefined) {
        isNew = true
        return restOf('another one', asked, '"n"')
      }
      return isNew ? sent('another one', { headers: { ETag: '"n"' } }) : sent('a picture', { cutAt: 4 })
    })
    const object = await store.get('k')
    expect([Buffer.from(object?.bytes ?? []).toString(), object?.mark]).toEqual(['another one', 'n'])
    isNew = false
    const opened = await store.open('k')
    const reading = readStream(opened?.body)
    await expect(reading).rejects.toMatchObject({
      code: 'store-unavailable',
      message: expect.stringMatching(/another object/),
    })
  })

  test('and breaks off each time is given up', async () => {
    const body = 'a picture that is long'
    const { store, methods } = await open((asked) => ({
      ...(asked.headers.range === undefined ? sent(body) : restOf(body, asked)),
      cutAt: 0,
    }))
    expect(await problemOf(store.get('k'))).toMatchObject({
      code: 'store-unavailable',
      message: expect.stringContaining('again and again'),
    })
    expect(methods()).toHaveLength(6)
  })

  test('in part is that part, or fails where all of it comes', async () => {
    const body = 'a picture'
    const { store } = await open((asked) => restOf(body, asked))
    const opened = await store.open('k', { range: { start: 2, end: 8 } })
    expect(opened?.sizeBytes).toBe(9)
    expect((await readStream(opened?.body))?.toString()).toBe('picture')
    const whole = await open(() => sent(body))
    expect(await problemOf(whole.store.open('k', { range: { start: 2, end: 8 } }))).toMatchObject({
      code: 'store-unavailable',
      message: expect.stringContaining('from its beginning'),
    })
  })

  test('and is too large is refused, in whole and in part', async () => {
    const { store } = await open((asked) =>
      asked.headers.range ? restOf('a picture', asked) : sent('a picture'),
    )
    expect(await problemOf(store.get('k', { maxBytes: 8 }))).toMatchObject({ code: 'source-too-large' })
    expect(await problemOf(store.open('k', { maxBytes: 8, range: { start: 1, end: 8 } }))).toMatchObject({
      code: 'source-too-large',
    })
    expect((await store.get('k', { maxBytes: 9 }))?.sizeBytes).toBe(9)
  })
})

describe('a bucket', () => {
  const page = (keys: readonly string[], token?: string) => ({
    body: `<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>${token !== undefined}</IsTruncated>${
      token ? `<NextContinuationToken>${token}</NextContinuationToken>` : ''
    }${keys.map((key) => `<Contents><Key>p/${key}</Key><Size>1</Size><ETag>"e"</ETag></Contents>`).join('')}</ListBucketResult>`,
  })
  const list = async (pages: readonly Answer[], options = {}) => {
    const left = [...pages]
    const { store, seen } = await open(() => left.shift())
    const keys: string[] = []
    for await (const { key } of store.list(options)) keys.push(key)
    return { keys, asked: seen.map(({ query }) => Object.fromEntries(query)) }
  }

  test('is listed below its prefix, page by page, and up to where it is asked', async () => {
    const { keys, asked } = await list([page(['', 'x1', 'x2'], 't'), page(['x3', 'x4'])], {
      prefix: 'x',
      after: 'x0',
    })
    expect(keys).toEqual(['x1', 'x2', 'x3', 'x4'])
    expect(asked).toMatchObject([
      { prefix: 'p/x', 'start-after': 'p/x0', 'max-keys': '1000', 'encoding-type': 'url' },
      { 'continuation-token': 't' },
    ])
    const upTo = await list([page(['a', 'b', 'c'], 't'), page(['d'])], { upTo: 'b' })
    expect([upTo.keys, upTo.asked.length]).toEqual([['a', 'b'], 1])
    expect((await list([page(['a', 'b'], 't'), page(['c'])], { upTo: 'b' })).asked).toHaveLength(1)
  })

  test('has versions, has none, or does not say', async () => {
    const versioning = async (answer: Answer) => (await open(() => answer)).store.keepsVersions?.()
    const says = (status: string) => ({
      body: `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`,
    })
    expect([await versioning(says('Enabled')), await versioning(says('Suspended'))]).toEqual([true, false])
    expect(await versioning({ status: 501, code: 'NotImplemented' })).toBeUndefined()
  })

  test('tells the time by its answers, but for those from a cache', async () => {
    const date = (year: number) => `Mon, 30 Nov ${year} 10:00:00 GMT`
    const aged = await open(() => ({ body: LISTING, headers: { Date: date(2020), Age: '7' } }))
    await aged.store.probe()
    expect(aged.store.clockOffsetMs()).toBe(0)
    const { store } = await open(() => ({ ...REFUSED, headers: { Date: date(2020) } }))
    await expect(store.probe()).rejects.toThrow(Problem)
    expect(store.clockOffsetMs()).toBeLessThan(-1_000_000)
  })

  test('is probed by a listing, or by a write', async () => {
    const { store, methods } = await open(() => ({ body: LISTING }))
    await store.probe()
    await store.probe({ into: '.imgsizes/' })
    expect(methods()).toEqual(['GET ', 'PUT p/.imgsizes/probe.txt'])
  })

  test('without an order is refused where a plan is to be made of it', async () => {
    const { store } = await open(() => undefined, {}, { bucket: 'b--x-s3' })
    expect(store.isListable).toBe(false)
    expect(() => store.list()).toThrow('directory bucket')
  })
})

describe('pages of a proxy in front of the store', () => {
  const PAGES = [
    '<html>\r\n<head><title>no</title></head>\r\n<body>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n',
    '<!DOCTYPE html><meta charset="utf-8"><p>no & nothing<br>else',
    'no healthy upstream',
    '{"message":"no"}',
    '',
  ]
  const ask = async (status: number, body: string) => {
    const { store, seen } = await open(() => ({ status, body }), {}, { maxAttempts: 2 })
    const list = async () => {
      for await (const _ of store.list()) break
    }
    const asked = [
      list(),
      store.put('k', BYTES, { headers: HEADERS }),
      store.get('k'),
      store.deleteAll(['k']),
    ]
    const problems = await Promise.all(asked.map(problemOf))
    return { problems: problems.map(({ code, message }) => ({ code, message })), asked: seen.length }
  }

  test.each([502, 503, 504, 429])(
    '%i is a store that keeps failing, asked as often as others are',
    async (status) => {
      const failing = {
        code: 'store-unavailable',
        message: expect.stringContaining('the store keeps failing'),
      }
      for (const page of PAGES)
        expect([page, await ask(status, page)]).toEqual([
          page,
          { problems: Array(4).fill(failing), asked: 8 },
        ])
    },
  )

  test('413 is a limit of bytes', async () => {
    const refused = {
      code: 'store-refused',
      message: expect.stringContaining('a proxy in front of it, accepts'),
    }
    for (const page of PAGES)
      expect([page, await ask(413, page)]).toEqual([page, { problems: Array(4).fill(refused), asked: 4 }])
  })

  test('404 is no missing object, and says its status', async () => {
    const { problems } = await ask(404, PAGES[0] ?? '')
    const foreign = {
      code: 'store-unavailable',
      message: expect.stringContaining('is not from S3 (HTTP 404)'),
    }
    expect(problems).toEqual(Array(4).fill(foreign))
  })
})
