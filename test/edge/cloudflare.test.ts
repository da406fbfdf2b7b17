import { createContext, runInContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { formatCloudflare } from '../../src/edge/cloudflare.ts'
import type { EdgeSite } from '../../src/edge/edge-site.ts'
import { SITE } from './support.ts'

/** The Worker as printed, in a context of its own, between a bucket and an origin that answer as recorded. */

const BUCKET = 'https://pictures.s3.eu-west-1.amazonaws.com/results/'
const KEY = 'a%2Bb.jpg/640w.q80.F5qBZZuh0iN5uWNN'
const PAGE = 'https://img.example.com/img/'

interface Asked {
  readonly url: string
  readonly headers: Headers
  readonly redirect?: string
  readonly cf: { readonly cacheTtlByStatus: Readonly<Record<string, number>> }
}

const stored = (): Response =>
  new Response('bytes', {
    headers: {
      'content-type': 'image/avif',
      'cache-control': 'public, max-age=86400',
      'x-amz-request-id': 'TX1',
      'x-amz-meta-imgsizes-maker': 'build',
    },
  })
const denied = (): Response => new Response('<Error><Code>AccessDenied</Code></Error>', { status: 403 })
const down = (): Response => new Response('<Error><Code>SlowDown</Code></Error>', { status: 503 })

/** Runs one request; `answers` are those of the bucket and of serve. */
const run = async (
  url: string,
  {
    bucket = stored,
    serve = stored,
    site = SITE,
    init = {},
  }: {
    readonly bucket?: () => Response
    readonly serve?: () => Response
    readonly site?: EdgeSite
    readonly init?: RequestInit
  } = {},
) => {
  const asked: Asked[] = []
  const fetch = async (target: string, options: Omit<Asked, 'url'>): Promise<Response> => {
    asked.push({ ...options, url: target })
    return target.startsWith(BUCKET) ? bucket() : serve()
  }
  const context = createContext({ fetch, Headers, Response })
  runInContext(formatCloudflare(site).replace('export default {', 'worker = {'), context)
  const worker = context.worker as { fetch(request: Request): Promise<Response> }
  return { asked, response: await worker.fetch(new Request(url, init)) }
}

describe('the Cloudflare Worker', () => {
  it('asks the bucket first, by the path as it came and without the query', async () => {
    const { asked, response } = await run(`${PAGE}${KEY}.avif?utm_source=mail`)
    expect(asked.map(({ url }) => url)).toEqual([`${BUCKET}${KEY}.avif`])
    expect(response.status).toBe(200)
    expect([...response.headers.keys()].filter((name) => name.startsWith('x-amz'))).toEqual([])
  })

  it.each([400, 403, 404])('asks serve where the bucket says %i', async (status) => {
    const { asked, response } = await run(`${PAGE}${KEY}.avif`, {
      bucket: () => new Response('', { status }),
    })
    expect(asked.map(({ url }) => url)).toEqual([
      `${BUCKET}${KEY}.avif`,
      `https://origin.example.com/img/${KEY}.avif`,
    ])
    expect(response.status).toBe(200)
  })

  it('keeps no error', async () => {
    const { asked } = await run(`${PAGE}${KEY}.avif`, { bucket: denied })
    expect(asked.map(({ cf }) => cf.cacheTtlByStatus)).toEqual(
      Array(2).fill({ '200-299': 86_400, '300-599': -1 }),
    )
  })

  it('says cleanly that the bucket fails', async () => {
    const { asked, response } = await run(`${PAGE}${KEY}.avif`, { bucket: down })
    expect(asked).toHaveLength(1)
    expect([response.status, response.headers.get('cache-control')]).toEqual([502, 'no-store'])
    const type = expect.stringMatching(/#unavailable$/)
    expect(await response.json()).toMatchObject({ code: 'unavailable', type })
  })

  it('resolves .auto, weights included, and says that it depends on Accept', async () => {
    const { asked, response } = await run(`${PAGE}${KEY}.auto`, {
      init: { headers: { accept: 'image/avif;q=0.5,image/webp' } },
    })
    expect(asked[0]?.url).toBe(`${BUCKET}${KEY}.webp`)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      vary: 'Accept',
      'cache-control': 'private, max-age=86400',
      'content-location': `/img/${KEY}.webp`,
    })
  })

  it('says nothing of Accept where it did not matter, or where there is no picture', async () => {
    const { response } = await run(`${PAGE}${KEY}.avif`)
    expect(Object.fromEntries(response.headers)).toMatchObject({ 'cache-control': 'public, max-age=86400' })
    const serve = () => new Response('', { status: 422, headers: { 'cache-control': 'max-age=15' } })
    const failed = await run(`${PAGE}${KEY}.auto`, { bucket: denied, serve })
    for (const { headers } of [response, failed.response])
      expect([headers.get('vary'), headers.get('content-location')]).toEqual([null, null])
    expect(failed.response.headers.get('cache-control')).toBe('max-age=15')
  })

  it('follows no redirect, and passes on no cookie', async () => {
    const bucket = () => new Response('', { headers: { 'set-cookie': 'a=b', 'x-rgw-object-type': 'Normal' } })
    const { asked, response } = await run(`${PAGE}${KEY}.avif`, { bucket })
    expect(asked[0]?.redirect).toBe('manual')
    expect(response.headers.has('set-cookie') || response.headers.has('x-rgw-object-type')).toBe(false)
  })

  it('passes on ranges and conditions, and nothing that says who asks', async () => {
    const headers = { range: 'bytes=0-9', 'if-none-match': '"x"', cookie: 'a=b', authorization: 'Bearer x' }
    const { asked } = await run(`${PAGE}${KEY}.avif`, { init: { headers, method: 'HEAD' } })
    expect(Object.fromEntries(asked[0]?.headers ?? [])).toEqual({
      range: 'bytes=0-9',
      'if-none-match': '"x"',
    })
  })

  it.each([
    ['.imgsizes/ledger/a.webp', 404],
    ['%2Eimgsizes/a.webp', 404],
    ['a%2Fb.webp', 404],
    ['robots.txt', 404],
  ])('denies %s and asks nobody', async (path, status) => {
    const { asked, response } = await run(PAGE + path)
    expect([response.status, asked.length]).toEqual([status, 0])
  })

  it('takes no other method', async () => {
    const { response } = await run(`${PAGE}${KEY}.avif`, { init: { method: 'DELETE' } })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
  })

  it.each([304, 412, 416])('passes on what the bucket says of a condition or a range: %i', async (status) => {
    const { asked, response } = await run(`${PAGE}${KEY}.avif`, {
      bucket: () => new Response(null, { status }),
    })
    expect([response.status, asked.length]).toEqual([status, 1])
  })

  it('tells serve for whom it asks, and not the bucket', async () => {
    const { asked } = await run(`${PAGE}${KEY}.avif`, {
      bucket: denied,
      init: { headers: { 'cf-connecting-ip': '192.0.2.1' } },
    })
    expect(asked.map(({ headers }) => headers.get('x-forwarded-for'))).toEqual([null, '192.0.2.1'])
  })

  it('lets the configured origins read and no other, whatever the bucket says', async () => {
    const site = { ...SITE, cors: ['https://a.example'] }
    const bucket = () => new Response('', { headers: { 'access-control-allow-origin': '*' } })
    const of = async (origin: string) => {
      const init = { headers: { origin } }
      const { headers } = (await run(`${PAGE}${KEY}.auto`, { site, bucket, init })).response
      return [headers.get('access-control-allow-origin'), headers.get('vary')]
    }
    expect(await of('https://a.example')).toEqual(['https://a.example', 'Origin, Accept'])
    expect(await of('https://b.example')).toEqual([null, 'Origin, Accept'])
  })
})
