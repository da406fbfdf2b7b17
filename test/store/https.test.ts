import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type HttpsStoreOptions, openHttpsStore } from '../../src/store/https.ts'
import type { ReadableStore } from '../../src/store/port.ts'
import { problemOf } from '../support/problems.ts'
import { words } from '../support/words.ts'
import { listKeys, ODD_KEYS, textOf } from './contract.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

const DATE = 'Tue, 02 Jan 2024 03:04:05 GMT'
const seen: IncomingMessage[] = []
let answer: Answer = () => {}
let server: Server
let origin = ''
const opened: ReadableStore[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(request)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
  seen.length = 0
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const open = (options: Partial<HttpsStoreOptions> = {}): ReadableStore => {
  const store = openHttpsStore({ url: `${origin}/base/`, allowPrivate: true, timeoutMs: 5000, ...options })
  opened.push(store)
  return store
}

const answerText =
  (text: string): Answer =>
  (_, response) =>
    void response
      .writeHead(200, { 'content-length': Buffer.byteLength(text), 'last-modified': DATE })
      .end(text)

const answerStatus =
  (status: number, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    void response.writeHead(status, headers).end('some text')

describe('https: reading', () => {
  test('get, head and open tell bytes, length and date, and leave the content unknown', async () => {
    answer = answerText('hello')
    const store = open()
    const facts = { key: 'a/b.jpg', sizeBytes: 5, modifiedAt: Date.parse(DATE), mark: undefined, headers: {} }
    const got = await store.get('a/b.jpg')
    expect(got).toMatchObject(facts)
    expect(textOf(got?.bytes)).toBe('hello')
    expect(await store.head('a/b.jpg')).toEqual(facts)
    const part = await store.open('a/b.jpg', { range: { start: 1, end: 3 } })
    expect(await new Response(part?.body).text()).toBe('ell')
    expect(seen.map(({ method }) => method)).toEqual(['GET', 'HEAD', 'GET'])
  })

  test('odd keys arrive to the byte, below the base', async () => {
    answer = answerText('x')
    const store = open()
    for (const key of ODD_KEYS) expect((await store.get(key))?.key).toBe(key)
    const paths = seen.map(({ url = '' }) => url)
    expect(paths.map((path) => decodeURIComponent(path.slice('/base/'.length)))).toEqual(ODD_KEYS)
    for (const path of paths) expect(path).toMatch(/^\/base\/[A-Za-z0-9\-_.!~*'()%/]*$/)
  })

  test('a key that could climb or be spelled twice is never asked for', async () => {
    answer = answerText('x')
    const store = open()
    for (const key of ['', '/', '..', '../x', 'a/../b', './a', 'a//b', 'a/', '\ud800'])
      expect(await store.get(key), key).toBeUndefined()
    expect(seen).toHaveLength(0)
  })

  test('404 and 410 mean that there is nothing', async () => {
    for (const status of [404, 410]) {
      answer = answerStatus(status)
      expect(await open().get('k')).toBeUndefined()
      expect(await open().head('k')).toBeUndefined()
      expect(await open().open('k')).toBeUndefined()
    }
  })

  test('other answers are Problems of their own', async () => {
    const codes = {
      401: 'store-denied',
      403: 'store-denied',
      407: 'store-denied',
      429: 'store-unavailable',
      500: 'store-unavailable',
    }
    for (const [status, code] of Object.entries(codes)) {
      answer = answerStatus(Number(status))
      const asked = seen.length
      expect(await problemOf(open().get('k')), status).toMatchObject({ code, subject: 'k' })
      // What may soon be another answer is asked for again.
      expect(seen.length - asked, status).toBe(status === '429' ? 3 : 1)
      expect(await problemOf(open().head('k')), status).toMatchObject({ code, subject: 'k' })
    }
  })

  test('a server that knows no HEAD is asked by GET', async () => {
    answer = (request, response) =>
      request.method === 'HEAD'
        ? answerStatus(405)(request, response)
        : answerText('hello')(request, response)
    expect(await open().head('k')).toMatchObject({ sizeBytes: 5 })
  })

  test('a listing is refused with what to do instead', async () => {
    const problem = await problemOf(listKeys(open()))
    expect(problem.code).toBe('source-not-listable')
    expect(problem.hint).toContain('--sources-from')
  })

  test('compressed content is refused: it would be no picture', async () => {
    const zipped = gzipSync('hello')
    answer = (_, response) =>
      void response
        .writeHead(200, { 'content-encoding': 'gzip', 'content-length': zipped.length })
        .end(zipped)
    expect((await problemOf(open().get('k'))).code).toBe('store-unavailable')
    expect(seen[0]?.headers['accept-encoding']).toBe('identity')
  })
})

describe('https: whole or not at all', () => {
  test('a body that breaks off is asked for again, and never taken for whole', async () => {
    let count = 0
    answer = (request, response) => {
      count++
      if (count > 2) return answerText('hello')(request, response)
      response.writeHead(200, { 'content-length': 5 }).write('he')
      setTimeout(() => response.destroy(), 20)
    }
    expect(textOf((await open().get('k'))?.bytes)).toBe('hello')
    expect(count).toBe(3)
    count = Number.NEGATIVE_INFINITY
    expect((await problemOf(open().get('k'))).code).toBe('store-unavailable')
  })

  test('a chunked body that breaks off is no object either', async () => {
    answer = (_, response) => {
      response.writeHead(200).write('he')
      setTimeout(() => response.destroy(), 20)
    }
    expect((await problemOf(open().get('k'))).code).toBe('store-unavailable')
  })

  test('too large a body is refused: by its length before it is read, else as soon as it is over', async () => {
    let sent = 0
    answer = (_, response) => {
      const timer = setInterval(() => {
        sent += 1000
        response.write(Buffer.alloc(1000))
      }, 1)
      response.on('close', () => clearInterval(timer))
    }
    expect(await problemOf(open().get('k', { maxBytes: 5000 }))).toMatchObject({ code: 'source-too-large' })
    expect(sent).toBeLessThan(100_000)
    let isHungUp = false
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': 6000 })
      response.flushHeaders() // and never a byte of body
      response.on('close', () => {
        isHungUp = true
      })
    }
    expect(await problemOf(open().get('k', { maxBytes: 5999 }))).toMatchObject({ code: 'source-too-large' })
    await expect.poll(() => isHungUp).toBe(true)
    answer = answerText('hello')
    expect((await open().get('k', { maxBytes: 5 }))?.bytes).toHaveLength(5)
  })

  test('one that takes too long is given up: before the headers, and within the body', async () => {
    answer = () => {}
    expect((await problemOf(open({ timeoutMs: 150 }).get('k'))).code).toBe('store-timeout')
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': 1_000_000 })
      const timer = setInterval(() => response.write('x'), 10)
      response.on('close', () => clearInterval(timer))
    }
    expect((await problemOf(open({ timeoutMs: 300 }).get('k'))).code).toBe('store-timeout')
  })

  test('an abort ends the wait with its own reason', async () => {
    answer = () => {}
    const abort = new AbortController()
    setTimeout(() => abort.abort(new Error('enough')), 50)
    await expect(open().get('k', { signal: abort.signal })).rejects.toThrow('enough')
  })

  test.each([
    ['speaks no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['sends headers that are none', 'HTTP/1.1 200 OK\r\ncontent-length: a lot\r\n\r\nabc'],
    ['says two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nabc'],
    ['sends chunks that are none', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc'],
    ['sends headers without end', `HTTP/1.1 200 OK\r\na: ${'b'.repeat(100_000)}`],
    ['hangs up', ''],
  ])('a server that %s is unavailable', async (_, text) => {
    answer = (request) => void request.socket.end(text)
    expect(await problemOf(open().get('k'))).toMatchObject({ code: 'store-unavailable', subject: 'k' })
  })

  test('a server that is not there is unavailable', async () => {
    const store = open({ url: 'http://127.0.0.1:1/' })
    expect(await problemOf(store.get('k'))).toMatchObject({ code: 'store-unavailable', subject: 'k' })
    const unknown = open({ url: 'http://no-such-host.invalid/' })
    expect((await problemOf(unknown.get('k'))).code).toBe('store-unavailable')
  })
})

describe('https: where it goes', () => {
  const other = () => origin.replace('127.0.0.1', 'localhost')

  test('an address that is not public is refused unless allowed: as a number, in any spelling, and by name', async () => {
    answer = answerText('x')
    const port = new URL(origin).port
    for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]', 'localhost']) {
      const store = open({ url: `http://${host}:${port}/`, allowPrivate: false })
      expect((await problemOf(store.get('k'))).code, host).toBe('source-address-refused')
    }
    expect(seen).toHaveLength(0)
    expect(textOf((await open({ url: `${other()}/` }).get('k'))?.bytes)).toBe('x')
  })

  test('redirects are followed, five at most', async () => {
    let hops = 5
    answer = (request, response) =>
      hops-- > 0
        ? answerStatus(302, { location: `/hop/${hops}` })(request, response)
        : answerText('x')(request, response)
    expect(textOf((await open().get('k'))?.bytes)).toBe('x')
    expect(seen.map(({ url }) => url)).toEqual(['/base/k', '/hop/4', '/hop/3', '/hop/2', '/hop/1', '/hop/0'])
    hops = 6
    expect((await problemOf(open().get('k'))).code).toBe('source-redirect-refused')
  })

  test('a redirect to another private host is refused, by name and by number, though the first is allowed', async () => {
    for (const location of [`${other()}/x`, 'http://[::1]/x', 'http://169.254.169.254/latest/meta-data/']) {
      answer = answerStatus(302, { location })
      expect((await problemOf(open().get('k'))).code, location).toBe('source-address-refused')
    }
    expect(seen.map(({ url }) => url)).toEqual(['/base/k', '/base/k', '/base/k'])
  })

  test('a redirect to another scheme, to a password or to nothing is refused', async () => {
    for (const location of words(`
      ftp://example.com/x file:///etc/passwd http://a:b@example.com/ http://[/
    `)) {
      answer = answerStatus(302, { location })
      expect((await problemOf(open().get('k'))).code, location).toBe('source-redirect-refused')
    }
    answer = answerStatus(302)
    expect((await problemOf(open().get('k'))).code).toBe('source-redirect-refused')
  })

  test('another port of the same private host is another origin: refused, by name and by number', async () => {
    const second = createServer((request) => void seen.push(request))
    await new Promise<void>((resolve) => second.listen(0, resolve))
    const { port } = second.address() as AddressInfo
    for (const host of ['127.0.0.1', 'localhost']) {
      answer = answerStatus(302, { location: `http://${host}:${port}/x` })
      const store = open({ url: `${origin.replace('127.0.0.1', host)}/base/` })
      expect((await problemOf(store.get('k'))).code, host).toBe('source-address-refused')
    }
    second.close()
    expect(seen.map(({ url }) => url)).toEqual(['/base/k', '/base/k'])
  })

  test('configured headers go along with redirects within the configured origin', async () => {
    answer = (request, response) =>
      request.url === '/base/k'
        ? answerStatus(302, { location: '/same' })(request, response)
        : answerText('x')(request, response)
    await open({ headers: { Authorization: 'Bearer t', 'X-Own': '1' } }).get('k')
    expect(seen.map(({ headers }) => [headers.authorization, headers['x-own']])).toEqual([
      ['Bearer t', '1'],
      ['Bearer t', '1'],
    ])
  })
})
