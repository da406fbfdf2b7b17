import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { createReadAhead } from '../../src/store/read-ahead.ts'

const turns = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** A body of 40 KB that tells how much of it has been fetched. */
const openBody = () => {
  const state = { fetched: 0 }
  const body = Readable.from(
    (function* () {
      for (let i = 0; i < 40; i++) {
        state.fetched += 1024
        yield Buffer.alloc(1024, i)
      }
    })(),
    { objectMode: false, highWaterMark: 1024 },
  )
  return { body, state }
}

test('a body is fetched whole though nobody takes it, and comes as it is', async () => {
  const readAhead = createReadAhead(100_000)
  const { body, state } = openBody()
  const stream = readAhead(body, 40 * 1024)
  await turns()
  expect(state.fetched).toBe(40 * 1024)
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer())
  expect([bytes.length, bytes[0], bytes.at(-1)]).toEqual([40 * 1024, 0, 39])
})

test('no more is held than there is room for, until what is held was taken or left', async () => {
  const readAhead = createReadAhead(80 * 1024)
  const [first, second, third, fourth, fifth] = [openBody(), openBody(), openBody(), openBody(), openBody()]
  const held = [first, second].map(({ body }) => readAhead(body, 40 * 1024))
  const beyond = readAhead(third.body, 40 * 1024)
  await turns()
  expect([first.state.fetched, second.state.fetched]).toEqual([40 * 1024, 40 * 1024])
  expect(third.state.fetched).toBeLessThan(10 * 1024)
  expect((await new Response(held[0]).arrayBuffer()).byteLength).toBe(40 * 1024)
  await held[1]?.cancel()
  for (const { body } of [fourth, fifth]) readAhead(body, 40 * 1024)
  await turns()
  expect([fourth.state.fetched, fifth.state.fetched]).toEqual([40 * 1024, 40 * 1024])
  expect((await new Response(beyond).arrayBuffer()).byteLength).toBe(40 * 1024)
})

test('what was left while it was waited for gives its room back once', async () => {
  const readAhead = createReadAhead(40 * 1024)
  const reader = readAhead(new Readable({ read: () => {} }), 40 * 1024).getReader()
  const waiting = reader.read()
  await turns()
  await reader.cancel()
  await waiting
  const [first, second] = [openBody(), openBody()]
  for (const { body } of [first, second]) readAhead(body, 40 * 1024)
  await turns()
  expect(first.state.fetched).toBe(40 * 1024)
  expect(second.state.fetched).toBeLessThan(10 * 1024)
})

test('a body that breaks off is an error, and gives its room back', async () => {
  const readAhead = createReadAhead(40 * 1024)
  const broken = Readable.from(
    (function* () {
      yield Buffer.alloc(1024)
      throw new Error('reset')
    })(),
    { objectMode: false },
  )
  await expect(new Response(readAhead(broken, 40 * 1024)).arrayBuffer()).rejects.toThrow()
  const { body, state } = openBody()
  readAhead(body, 40 * 1024)
  await turns()
  expect(state.fetched).toBe(40 * 1024)
})
