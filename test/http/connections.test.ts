import { once } from 'node:events'
import { IncomingMessage, ServerResponse } from 'node:http'
import { connect, Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createConnections } from '../../src/http/connections.ts'
import { answerWith, listenTo, until } from '../support/listening.ts'
import { parseRaw } from '../support/raw-http.ts'

const HEALTH = 'GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n'

const open = async (maxConnections: number) => {
  const busy: (() => void)[] = []
  const { listening, crowded, requests } = await listenTo(
    async ({ method }) => {
      if (method === 'GET') await new Promise<void>((resolve) => busy.push(resolve))
      return answerWith()
    },
    { maxConnections },
  )
  const connectTo = async (text = ''): Promise<Socket> => {
    const socket = connect(listening.port, '127.0.0.1')
    socket.on('error', () => {})
    await once(socket, 'connect')
    socket.write(text)
    return socket
  }
  return { listening, crowded, requests, busy, connectTo }
}

describe('connections, where there are as many as may be', () => {
  it('make room for a new one, the longest idle first', async () => {
    const { listening, crowded, connectTo } = await open(3)
    const asked = HEALTH.replace('GET', 'HEAD')
    const [first, second, third] = [await connectTo(), await connectTo(asked), await connectTo()]
    await once(second, 'data')
    first.write(asked)
    await once(first, 'data') // so that the third has been idle for the longest
    const ended = once(third.resume(), 'close')
    const fourth = await connectTo(asked)
    await Promise.all([ended, once(fourth, 'data')])
    expect(crowded).toEqual(['ended'])
    expect([first, second, fourth].map(({ destroyed }) => destroyed)).toEqual([false, false, false])
    expect(listening.connections).toBe(3)
  })

  it('are answered 503 where all others are being answered, and come to be idle again', async () => {
    const { listening, crowded, busy, connectTo } = await open(2)
    const others = [await connectTo(HEALTH), await connectTo(HEALTH)]
    await until(() => busy.length === 2)
    const refused = parseRaw(Buffer.concat(await (await connectTo(HEALTH)).toArray()))
    expect([refused.status, JSON.parse(refused.body.toString()).code]).toEqual([503, 'too-many-connections'])
    expect([refused.headers.get('retry-after'), refused.headers.get('connection')]).toEqual(['2', 'close'])
    expect(crowded).toEqual(['refused'])
    for (const release of busy) release()
    await Promise.all(others.map((socket) => once(socket, 'data')))
    const next = await connectTo(HEALTH.replace('GET', 'HEAD'))
    expect((await once(next, 'data')).toString()).toMatch(/^HTTP\/1\.1 200 /)
    await until(() => listening.connections === 2)
  })

  it('hold no half of a request against others', async () => {
    const { crowded, connectTo } = await open(2)
    for (let i = 0; i < 40; i++) await connectTo('GET /heal')
    const visitor = await connectTo(HEALTH.replace('GET', 'HEAD'))
    expect((await once(visitor, 'data')).toString()).toMatch(/^HTTP\/1\.1 200 /)
    expect(new Set(crowded)).toEqual(new Set(['ended']))
  })
})

it('a connection that is gone is told for each of its requests, also for those that had to wait', async () => {
  const { requests, busy, connectTo } = await open(2)
  const socket = await connectTo(HEALTH + HEALTH.replace('healthz', 'next'))
  await until(() => busy.length === 1)
  socket.destroy()
  await until(() => requests.length === 2)
  const gone = { method: 'GET', outcome: 'gone', status: 499, sizeBytes: 0, ip: '127.0.0.1' }
  expect(requests.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toMatchObject([
    { ...gone, path: '/healthz' },
    { ...gone, path: '/next' },
  ])
  for (const release of busy) release()
})

it('a client that sends many requests at once is not answered before all others', async () => {
  const paths: string[] = []
  const many = 600
  const { listening } = await listenTo(async ({ target: { path } }) => {
    paths.push(path)
    if (paths.length === 1) other.write(HEALTH)
    return answerWith()
  })
  const [greedy, other] = [connect(listening.port, '127.0.0.1'), connect(listening.port, '127.0.0.1')]
  await Promise.all([once(greedy, 'connect'), once(other, 'connect')])
  const answered = once(other, 'data')
  greedy.resume().write(HEALTH.replace('healthz', 'many').repeat(many))
  await answered
  expect(paths.indexOf('/healthz')).toBeLessThan(many / 2)
  await until(() => paths.length === many + 1)
  for (const socket of [greedy, other]) socket.destroy()
})

it('a connection that has ended is ended no second time by requests that still arrive', () => {
  let ends = 0
  const socket = Object.assign(new PassThrough(), {
    setTimeout: () => {},
    destroySoon: () => {
      ends++
      socket.end()
    },
  })
  const connections = createConnections({ maxOpen: 2, onCrowded: () => {} })
  connections.open(socket)
  connections.startClosing()
  const outgoing = new ServerResponse(new IncomingMessage(new Socket()))
  const dropped: string[] = []
  const [isWhole, begin] = [() => true, () => {}]
  connections.take(socket, { outgoing, isWhole, begin, drop: () => {} })
  outgoing.emit('close')
  for (const name of ['second', 'third'])
    connections.take(socket, { outgoing, isWhole, begin, drop: () => void dropped.push(name) })
  expect([ends, dropped]).toEqual([1, ['second', 'third']])
})
