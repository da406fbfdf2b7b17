import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createTextRenderer } from '../support/bench-project.ts'
import { SHOWN, serve, until } from '../support/listening.ts'

const request = (target: string, version = '1.1'): string =>
  `GET ${target} HTTP/${version}\r\nhost: a\r\n\r\n`

/** Sends all, says so, and reads. */
const sendAndEnd = async (port: number, text: string): Promise<string> => {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.end(text)
  return Buffer.concat(await socket.toArray()).toString()
}

const open = async () => {
  let release = (): void => {}
  const renderer = createTextRenderer(() => new Promise((resolve) => (release = resolve)))
  return { ...(await serve({ renderer, threads: 1 })), release: () => release() }
}

describe('a client that has ended its side', () => {
  it.each(['1.0', '1.1', '1.2'])('is answered all that it has asked (HTTP/%s)', async (version) => {
    const { listening, url } = await serve()
    expect(await sendAndEnd(listening.port, request('/healthz', version))).toMatch(/^HTTP\/1\.1 200 .*"ok"/s)
    expect(await sendAndEnd(listening.port, request(url, version))).toMatch(
      new RegExp(`^HTTP/1.1 200.*${SHOWN}`, 's'),
    )
    if (version === '1.0') return
    const both = await sendAndEnd(listening.port, request('/nothing', version) + request(url, version))
    expect(both).toMatch(new RegExp(`^HTTP/1.1 404 .*HTTP/1.1 200 .*${SHOWN}$`, 's'))
  })

  it('is answered what takes its time, and told meanwhile that it is being made', async () => {
    const { listening, url, origin, release } = await open()
    const answer = sendAndEnd(listening.port, request(url))
    await until(() => origin.load.running === 1)
    setTimeout(release, 700)
    expect(await answer).toMatch(new RegExp(`^HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 .*${SHOWN}$`, 's'))
  })

  it('and is gone is noticed soon, and its place is free', async () => {
    const { listening, url, origin, requests, release } = await open()
    const socket = connect(listening.port, '127.0.0.1')
    socket.write(request(url))
    await until(() => origin.load.running === 1)
    socket.destroy()
    await until(() => requests.length === 1)
    expect(requests[0]?.outcome).toBe('gone')
    release()
    await until(() => origin.load.running === 0)
  })

  it('in the middle of a request is told so', async () => {
    const { listening } = await serve()
    expect(await sendAndEnd(listening.port, 'GET /healthz HTTP/1.1\r\nhost: a\r\n')).toMatch(
      /^HTTP\/1\.1 400 /,
    )
    expect(await sendAndEnd(listening.port, 'GET /heal')).toMatch(/^HTTP\/1\.1 400 /)
    expect(await sendAndEnd(listening.port, '')).toBe('')
  })

  it('without ever having asked leaves nothing behind', async () => {
    const { listening } = await serve()
    const socket = connect({ port: listening.port, host: '127.0.0.1', allowHalfOpen: true })
    await once(socket, 'connect')
    socket.end()
    await until(() => listening.connections === 0)
  })
})
