import { createContext, runInContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { formatCaddy } from '../../src/edge/caddy.ts'
import { formatCloudflare } from '../../src/edge/cloudflare.ts'
import { formatCloudFront } from '../../src/edge/cloudfront.ts'
import { formatNginx } from '../../src/edge/nginx.ts'
import { SITE } from './support.ts'
import { readTemplate } from './template.ts'

interface AskInit {
  readonly cache?: string
  readonly headers: Headers
}

/** What stands in front of links that end: only serve may answer. */

const CLOSED = { ...SITE, store: { kind: 'closed' } } as const

const TEXTS: readonly (readonly [string, string])[] = [
  ['nginx', formatNginx(CLOSED, { listen: '80', resolvers: [], cacheFolder: '/var/cache/x' })],
  ['caddy', formatCaddy(CLOSED, { address: undefined })],
  ['cloudfront', formatCloudFront(CLOSED)],
  ['cloudflare', formatCloudflare(CLOSED)],
]

it.each(TEXTS)('%s says so at its top, and knows no bucket and no cache', (_, text) => {
  const head = text.split('\n').slice(0, 8).join('\n')
  expect(head).toMatch(/serve\.expiring is on[\s\S]*Keep the bucket or folder closed/)
  expect(text).not.toMatch(
    /pictures|amazonaws|\/results|proxy_cache imgsizes|proxy_cache_path|cacheEverything/,
  )
})

describe('the Cloudflare Worker', () => {
  const run = async (url: string, init: RequestInit = {}, serve?: () => Response) => {
    const asked: { url: string; init: AskInit }[] = []
    const fetch = async (target: string, options: AskInit): Promise<Response> => {
      asked.push({ url: target, init: options })
      if (serve === undefined) throw new Error('down')
      return serve()
    }
    const context = createContext({ fetch, Headers, Response })
    runInContext(formatCloudflare(CLOSED).replace('export default {', 'worker = {'), context)
    const worker = context.worker as { fetch(request: Request): Promise<Response> }
    return { asked, response: await worker.fetch(new Request(url, init)) }
  }
  const link = 'https://img.example.com/img/a%2Bb.jpg/640w.q80.F5qBZZuh0iN5uWNN.auto?expires=9&token=x'

  it('asks serve every time, by path and query as they came, and keeps nothing', async () => {
    const headers = { accept: 'image/avif', cookie: 'a=b', range: 'bytes=0-1' }
    const answer = () => new Response('x', { headers: { 'cache-control': 'private, max-age=9' } })
    const { asked, response } = await run(link, { headers }, answer)
    expect(asked.map(({ url }) => url)).toEqual([link.replace('img.example.com', 'origin.example.com')])
    expect(asked[0]?.init.cache).toBe('no-store')
    expect(Object.fromEntries(asked[0]?.init.headers ?? [])).toEqual({
      accept: 'image/avif',
      range: 'bytes=0-1',
    })
    expect(response.headers.get('cache-control')).toBe('private, max-age=9')
  })

  it('leaves a refusal as it is, and says cleanly that serve is down', async () => {
    const refused = await run(link, {}, () => new Response('{}', { status: 403 }))
    expect(refused.response.status).toBe(403)
    const { response } = await run(link)
    expect([response.status, response.headers.get('cache-control')]).toEqual([502, 'no-store'])
    expect((await run(link, { method: 'POST' })).response.status).toBe(405)
    expect((await run('https://img.example.com/other')).response.status).toBe(404)
  })
})

it('the CloudFormation template has serve alone, its queries and no cache', () => {
  const { Resources } = readTemplate(formatCloudFront(CLOSED))
  const distribution = Resources.Distribution?.Properties.DistributionConfig as Record<string, unknown>
  expect(distribution.Origins).toMatchObject([{ Id: 'serve', DomainName: 'origin.example.com' }])
  expect(distribution.OriginGroups).toBeUndefined()
  expect(distribution.DefaultCacheBehavior).toMatchObject({
    TargetOriginId: 'serve',
    // Managed-CachingDisabled
    CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
    OriginRequestPolicyId: { Ref: 'OriginRequestPolicy' },
  })
  expect(Resources.OriginRequestPolicy?.Properties.OriginRequestPolicyConfig).toMatchObject({
    HeadersConfig: { Headers: expect.arrayContaining(['Accept']) },
    QueryStringsConfig: { QueryStringBehavior: 'all' },
  })
  expect(Object.keys(Resources)).toEqual(['OriginRequestPolicy', 'Distribution'])
})
