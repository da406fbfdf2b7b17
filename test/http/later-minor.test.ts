import { once } from 'node:events'
import { connect, Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { Reread } from '../../src/http/later-minor.ts'
import { SHOWN, serve, until } from '../support/listening.ts'
import { parseRaw, sendRaw } from '../support/raw-http.ts'

const request = (target: string, version: string, more = ''): string =>
  `GET ${target} HTTP/${version}\r\nhost: a\r\n${more}\r\n`

describe('a later minor version of HTTP/1', () => {
  it.each(['1.2', '1.9'])('is read as HTTP/1.1 (%s)', async (version) => {
    const { listening, url, requests } = await serve()
    const answer = parseRaw(await sendRaw(listening.port, request(url, version, 'connection: close\r\n')))
    expect([answer.status, answer.body.toString()]).toEqual([200, SHOWN])
    await until(() => requests.length === 1)
    expect(requests[0]).toMatchObject({ outcome: 'miss', ip: '127.0.0.1', path: url })
  })

  it('is answered in its turn, and so is what comes after it in one piece', async () => {
    const { listening, url } = await serve()
    const text = [
      request(url, '1.1'),
      request('/healthz', '1.2'),
      request('/healthz', '1.1'),
      request('/nothing', '1.3', 'content-length: 3\r\n'),
      'ab\n',
      request('/healthz', '1.2', 'connection: close\r\n'),
      request('/healthz', '1.1'),
    ].join('')
    const answers = (await sendRaw(listening.port, text)).toString()
    expect([...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => Number(match[1]))).toEqual([
      200, 200, 200, 404, 200,
    ])
  })

  it('may come in pieces after its first line, and others after it', async () => {
    const { listening, url } = await serve()
    const socket = connect(listening.port, '127.0.0.1')
    const answers: Buffer[] = []
    socket.on('data', (chunk) => answers.push(chunk))
    const closed = once(socket, 'close')
    for (const piece of [
      `GET ${url} HTTP/1.2\r\nho`,
      'st: a\r\n',
      '\r\n',
      request('/healthz', '1.1'),
      request('/nothing', '1.2'),
      request('/healthz', '1.3', 'connection: close\r\n'),
    ]) {
      socket.write(piece)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await closed
    const text = Buffer.concat(answers).toString()
    expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => Number(match[1]))).toEqual([
      200, 200, 404, 200,
    ])
  })

  it('is held to what holds for HTTP/1.1', async () => {
    const { listening } = await serve()
    for (const [text, status] of [
      ['GET /healthz HTTP/1.2\r\n\r\n', 400],
      [request('/healthz', '1.2', 'transfer-encoding: gzip\r\n'), 400],
      ['GARBAGE HTTP/1.2\r\n\r\n', 400],
    ] as const)
      expect(parseRaw(await sendRaw(listening.port, text)).status).toBe(status)
  })

  it('is read no faster than it is taken', async () => {
    const [little, much] = [10, 500_000].map((bytes) => {
      const socket = new Socket()
      return { socket, read: new Reread(socket, Buffer.alloc(bytes)) }
    })
    expect([little, much].map((each) => each?.socket.isPaused())).toEqual([false, true])
    much?.read.resume()
    await until(() => much?.socket.isPaused() === false)
  })
})
