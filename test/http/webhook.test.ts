import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { openWebhook, type Webhook, type WebhookOptions } from '../../src/http/webhook.ts'
import { createLatch } from '../support/latch.ts'
import { requestRaw } from '../support/raw-http.ts'

const TOKEN = 'a-token-of-24-characters'

let webhook: Webhook | undefined
afterEach(() => webhook?.close(AbortSignal.abort()))

const open = async (options: Partial<WebhookOptions> = {}) => {
  const bodies: string[] = []
  const answered: number[] = []
  webhook = await openWebhook({
    host: '127.0.0.1',
    port: 0,
    token: TOKEN,
    keep: async (body) => {
      bodies.push(body)
      return 'kept'
    },
    isReady: () => true,
    onAnswer: (status) => answered.push(status),
    ...options,
  })
  const at = `http://127.0.0.1:${webhook.port}`
  const push = (body: string, { headers = { authorization: `Bearer ${TOKEN}` }, path = '/' } = {}) =>
    fetch(at + path, { method: 'POST', body, headers: headers as Record<string, string> })
  return { at, push, bodies, answered, webhook }
}

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })

describe('the webhook for events', () => {
  it('answers 202 once the event is kept, whichever way the token comes', async () => {
    const { push, bodies, answered } = await open()
    const nothing = { headers: { authorization: '' } }
    expect((await push('1')).status).toBe(202)
    expect((await push('2', { headers: basic(`ceph:${TOKEN}`) })).status).toBe(202)
    expect((await push('3', { ...nothing, path: `/any/path?token=${TOKEN}` })).status).toBe(202)
    expect(bodies).toEqual(['1', '2', '3'])
    expect(answered).toEqual([202, 202, 202])
  })

  it.each(['//', '//[', 'http://[::1', '/%', '*'])('answers whoever asks for %s', async (target) => {
    const { webhook } = await open()
    expect((await requestRaw(webhook.port, target)).status).toBe(401)
  })

  it('takes nothing without the token', async () => {
    const { push, bodies } = await open()
    const wrong = ['', `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`, 'Bearer', TOKEN]
    for (const authorization of wrong) {
      const answer = await push('x', { headers: { authorization } })
      expect(answer.status, authorization).toBe(401)
      expect(await answer.json()).toMatchObject({ code: 'token-wrong' })
    }
    expect((await push('x', { headers: basic(TOKEN.slice(2)) })).status).toBe(401)
    expect((await push('x', { headers: { authorization: '' }, path: '/?token=' })).status).toBe(401)
    expect(bodies).toEqual([])
  })

  it('says what is wrong, and when to come again', async () => {
    const ends = ['unreadable', 'failed'] as const
    let next = 0
    const { push } = await open({ keep: async () => ends[next++] ?? 'kept' })
    expect((await push('x')).status).toBe(400)
    const answer = await push('x')
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('5')
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await answer.json()).toMatchObject({ code: 'event-not-kept' })
  })

  it('answers a flood, and keeps no more at once than it may', async () => {
    const latch = createLatch()
    const { push } = await open({
      most: 20,
      keep: async () => {
        await latch.pass()
        return 'kept'
      },
    })
    const pushing = Array.from({ length: 600 }, () => push('x'))
    const answers = pushing.map(async (answer) => {
      const { status, headers } = await answer
      if (status === 503) expect(headers.get('retry-after')).toBe('5')
      return status
    })
    await expect.poll(() => latch.waiting).toBe(20)
    await Promise.race(answers)
    latch.open()
    const statuses = await Promise.all(answers)
    expect(statuses.filter((status) => status === 202).length).toBeGreaterThanOrEqual(20)
    expect(new Set(statuses)).toEqual(new Set([202, 503]))
  })

  it('is not held up, when it closes, by a connection on which nothing is asked', async () => {
    const { webhook } = await open()
    const silent = connect(webhook.port, '127.0.0.1')
    const gone = once(silent, 'close')
    await once(silent, 'connect')
    await webhook.close(new AbortController().signal)
    silent.resume()
    await gone
  })

  it('takes a body of a megabyte, and no larger one', async () => {
    const { push, bodies } = await open()
    expect((await push('x'.repeat(1024 * 1024))).status).toBe(202)
    expect(
      await push('x'.repeat(1024 * 1024 + 1)).then(
        ({ status }) => status,
        () => 413,
      ),
    ).toBe(413)
    expect(bodies).toHaveLength(1)
  })

  it('tells whether it lives and is ready, without a token', async () => {
    let isReady = false
    const { at } = await open({ isReady: () => isReady })
    expect((await fetch(`${at}/healthz`)).status).toBe(200)
    expect((await fetch(`${at}/readyz`)).status).toBe(503)
    isReady = true
    expect((await fetch(`${at}/readyz`)).status).toBe(200)
    const headers = { authorization: `Bearer ${TOKEN}` }
    expect((await fetch(at, { headers })).status).toBe(405)
  })

  it('answers what is under way when it closes', async () => {
    let end = (): void => {}
    const { push, webhook } = await open({
      keep: () => new Promise((resolve) => (end = () => resolve('kept'))),
    })
    const pushing = push('x')
    await expect.poll(() => String(end)).toContain('kept')
    const closing = webhook.close(new AbortController().signal)
    end()
    expect((await pushing).status).toBe(202)
    await closing
  })
})
