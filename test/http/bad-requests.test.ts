import { describe, expect, it } from 'vitest'
import { serve, until } from '../support/listening.ts'
import { parseRaw, sendRaw } from '../support/raw-http.ts'
import { words } from '../support/words.ts'

const get = (head: string, version = '1.1'): string =>
  `GET /healthz HTTP/${version}\r\nhost: a\r\n${head}\r\n0\r\n\r\n`

const send = async (text: string) => {
  const { listening, requests } = await serve()
  const answers = (await sendRaw(listening.port, Buffer.from(text, 'latin1'))).toString()
  const statuses = [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => Number(match[1]))
  await until(() => requests.length >= statuses.length)
  return { statuses, answer: parseRaw(Buffer.from(answers)), requests }
}

describe('a request whose body ends nobody knows where', () => {
  it.each([
    'gzip',
    'gzip, chunked',
    'chunked, gzip',
    'chunked, chunked',
    ...words('identity chunked;q=1 xchunked chunkedx "chunked"'),
    '',
    ',chunked',
    'chunked,',
    '\x0bchunked',
    'chunked\r\ntransfer-encoding: chunked',
    'identity\r\ntransfer-encoding: chunked',
    'chunked\r\nTransfer-Encoding: gzip',
    'chunked\r\ncontent-length: 5',
  ])('is refused, and nothing after it is read: Transfer-Encoding: %j', async (coding) => {
    const smuggled = 'GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n'
    const { statuses, requests } = await send(get(`transfer-encoding: ${coding}\r\n`) + smuggled)
    expect(statuses).toEqual([400])
    expect(requests.map(({ path }) => path)).not.toContain('/smuggled')
  })

  it('is refused before HTTP/1.1', async () => {
    expect((await send(get('transfer-encoding: chunked\r\n', '1.0'))).statuses).toEqual([400])
  })

  it.each(['chunked', 'Chunked', '\tchunked'])('is not one with Transfer-Encoding: %j', async (coding) => {
    const { statuses } = await send(
      get(`transfer-encoding: ${coding}\r\n`) + get('connection: close\r\ntransfer-encoding: chunked\r\n'),
    )
    expect(statuses).toEqual([200, 200])
  })

  it.each(['1', '0, 0', '+0', '-0', '0x0', '', '1e1', '0\r\ncontent-length: 0', '99999999999999999999'])(
    'or of another length than it says: Content-Length: %j',
    async (length) => {
      const text = get(`connection: close\r\ncontent-length: ${length}\r\n`)
      // "1" is good; what is left of the five bytes behind it is no request.
      expect((await send(text)).statuses).toEqual(length === '1' ? [200] : [400])
    },
  )
})

describe('a head', () => {
  it('of more fields than anybody sends is too large', async () => {
    const fields = (count: number): string => 'a: b\r\n'.repeat(count)
    expect((await send(get(`${fields(97)}connection: close\r\n`))).statuses).toEqual([200])
    for (const count of [100, 2_500]) {
      const { answer } = await send(get(fields(count)))
      expect([answer.status, JSON.parse(answer.body.toString()).code]).toEqual([431, 'head-too-large'])
    }
  })

  it.each(['0.9', '2.0', '3.0', '0.0'])(
    'of HTTP/%s is of no version that is spoken here',
    async (version) => {
      const { answer } = await send(get('', version))
      expect([answer.status, JSON.parse(answer.body.toString()).code]).toEqual([505, 'http-version-unknown'])
    },
  )

  it.each(['name : a', 'na me: a', 'name', ': a', 'a: b\rc', 'a: b\0c', 'a: b\r\n c: d', 'host : b'])(
    'with the line %j is malformed',
    async (line) => {
      expect((await send(get(`${line}\r\n`))).statuses).toEqual([400])
    },
  )
})

describe('a request line', () => {
  it.each([
    'GET /healthz HTTP/1.10\r\n',
    'GET /healthz HTTP/x\r\n',
    'GET /healthz HTTP/1.1\n',
    'GET /healthz HTTP/1.2\n',
    'GET /heal thz HTTP/1.1\r\n',
    'GET\t/healthz HTTP/1.1\r\n',
    'GET healthz HTTP/1.1\r\n',
    'GET example.com:80 HTTP/1.1\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0',
    '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
  ])('that is none is malformed: %j', async (line) => {
    expect((await send(`${line}host: a\r\n\r\n`)).statuses).toEqual([400])
  })
})

describe('a method that is not answered', () => {
  it('is refused with what is, CONNECT in its turn', async () => {
    const { statuses, answer } = await send(
      `GET /healthz HTTP/1.1\r\nhost: a\r\n\r\nCONNECT a:80 HTTP/1.1\r\nhost: a:80\r\n\r\n${get('')}`,
    )
    expect(statuses).toEqual([200, 405])
    expect(answer.body.toString().toLowerCase()).toContain('allow: get, head, options')
  })

  it('is refused before the body is sent that the client holds back', async () => {
    const { listening, requests } = await serve()
    const text = 'POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n'
    const answer = parseRaw(await sendRaw(listening.port, text))
    expect([answer.status, answer.headers.get('connection')]).toEqual([405, 'close'])
    expect(requests).toHaveLength(1)
  })
})
