import { connect } from 'node:net'
import { createCommonHeaders } from '../../src/http/common-headers.ts'
import { type Listening, listen } from '../../src/http/listen.ts'
import { encodePath } from '../../src/url/path.ts'
import { putText } from '../support/bench-project.ts'
import { openMemoryStore } from '../support/memory-store.ts'
import { openTestOrigin } from '../support/origin.ts'
import { expectLaw, type Target } from './target.ts'

const SOURCE = 'photos/cat.jpg'
const source = openMemoryStore()
await putText(source, SOURCE, 'a cat')
const test = openTestOrigin({ mount: '/img/', source, config: { serve: { fill: 'one' as const } } })
const URL_PATH = `/img/${encodePath(test.key(SOURCE))}`

let listening: Listening | undefined
const open = async (): Promise<Listening> =>
  listen({
    port: 0,
    host: '127.0.0.1',
    handle: test.origin.handle,
    commonHeaders: createCommonHeaders({ cors: ['https://a.example'], timingAllowOrigin: [] }),
    timeouts: { keepAliveMs: 60_000, headersMs: 5_000, drainMs: 5_000 },
    trustProxy: 1,
    now: () => Date.now(),
    onRequest: ({ status }) => expectLaw(STATUSES.has(status), `${status} is an answer`),
    maxConnections: 1_000,
    onCrowded: () => {},
    onAcceptFailed: () => {},
  })

const STATUSES = new Set([200, 204, 206, 302, 304, 400, 403, 404, 405, 408, 412, 416, 417, 431, 499, 505])

/** Sends all of it and ends its side; what comes back until the other side ends, too. */
const exchange = (port: number, bytes: Uint8Array): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.end(bytes))
    socket.setTimeout(20_000, () => socket.destroy(new Error('the connection was left open for 20 s')))
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error)
    })
    socket.on('close', () => resolve(Buffer.concat(chunks)))
  })

const HEAD =
  /^HTTP\/1\.1 ([1-5]\d\d) [A-Z][A-Za-z -]+\r\n((?:[!#$%&'*+.^_`|~\w-]+:[^\0-\x08\n-\x1f\x7f]*\r\n)*)\r\n/

/** Answers follow each other, each whole: what is left begins none. A body that answers HEAD is not sent. */
const readAnswers = (text: string, isHeadAsked: boolean): void => {
  let rest = text
  while (rest.length > 0) {
    const [whole, status = '', fields = ''] = HEAD.exec(rest) ?? []
    expectLaw(whole !== undefined, `an answer begins as one: ${JSON.stringify(rest.slice(0, 200))}`)
    if (whole === undefined) return
    rest = rest.slice(whole.length)
    const length = /^content-length: *(\d+)\r$/im.exec(fields)?.[1]
    const isBare = status.startsWith('1') || status === '204' || status === '304'
    expectLaw(isBare || length !== undefined, 'an answer says how long it is')
    const isBodiless = isBare || (isHeadAsked && (rest === '' || rest.startsWith('HTTP/1.1 ')))
    if (!isBodiless) rest = rest.slice(Number(length))
  }
}

export const REQUEST_TARGETS: readonly Target[] = [
  {
    name: 'requests over a connection',
    seeds: [
      `GET ${URL_PATH} HTTP/1.1\r\nHost: a\r\n\r\n`,
      `GET ${URL_PATH} HTTP/1.1\r\nhost: a\r\nrange: bytes=0-3\r\naccept: image/webp\r\n\r\nHEAD ${URL_PATH} HTTP/1.1\r\nhost: a\r\n\r\n`,
      `OPTIONS * HTTP/1.1\r\nhost: a\r\norigin: https://a.example\r\naccess-control-request-method: GET\r\n\r\n`,
      'POST /img/x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3;a="b"\r\nabc\r\n0\r\nx: y\r\n\r\nGET /healthz HTTP/1.1\r\nhost: a\r\n\r\n',
      'GET /healthz HTTP/1.2\r\nhost: a\r\ncontent-length: 3\r\nexpect: 100-continue\r\n\r\nabcGET / HTTP/1.0\r\n\r\n',
      `GET http://u:p@b${URL_PATH}?x HTTP/1.1\r\nhost: a\r\nif-none-match: "a", W/"b"\r\nif-modified-since: Tue, 02 Jan 2024 03:04:05 GMT\r\n\r\n`,
    ],
    words: [
      ...[
        'GET ',
        'HEAD ',
        'OPTIONS ',
        'CONNECT a:1 ',
        'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
        '/',
        '*',
        ' HTTP/1.1',
      ],
      ...[
        ' HTTP/1.0',
        ' HTTP/1.2',
        ' HTTP/2.0',
        '\r\n',
        '\r\n\r\n',
        '\n',
        '\r',
        '\t',
        ':',
        ' ',
        '\0',
        'chunked',
      ],
      ...['Host: b\r\n', 'content-length: 5\r\n', 'Content-Length: 0\r\n', 'transfer-encoding: chunked\r\n'],
      ...[
        'transfer-encoding: gzip\r\n',
        'connection: close\r\n',
        'connection: keep-alive\r\n',
        'upgrade: h2c\r\n',
      ],
      ...['expect: 100-continue\r\n', 'range: bytes=', 'if-range: ', 'trailer: x\r\n', '0\r\n\r\n', URL_PATH],
    ],
    read: async (bytes) => {
      listening ??= await open()
      const answers = (await exchange(listening.port, bytes)).toString('latin1')
      readAnswers(answers, /HEAD/.test(Buffer.from(bytes).toString('latin1')))
    },
    close: async () => {
      await listening?.close(AbortSignal.timeout(5_000))
      listening = undefined
    },
  },
]
