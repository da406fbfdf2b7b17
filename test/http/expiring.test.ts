import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { putText, SECRET } from '../support/bench-project.ts'
import { secureLink } from '../support/foreign-urls.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { openMemoryStore } from '../support/memory-store.ts'
import { openTestOrigin, type TestOriginOptions } from '../support/origin.ts'

const tokenOf = (key: string, expires: number, secret = SECRET): string =>
  createHmac('sha256', secret).update(`expires\n${expires}\n${key}`).digest('base64url').slice(0, 22)

const site = async (config: TestOriginOptions['config'] = {}) => {
  const source = openMemoryStore()
  await putText(source, 'cat.jpg', 'a cat')
  const clock = createManualClock()
  const serve = { fill: 'one', expiring: true } as const
  const test = openTestOrigin({ source, clock, config: { ...config, serve } })
  const now = Math.floor(clock.date() / 1000)
  const link = (key: string, expires = now + 60): string =>
    `/${key}?expires=${expires}&token=${tokenOf(key, expires)}`
  return { ...test, clock, now, link }
}

describe('a link that ends', () => {
  it('is answered until then, privately, cold and warm', async () => {
    const { getRaw, key, link, clock } = await site()
    const url = link(key('cat.jpg'))
    for (const left of [60, 30]) {
      const response = await getRaw(url)
      expect([response.status, response.headers.get('cache-control')]).toEqual([
        200,
        `private, max-age=${left}`,
      ])
      await clock.advance(30_000)
    }
    expect((await getRaw(url)).status).toBe(403)
  })

  it('is asked of everything, hits and .auto too', async () => {
    const { getRaw, key, link, now } = await site()
    const own = key('cat.jpg')
    expect((await getRaw(link(own))).status).toBe(200)
    const auto = await getRaw(link(key('cat.jpg', '640w.q80', 'auto')))
    expect([auto.status, auto.headers.get('cache-control')]).toEqual([200, 'private, max-age=60'])
    expect(auto.headers.has('content-location')).toBe(false)
    const expires = now + 60
    for (const wrong of [
      `/${own}`,
      `/${key('cat.jpg', '640w.q80', 'auto')}`,
      `/${own}?expires=${expires}`,
      `/${own}?expires=${expires + 1}&token=${tokenOf(own, expires)}`,
      `/${own}?expires=0${expires}&token=${tokenOf(own, expires)}`,
      `${link(own)}&more=1`,
      `/${own}?expires=${expires}&token=${tokenOf(own, expires, 'another-secret-also-good')}`,
      `/${key('cat.jpg', '640w.q80', 'jpg')}?${link(own).split('?')[1]}`,
      link(own, now),
      link(own, now - 1),
    ]) {
      const response = await getRaw(wrong)
      expect([response.status, response.headers.get('content-type')], wrong).toEqual([
        403,
        'application/problem+json',
      ])
    }
    expect((await getRaw('/healthz')).status).toBe(200)
  })

  it('leads to a link that ends with it', async () => {
    const { getRaw, key, link } = await site({ versions: true })
    const moved = await getRaw(link(key('cat.jpg')))
    expect([moved.status, moved.headers.get('cache-control')]).toEqual([302, 'no-store'])
    expect((await getRaw(moved.headers.get('location') ?? '')).status).toBe(200)
  })

  it('does not make a wrong signature right, nor does its refusal outlive it', async () => {
    const { getRaw, key, link, now } = await site()
    const forged = key('cat.jpg').replace(/\.[^.]{16}\./, '.AAAAAAAAAAAAAAAA.')
    const answers = [await getRaw(link(forged)), await getRaw(link(key('none.jpg'), now + 5))]
    expect(answers.map(({ status }) => status)).toEqual([403, 404])
    expect(answers.map(({ headers }) => headers.get('cache-control'))).toEqual([
      'private, max-age=15',
      'private, max-age=5',
    ])
  })

  it('is what no URL of another image server is, rightly signed or wrongly', async () => {
    const { getRaw, key, link } = await site({
      dialects: [
        { type: 'nginx', prefix: '/t/', secret: 'secret' },
        { type: 'nginx', prefix: '/open/', unsigned: true },
        { type: 'imgproxy', prefix: '/i/', key: 'aa', salt: 'bb', unsigned: true },
      ],
    })
    const right = secureLink('/t/640x-/cat.jpg')
    const answer = async (url: string): Promise<string> => {
      const response = await getRaw(url)
      return `${response.status} ${await response.text()}`
    }
    const refused = await answer(`/${key('cat.jpg')}`)
    expect(refused).toMatch(/^403 .*link-invalid/)
    const [, ofItsKey] = link(key('cat.jpg', '640w.q75', 'jpg')).split('?')
    for (const url of [
      `/t/640x-/cat.jpg?key=${right}`,
      '/t/640x-/cat.jpg?key=wrong',
      '/t/0x0/cat.jpg',
      '/open/640x-/cat.jpg',
      `/open/640x-/cat.jpg?${ofItsKey}`,
      '/i/unsafe/w:640/plain/local:///cat.jpg',
      '/i/wrong/w:640/plain/local:///cat.jpg',
      '/i/unsafe/exp:1/plain/local:///cat.jpg',
      '/i/',
    ])
      expect([url, await answer(url)]).toEqual([url, refused])
  })
})
