import { once } from 'node:events'
import { Agent, get as httpGet } from 'node:http'
import { connect, type Socket } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_WAITING } from '../../src/http/connections.ts'
import type { Handler } from '../../src/http/http-message.ts'
import type { Listening } from '../../src/http/listen.ts'
import { encodePath } from '../../src/url/path.ts'
import { createTextRenderer } from '../support/bench-project.ts'
import { answerWith, listenTo, SHORT_HEAD, SHOWN, SOURCE, serve, until } from '../support/listening.ts'
import { openTestOrigin } from '../support/origin.ts'
import { parseRaw, requestRaw, sendRaw } from '../support/raw-http.ts'

/** More than a connection holds on its way. */
const LARGE = new Uint8Array(32 * 1024 * 1024)

describe('over a socket', () => {
  it('a picture comes cold, warm, as HEAD, as 304 and in part', async () => {
    const { ask, url, settle, requests } = await serve()
    const cold = await ask(url)
    expect([cold.status, cold.body.toString()]).toEqual([200, SHOWN])
    const etag = cold.headers.get('etag') ?? ''
    await settle()
    const warm = await ask(url, { headers: { 'x-forwarded-for': '6.6.6.6, 1.1.1.1' } })
    expect([warm.status, warm.body.toString(), warm.headers.get('etag')]).toEqual([200, SHOWN, etag])
    expect(warm.headers.get('content-length')).toBe(String(SHOWN.length))
    expect(warm.headers.has('transfer-encoding')).toBe(false)
    const head = await ask(url, { method: 'HEAD' })
    expect([head.status, head.body.length, head.headers.get('content-length')]).toEqual([200, 0, '16'])
    const known = await ask(url, { headers: { 'if-none-match': etag } })
    expect([known.status, known.body.length]).toEqual([304, 0])
    const part = await ask(url, { headers: { range: 'bytes=2-4' } })
    expect([part.status, part.body.toString()]).toEqual([206, 'cat'])
    await until(() => requests.length === 5)
    expect(requests.map(({ outcome }) => outcome)).toEqual(['miss', 'hit', 'hit', 'revalidated', 'hit'])
    expect(requests[1]).toMatchObject({ ip: '1.1.1.1', path: url, status: 200, sizeBytes: 16 })
  })

  it.each([
    ['/img/x/../photos', 404],
    ['/img/%2e%2e/photos', 404],
    ['/img//photos', 404],
    ['/img/photos%2Fcat.jpg', 404],
    ['/img/a\\b', 404],
    ['//img/photos', 404],
    ['*', 404],
    ['/healthz', 200],
    ['/healthz?x=1', 200],
  ])('%s is %i: nothing is normalised', async (target, status) => {
    const { ask, key } = await serve()
    expect((await ask(target)).status).toBe(status)
    const good = key(SOURCE)
    for (const trick of [
      `/img/x/../${good}`,
      `/img/./${good}`,
      `/img//${good}`,
      `/img/${good.replace('/', '%2F')}`,
    ])
      expect((await ask(trick)).status).toBe(404)
  })

  it('refuses a Host that is none, and takes an empty one and absolute targets', async () => {
    const { ask, url } = await serve()
    expect((await ask(url, { headers: { host: 'a b:::' } })).status).toBe(400)
    expect((await ask(url, { headers: { host: '' } })).status).toBe(200)
    expect((await ask(`http://evil.example${url}`)).status).toBe(200)
  })

  it('ends a connection with the answer to what would be upgraded: of what came with it nothing more is read', async () => {
    const { listening, url } = await serve()
    const text = `GET ${url} HTTP/1.1\r\nhost: a\r\nupgrade: h2c\r\nconnection: Upgrade, HTTP2-Settings\r\n\r\n`
    const next = `GET ${url} HTTP/1.1\r\nhost: a\r\n\r\n`
    const answer = parseRaw(await sendRaw(listening.port, text + next))
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close'])
    const plain = `GET ${url} HTTP/1.1\r\nhost: a\r\nupgrade: h2c\r\n\r\n`
    const last = next.replace('host', 'connection: close\r\nhost')
    expect((await sendRaw(listening.port, plain + last)).toString().match(/HTTP\/1\.1 200/g)).toHaveLength(2)
  })

  it('tells the path of a target, and neither a password before it nor what comes after', async () => {
    const { ask, url, requests } = await serve()
    await ask(`http://user:secret@evil.example${url}?token=secret`)
    await until(() => requests.length === 1)
    expect(requests[0]?.path).toBe(url)
  })

  it('refuses other methods with Allow, bodies and all', async () => {
    const { listening, url } = await serve()
    for (const method of ['POST', 'PUT', 'DELETE', 'TRACE', 'PROPFIND', 'CONNECT']) {
      const body = method === 'POST' ? 'hello' : ''
      const text = `${method} ${url} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`
      const answer = (await sendRaw(listening.port, text)).toString()
      expect(answer).toMatch(/^HTTP\/1\.1 405 /)
      expect(answer.toLowerCase()).toContain('allow: get, head, options')
    }
  })

  it('closes a connection whose request does not come in', async () => {
    const { listening } = await serve({ listen: { timeouts: SHORT_HEAD } })
    const answer = (await sendRaw(listening.port, 'GET /img/ HTTP/1.1\r\nhost: a\r\n')).toString()
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('tells the handler when an answer is sent, and when its visitor has gone', async () => {
    const open = { count: 0 }
    const { listening } = await listenTo(async (request) => {
      open.count++
      const release = (): void => void open.count--
      if (request.method === 'HEAD') return answerWith(undefined, { release })
      const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        controller.enqueue(new Uint8Array(1))
      }
      return answerWith(new ReadableStream({ pull }), { release })
    })
    await requestRaw(listening.port, '/', { method: 'HEAD' })
    await until(() => open.count === 0)
    const request = httpGet({ port: listening.port, host: '127.0.0.1' })
    request.on('error', () => {})
    await until(() => open.count === 1)
    request.destroy()
    await until(() => open.count === 0)
  })

  it('tells of an answer that its visitor has not read that the visitor has gone', async () => {
    const { listening, requests } = await listenTo(async () => answerWith(LARGE))
    const request = httpGet({ port: listening.port, host: '127.0.0.1' })
    request.on('error', () => {})
    const [response] = await once(request, 'response')
    response.destroy()
    await until(() => requests.length === 1)
    expect(requests[0]).toMatchObject({ outcome: 'gone', sizeBytes: 0 })
  })

  it('frees the place of a visitor who hangs up', async () => {
    let release = (): void => {}
    const renderer = createTextRenderer(() => new Promise((resolve) => (release = resolve)))
    const { listening, url, origin, requests } = await serve({ renderer, threads: 1 })
    const request = httpGet({ port: listening.port, host: '127.0.0.1', path: url })
    request.on('error', () => {})
    await until(() => origin.load.running === 1)
    request.destroy()
    await until(() => requests.length === 1)
    expect(requests[0]?.outcome).toBe('gone')
    release()
    await until(() => origin.load.running === 0)
  })
})

describe('requests sent before the answers have come', () => {
  const ask = (target: string, more = ''): string => `GET ${target} HTTP/1.1\r\nhost: a\r\n${more}\r\n`

  /** Answers GET with bodies that never end, and counts those that are being sent. */
  const createEndless = () => {
    const counts = { begun: 0, open: 0 }
    const handle: Handler = async ({ method }) => {
      if (method === 'HEAD') return answerWith()
      counts.begun++
      counts.open++
      const pull = (controller: ReadableStreamDefaultController<Uint8Array>): void =>
        controller.enqueue(new Uint8Array(65_536))
      const cancel = (): void => void counts.open--
      return answerWith(new ReadableStream({ pull, cancel }), { headers: { 'content-length': '1000000000' } })
    }
    return { counts, handle }
  }
  const connectTo = async ({ port }: Listening, text: string): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1').pause()
    socket.on('error', () => {})
    await once(socket, 'connect')
    socket.write(text)
    return socket
  }

  it('are answered in their order, bodies and all', async () => {
    const { listening, url, requests } = await serve()
    const post = `POST ${url} HTTP/1.1\r\nhost: a\r\n`
    const text = [
      ask(url),
      ask(url).replace('GET', 'HEAD'),
      ask('/nope'),
      `${post}content-length: 3\r\n\r\nabc`,
      ask(url, 'range: bytes=2-4\r\n'),
      `${post}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
      ask('/healthz', 'connection: close\r\n'),
      'and what comes after the last',
    ].join('')
    const answers = (await sendRaw(listening.port, text)).toString()
    const statuses = [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => Number(match[1]))
    expect(statuses).toEqual([200, 200, 404, 405, 206, 405, 200])
    await until(() => requests.length === 7)
    expect(requests.map(({ status }) => status)).toEqual(statuses)
  })

  it('are begun one at a time, end with their connection, and are told one by one', async () => {
    const { counts, handle } = createEndless()
    const { listening, requests } = await listenTo(handle)
    const socket = await connectTo(listening, ask('/').repeat(MAX_WAITING))
    await until(() => counts.begun > 0)
    await requestRaw(listening.port, '*', { method: 'HEAD' }) // those before it have been read
    expect(counts).toEqual({ begun: 1, open: 1 })
    socket.destroy()
    await until(() => requests.length >= MAX_WAITING + 1)
    expect(counts).toEqual({ begun: 1, open: 0 })
    expect(requests).toHaveLength(MAX_WAITING + 1)
    for (const facts of requests.filter(({ method }) => method === 'GET'))
      expect(facts).toMatchObject({ outcome: 'gone', ip: '127.0.0.1', sizeBytes: 0 })
  })

  it('wait unread where they are many, and are all answered', async () => {
    let most = 0
    let begun = 0
    const { listening, requests } = await listenTo(async () => {
      most = Math.max(most, begun++ - requests.length)
      await new Promise((resolve) => setImmediate(resolve))
      return answerWith(Buffer.from('x'))
    })
    const text = ask('/', `x: ${'y'.repeat(1_000)}\r\n`).repeat(1_500) + ask('/', 'connection: close\r\n')
    const answers = (await sendRaw(listening.port, text)).toString()
    expect(answers.match(/HTTP\/1\.1 200/g)).toHaveLength(1_501)
    expect(most).toBeLessThan(2)
  })

  it('are not read beyond some number', async () => {
    const { counts, handle } = createEndless()
    const { listening } = await listenTo(handle)
    const socket = await connectTo(listening, '')
    const more = ask('/', `x: ${'y'.repeat(10_000)}\r\n`).repeat(100)
    let isTaken = true
    for (let sent = 0; isTaken && sent < 50; sent++) {
      isTaken = await Promise.race([
        new Promise<boolean>((resolve) => socket.write(more, () => resolve(true))),
        new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 300)),
      ])
    }
    expect([isTaken, counts.begun]).toEqual([false, 1])
    socket.destroy()
    await until(() => counts.open === 0)
  })

  it('are too many where others have as many: the connection ends', async () => {
    const { listening } = await listenTo(() => new Promise<never>(() => {}))
    const short = 'GET / HTTP/1.1\r\nhost:a\r\n\r\n'.repeat(2_300)
    const sockets: Socket[] = []
    while (sockets.length < 14) sockets.push((await connectTo(listening, short)).resume())
    await Promise.race(sockets.map((socket) => once(socket, 'close')))
    expect(sockets.filter(({ destroyed }) => !destroyed).length).toBeGreaterThan(5)
    for (const socket of sockets) socket.destroy()
  })
})

describe('what is no request', () => {
  const get = (head: string): string => `GET /healthz HTTP/1.1\r\n${head}\r\n`

  it.each<[string, string, number, string]>([
    ['garbage', 'garbage\r\n\r\n', 400, 'request-malformed'],
    ['bytes of TLS', '\x16\x03\x01\x00\xa5', 400, 'request-malformed'],
    ['an unknown method', get('host: a\r\n').replace('GET', 'FOO'), 405, 'method-not-allowed'],
    ['a method in small letters', get('host: a\r\n').replace('GET', 'get'), 405, 'method-not-allowed'],
    ['a head that is too large', get(`host: a\r\nx: ${'y'.repeat(20_000)}\r\n`), 431, 'head-too-large'],
    ['half a head', 'GET /healthz HTTP/1.1\r\nhost: a\r\n', 408, 'request-timeout'],
    ['no host', get(''), 400, 'host-wrong'],
    ['two hosts', get('host: a\r\nHost: a\r\n'), 400, 'host-wrong'],
    ['an odd expectation', get('host: a\r\nexpect: x\r\n'), 417, 'expectation-unknown'],
  ])('%s is said as every problem, told, and ends the connection', async (_, text, status, code) => {
    const listen = code === 'request-timeout' ? { timeouts: SHORT_HEAD } : {}
    const { listening, requests } = await serve({ listen })
    const answer = parseRaw(await sendRaw(listening.port, Buffer.from(text, 'latin1')))
    expect([answer.status, JSON.parse(answer.body.toString()).code]).toEqual([status, code])
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/problem+json',
      'content-length': String(answer.body.length),
      'cache-control': 'max-age=15',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      date: expect.stringMatching(/GMT$/),
      connection: 'close',
      ...(status === 405 && { allow: 'GET, HEAD, OPTIONS' }),
    })
    await until(() => requests.length > 0)
    expect(requests).toMatchObject([
      { outcome: 'refused', status, code, sizeBytes: answer.body.length, ip: '127.0.0.1' },
    ])
  })

  it('needs no host before HTTP/1.1', async () => {
    const { listening } = await serve()
    const answer = await sendRaw(listening.port, get('').replace('HTTP/1.1', 'HTTP/1.0'))
    expect(parseRaw(answer).status).toBe(200)
  })

  it('is said after the answers to what came before it', async () => {
    const { listening, url, requests } = await serve()
    const request = `GET ${url} HTTP/1.1\r\nhost: a\r\n\r\n`
    const answers = (await sendRaw(listening.port, `${request}${request}garbage\r\n\r\n`)).toString()
    const statuses = [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => Number(match[1]))
    expect(statuses).toEqual([200, 200, 400])
    await until(() => requests.length === 3)
  })

  it('is not said of the body of a request, which has its own answer', async () => {
    const { listening, requests } = await serve()
    for (const [method, status] of [
      ['POST', 405],
      ['GET', 200],
    ] as const) {
      const text = `${method} /healthz HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nno chunk\r\n`
      const answers = (await sendRaw(listening.port, text)).toString()
      expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual([`HTTP/1.1 ${status}`])
    }
    expect(requests).toHaveLength(2)
  })
})

describe('closing', () => {
  const connectTo = async ({ port }: Listening, text = ''): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(text)
    return socket
  }
  const readAll = async (socket: Socket): Promise<string> => Buffer.concat(await socket.toArray()).toString()
  const head = (target: string, more = ''): string => `GET ${target} HTTP/1.1\r\nhost: a\r\n${more}\r\n`

  it('waits for no connection on which nothing is asked', async () => {
    const { listening, url } = await serve()
    const sockets = [
      await connectTo(listening),
      await connectTo(listening, 'GET /heal'),
      await connectTo(listening, head('/healthz')),
      await connectTo(listening, `${head('/healthz')}GET ${url}`),
    ]
    await Promise.all(sockets.slice(2).map((socket) => once(socket, 'data')))
    await listening.close(AbortSignal.timeout(60_000))
    for (const socket of sockets) expect(await readAll(socket)).toBe('')
  })

  it('says with the last answer of a connection that it ends there', async () => {
    let release = (): void => {}
    const renderer = createTextRenderer(() => new Promise((resolve) => (release = resolve)))
    const { listening, url, origin } = await serve({ renderer })
    const answers = readAll(await connectTo(listening, head(url) + head('/nope')))
    await until(() => origin.load.running === 1)
    const closed = listening.close(AbortSignal.timeout(60_000))
    release()
    await closed
    const [picture = '', problem = ''] = (await answers).split(/(?=HTTP\/1\.1 )/)
    expect(picture).toMatch(/^HTTP\/1\.1 200 .*connection: keep-alive/is)
    expect(problem).toMatch(/^HTTP\/1\.1 404 .*connection: close/is)
  })

  it('ends a connection after an answer that had begun', async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const writer = writable.getWriter()
    const { listening } = await listenTo(async () => answerWith(readable))
    const socket = await connectTo(listening, head('/'))
    void writer.write(Buffer.from('first'))
    await once(socket, 'readable')
    const silent = (await connectTo(listening)).resume()
    const closed = listening.close(AbortSignal.timeout(60_000))
    await once(silent, 'close') // and with it all that are idle
    void writer.write(Buffer.from(' last')).then(() => writer.close())
    await closed
    expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 200 .*keep-alive.*first.* last/is)
  })

  it('lets a slow client read its answer to the end', async () => {
    const { listening, requests } = await listenTo(async () => answerWith(LARGE))
    const socket = await connectTo(listening, head('/'))
    await once(socket, 'readable')
    const silent = (await connectTo(listening)).resume()
    const closed = listening.close(AbortSignal.timeout(60_000))
    await once(silent, 'close') // and with it all that are idle
    expect((await readAll(socket)).length).toBeGreaterThan(LARGE.length)
    await closed
    expect(requests[0]?.outcome).toBe('hit')
  })

  it('answers what has been asked, and takes nothing new', async () => {
    let release = (): void => {}
    const renderer = createTextRenderer(() => new Promise((resolve) => (release = resolve)))
    const { listening, url, origin, ask } = await serve({ renderer })
    const agent = new Agent({ keepAlive: true })
    const idle = await new Promise<number>((resolve) =>
      httpGet({ port: listening.port, host: '127.0.0.1', path: '/healthz', agent }, (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode ?? 0))
      }),
    )
    expect(idle).toBe(200)
    const asked = ask(url)
    await until(() => origin.load.running === 1)
    const closed = listening.close(AbortSignal.timeout(60_000))
    await expect(ask('/healthz')).rejects.toThrow()
    release()
    expect((await asked).status).toBe(200)
    await closed
    agent.destroy()
  })

  it('cuts off what is not answered in time', async () => {
    const renderer = createTextRenderer(() => new Promise(() => {}))
    const { listening, url, origin, ask } = await serve({ renderer })
    const asked = ask(url)
    await until(() => origin.load.running === 1)
    await expect(listening.close(AbortSignal.timeout(50))).rejects.toThrow()
    expect((await asked).status).toBeNaN()
  })
})

describe('whatever comes', () => {
  it('no signed key gives a 5xx or an error', async () => {
    const { getRaw, reports, key } = openTestOrigin({ config: { serve: { fill: 'one' } } })
    const unit = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
      fc.constantFrom('a', '%2F', 'é', ' ', '+', "'", 'x'.repeat(300)),
    )
    const sources = fc.array(unit, { minLength: 1, maxLength: 6 }).map((segments) => segments.join('/'))
    const transforms = fc.constantFrom(
      '1w.q1',
      '16383h.q100',
      '3x2.cover.focus-1-999.q5',
      '9x9.contain.top.bg-0123ab.q80.v-0123456789',
    )
    await fc.assert(
      fc.asyncProperty(
        sources,
        transforms,
        fc.constantFrom('avif', 'webp', 'jpg', 'png', 'gif', 'auto'),
        async (source, transform, ext) => {
          const { status } = await getRaw(`/${encodePath(key(source.replaceAll('\\', ''), transform, ext))}`)
          expect([404, 403]).toContain(status)
        },
      ),
      { numRuns: 300 },
    )
    expect(reports.filter(({ outcome }) => outcome === 'bug')).toEqual([])
  })
})
