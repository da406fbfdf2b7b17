import { describe, expect, it } from 'vitest'
import type { DialectInput } from '../../src/config/dialects.ts'
import { createTextRenderer, getText, picture, putText } from '../support/bench-project.ts'
import { IMGPROXY, signImgproxy as imgproxy, signNginx as nginx } from '../support/foreign-urls.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { openMemoryStore } from '../support/memory-store.ts'
import { openTestOrigin, type TestOriginOptions } from '../support/origin.ts'

const DIALECTS: readonly DialectInput[] = [
  { type: 'imgproxy', ...IMGPROXY, autoFormat: ['avif', 'webp'] },
  { type: 'nginx', prefix: '/t/', secret: 'secret', quality: 85 },
  { type: 'nginx', prefix: '/image/', unsigned: true, mode: 'crop' },
]

const site = async (options: TestOriginOptions = {}) => {
  const source = openMemoryStore()
  await putText(source, 'cat.jpg', 'a cat')
  await putText(source, 'bad.jpg', 'broken')
  const config = { dialects: DIALECTS, serve: { fill: 'one' } as const, ...options.config }
  return openTestOrigin({ ...options, source, config })
}

describe('a foreign URL', () => {
  it.each([
    ['nginx', nginx('/t/300x200/cat.jpg'), '300x200.inside.q85', 'jpg'],
    ['nginx, unsigned', '/image/30x20/cat.jpg', '30x20.clip.q75', 'jpg'],
    ['imgproxy', imgproxy('/rs:fit:300:200/q:85/plain/local:///cat.jpg@webp'), '300x200.inside.q85', 'webp'],
    [
      'imgproxy, in a format that is not configured',
      imgproxy('/w:5/plain/local:///cat.jpg@gif'),
      '5w.q80',
      'gif',
    ],
  ] as const)('of %s is rendered once, and stored under our key', async (_, url, transform, format) => {
    const { getRaw, key, settle, bench, reports } = await site()
    const cold = await getRaw(url)
    const shown = picture('a cat', transform.split('q')[1] ?? '', format)
    expect([cold.status, await cold.text()]).toEqual([200, shown])
    const warm = await getRaw(url)
    expect(warm.headers.get('etag')).toBe(cold.headers.get('etag'))
    await settle()
    expect(await getText(bench.output, key('cat.jpg', transform, format))).toBe(shown)
    expect(reports.map(({ outcome }) => outcome)).toEqual(['miss', 'hit'])
  })

  it('of a size made ahead is a hit, whatever dialect asks', async () => {
    const { bench, getRaw, reports } = await site({
      config: {
        sizes: {
          fit: { width: 300, height: 200, fit: 'inside', quality: 85 },
          card: { width: 30, height: 20, quality: 75 },
        },
      },
    })
    await bench.build()
    for (const url of [
      nginx('/t/300x200/cat.jpg'),
      '/image/30x20/cat.jpg',
      imgproxy('/rs:fill:30:20/q:75/plain/local:///cat.jpg@jpg'),
      imgproxy('/rs:fill-down:30:20/q:75/plain/local:///cat.jpg@jpg'),
    ])
      expect((await getRaw(url)).status).toBe(200)
    expect(reports.map(({ outcome }) => outcome)).toEqual(['hit', 'hit', 'hit', 'hit'])
  })

  it('without a format is negotiated, and says so', async () => {
    const { getRaw } = await site()
    const url = imgproxy('/w:5/plain/local:///cat.jpg')
    const webp = await getRaw(url, { headers: { accept: 'image/webp' } })
    expect([webp.headers.get('content-type'), webp.headers.get('vary')]).toEqual(['image/webp', 'Accept'])
    expect(webp.headers.get('cache-control')).toContain('private')
    expect(webp.headers.get('content-location')).toMatch(/^\/cat\.jpg\/5w\.q80\.[\w-]{16}\.webp$/)
    const plain = await getRaw(url)
    expect(plain.headers.get('content-type')).toBe('image/jpeg')
  })

  it('that ends is kept for no longer than that, privately, and names no key that would', async () => {
    const clock = createManualClock()
    const { getRaw, key } = await site({ clock, config: { cacheControl: 'public, max-age=999' } })
    const expires = Math.floor(clock.date() / 1000) + 60
    const url = (rest: string): string => imgproxy(`/exp:${expires}/${rest}`)
    const chosen = url('w:5/plain/local:///cat.jpg')
    const plain = url('w:5/plain/local:///cat.jpg@webp')
    const etag = (await getRaw(plain)).headers.get('etag') ?? ''
    const ask = async () => {
      const answers: [Response, number][] = [
        [await getRaw(plain), 200],
        [await getRaw(plain, { method: 'HEAD' }), 200],
        [await getRaw(plain, { headers: { 'if-none-match': etag } }), 304],
        [await getRaw(plain, { headers: { range: 'bytes=0-1' } }), 206],
        [await getRaw(plain, { headers: { range: 'bytes=999-' } }), 416],
        [await getRaw(plain, { headers: { 'if-match': '"x"' } }), 412],
        [await getRaw(chosen, { headers: { accept: 'image/avif' } }), 200],
        [await getRaw(chosen, { method: 'HEAD' }), 200],
        [await getRaw(url('plain/local:///none.jpg')), 404],
        [await getRaw(url('plain/local:///bad.jpg')), 422],
        [await getRaw(url('plain/s3://other/cat.jpg')), 404],
        [await getRaw(url('rs:fill:9:9:0:1/plain/local:///cat.jpg')), 404],
      ]
      expect(answers.map(([{ status }]) => status)).toEqual(answers.map(([, status]) => status))
      for (const [{ headers }] of answers) expect([...headers.values()].join()).not.toContain('.q80.')
      return answers.map(([{ ok, status, headers }]) => {
        const [, seconds] = /^private, max-age=(\d+)$/.exec(headers.get('cache-control') ?? '') ?? []
        return [ok || status === 304, Number(seconds)] as const
      })
    }
    for (const left of [60, 30, 9.5, 0.5]) {
      await clock.advance((expires - left) * 1000 - clock.date())
      for (const [isPicture, seconds] of await ask())
        expect(seconds).toBe(Math.min(Math.floor(left), isPicture ? 60 : 15))
    }
    await clock.advance(2_000)
    expect((await getRaw(plain)).status).toBe(404)
    const lasting = await getRaw(imgproxy('/w:5/plain/local:///cat.jpg@webp'))
    expect(lasting.headers.get('cache-control')).toBe('public, max-age=999')
    expect(lasting.headers.get('etag')).toBe(etag)
    expect((await getRaw(`/${key('cat.jpg', '5w.q80')}`)).status).toBe(200)
  })

  it('that ends while its picture is being made is kept by nobody', async () => {
    const clock = createManualClock()
    const renderer = createTextRenderer(() => clock.advance(7_000))
    const { getRaw } = await site({ clock, renderer })
    const expires = Math.floor(clock.date() / 1000) + 5
    const late = await getRaw(imgproxy(`/exp:${expires}/w:5/plain/local:///cat.jpg`))
    expect([late.status, late.headers.get('cache-control')]).toEqual([200, 'private, max-age=0'])
  })

  it('is refused as its server did', async () => {
    const placeholder = { bytes: new TextEncoder().encode('<svg/>'), contentType: 'image/svg+xml' }
    const { getRaw } = await site({ placeholder })
    const statusOf = async (url: string): Promise<string> => {
      const response = await getRaw(url)
      return `${response.status} ${response.headers.get('content-type')}`
    }
    expect(await statusOf('/t/300x200/cat.jpg?key=wrong')).toBe('404 image/svg+xml')
    expect(await statusOf(nginx('/t/300x200/none.jpg'))).toBe('404 image/svg+xml')
    expect(await statusOf(nginx('/t/300x200/bad.jpg'))).toBe('422 image/svg+xml')
    expect(await statusOf('/wrong/w:5/plain/local:///cat.jpg')).toBe('403 application/problem+json')
    expect(await statusOf(imgproxy('/unknown:5/plain/local:///cat.jpg'))).toBe('404 image/svg+xml')
    expect(await statusOf(imgproxy('/w:5/plain/s3://other/cat.jpg'))).toBe('404 image/svg+xml')
    expect(await statusOf(imgproxy('/exp:1/plain/local:///cat.jpg'))).toBe('404 image/svg+xml')
  })

  it('leaves our own keys what they are', async () => {
    const { get, getRaw, key } = await site()
    expect((await get(key('cat.jpg'))).status).toBe(200)
    expect((await get(key('cat.jpg').replace(/\.[^.]{16}\./, '.AAAAAAAAAAAAAAAA.'))).status).toBe(403)
    expect((await getRaw('/healthz')).status).toBe(200)
  })

  it('is made only as configured where only that is allowed', async () => {
    const { getRaw } = await site({ config: { serve: { allow: 'configured', fill: 'one' } } })
    expect((await getRaw(nginx('/t/300x200/cat.jpg'))).status).toBe(404)
  })
})
