import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openHttpsStore } from '../../src/store/https.ts'
import { picture } from '../support/bench-project.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { openMemoryStore } from '../support/memory-store.ts'
import { openTestOrigin } from '../support/origin.ts'

type Answer = (response: ServerResponse) => void

const GOOD: Answer = (response) => void response.end('a cat')
const SHOWN = picture('a cat', '80', 'webp')

/** An origin whose originals lie on a web server, which gives the answers in their turn, and then the picture. */
const open = async (...answers: readonly Answer[]) => {
  const left = [...answers]
  let asked = 0
  const server = createServer((_, response) => {
    asked++
    ;(left.shift() ?? GOOD)(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const store = openHttpsStore({ url: `http://127.0.0.1:${port}/`, allowPrivate: true, timeoutMs: 2_000 })
  onTestFinished(async () => {
    await store.close()
    server.closeAllConnections()
    server.close()
  })
  const clock = createManualClock()
  const config = { serve: { fill: 'one' as const } }
  const test = openTestOrigin({ source: { ...openMemoryStore(), ...store }, clock, config })
  const ask = async (transform = '640w.q80') => {
    const response = await test.get(test.key('a.jpg', transform))
    return { status: response.status, text: await response.text() }
  }
  return { ask, clock, asked: () => asked }
}

describe('a web server that for a moment answers', () => {
  it.each<[string, Answer]>([
    ['a page of excuse as if it were the picture', (response) => void response.end('<html>broken')],
    [
      'the same with the type of a picture',
      (response) => void response.writeHead(200, { 'content-type': 'image/jpeg' }).end('<html>broken'),
    ],
    ['nothing', (response) => void response.end('broken')],
    [
      'a part of the picture that says no length',
      (response) => {
        response.shouldKeepAlive = false
        response.useChunkedEncodingByDefault = false
        response.writeHead(200).end('broken: half a cat')
      },
    ],
  ])('%s is asked again after a quarter of a minute', async (_, answer) => {
    const { ask, clock, asked } = await open(answer)
    for (const transform of ['640w.q80', '320w.q80']) expect((await ask(transform)).status).toBe(422)
    await clock.advance(14_000)
    expect((await ask()).status).toBe(422)
    expect(asked()).toBe(1)
    await clock.advance(1_000)
    expect(await ask()).toEqual({ status: 200, text: SHOWN })
  })

  it('that there is nothing is asked again after a quarter of a minute', async () => {
    const { ask, clock } = await open((response) => void response.writeHead(404).end())
    expect((await ask()).status).toBe(404)
    await clock.advance(15_000)
    expect((await ask()).status).toBe(200)
  })

  it.each([429, 502, 503, 504])('%i is asked again at once', async (status) => {
    const { ask, asked } = await open((response) => void response.writeHead(status).end('later'))
    expect(await ask()).toEqual({ status: 200, text: SHOWN })
    expect(asked()).toBe(2)
  })

  it('that it has an hour to go is not waited for, and asked again by the next visitor', async () => {
    const { ask, asked } = await open(
      (response) => void response.writeHead(503, { 'retry-after': '3600' }).end(),
    )
    expect((await ask()).status).toBe(502)
    expect(asked()).toBe(1)
    expect((await ask()).status).toBe(200)
  })

  it.each<[string, Answer]>([
    ['500', (response) => void response.writeHead(500).end()],
    ['that who asks must log in', (response) => void response.writeHead(401).end()],
    [
      'that the picture is elsewhere',
      (response) => void response.writeHead(302, { location: 'http://10.0.0.1/' }).end(),
    ],
    [
      'a part of it',
      (response) => void response.writeHead(206, { 'content-range': 'bytes 0-1/5' }).end('a '),
    ],
    ['that nothing has changed', (response) => void response.writeHead(304).end()],
    ['with nothing to show', (response) => void response.writeHead(204).end()],
  ])('%s is asked again by the next visitor', async (_, answer) => {
    const { ask } = await open(answer)
    expect((await ask()).status).toBe(502)
    expect(await ask()).toEqual({ status: 200, text: SHOWN })
  })

  it('less than it has announced is asked again, whatever it announces then', async () => {
    const cut = (announced: number): Answer => {
      return (response) => {
        response.writeHead(200, { 'content-length': announced }).write('a ')
        setTimeout(() => response.destroy(), 5)
      }
    }
    const { ask, asked } = await open(cut(9_000), cut(3))
    expect(await ask()).toEqual({ status: 200, text: SHOWN })
    expect(asked()).toBe(3)
  })

  it('slowly, byte by byte, is waited for as long as a fetch may take', async () => {
    const slow: Answer = (response) => {
      response.writeHead(200, { 'content-length': 5 })
      for (const [i, byte] of [...'a cat'].entries()) setTimeout(() => response.write(byte), 20 * i)
    }
    const { ask } = await open(slow)
    expect(await ask()).toEqual({ status: 200, text: SHOWN })
  })
})
