import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { type AnswerEvent, createHandler } from '../../src/server.ts'
import { createKeyring } from '../../src/url/keyring.ts'
import { CONFIG, makeProject, run, SECRET } from '../cli/support.ts'
import { testKey } from '../support/origin.ts'

const keyring = createKeyring([{ value: SECRET, isRetired: false }])
const key = testKey(keyring, 'a.jpg', { transform: '32w.q80' })

describe('a handler in a server of your own', () => {
  test('answers, stores what it answered when it is closed, and reads it the next time', async () => {
    const root = await makeProject(['a.jpg'])
    const events: AnswerEvent[] = []
    const handler = createHandler(CONFIG, {
      root,
      mount: '/pictures',
      onEvent: (event) => void events.push(event),
    })
    const app = new Hono()
      .get('/pictures/*', ({ req }) => handler(req.raw))
      .get('/', ({ text }) => text('home'))
    const cold = await app.request(`/pictures/${key}`)
    expect([cold.status, cold.headers.get('content-type')]).toEqual([200, 'image/webp'])
    const bytes = new Uint8Array(await cold.arrayBuffer())
    expect((await app.request('/pictures/nothing')).status).toBe(404)
    expect(await (await app.request('/')).text()).toBe('home')
    await handler.close()
    expect(new Uint8Array(await readFile(join(root, 'out', key)))).toEqual(bytes)
    expect(events.map(({ kind }) => kind)).toContain('stored')

    await rm(join(root, 'photos/a.jpg'))
    const next = createHandler(CONFIG, { root, mount: '/pictures/' })
    const warm = await next(new Request(`http://localhost/pictures/${key}`))
    expect(new Uint8Array(await warm.arrayBuffer())).toEqual(bytes)
    await next.close()
  })

  test('keeps no output small that a build has written to', async () => {
    const root = await makeProject(['a.jpg'])
    expect((await run(['build'], { cwd: root })).code).toBe(0)
    const handler = createHandler({ ...CONFIG, serve: { cache: { maxBytes: 1 } } }, { root })
    const asked = handler(new Request(`http://localhost/${key}`))
    await expect(asked).rejects.toMatchObject({ code: 'config-invalid', subject: 'serve.cache' })
  })

  test('does not open on a configuration that is wrong', () => {
    expect(() => createHandler({ source: './a', output: './b' })).toThrow('no secret')
    expect(() => createHandler({ ...CONFIG, quality: 500 })).toThrow('quality')
    for (const mount of ['pictures', '/a//b', '/a?b', ''])
      expect(() => createHandler(CONFIG, { mount }), mount).toThrow('mount')
    for (const threads of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => createHandler(CONFIG, { threads })).toThrow('threads')
    for (const memoryBytes of [0, -1, Number.NaN])
      expect(() => createHandler(CONFIG, { memoryBytes })).toThrow('memoryBytes')
  })
})
