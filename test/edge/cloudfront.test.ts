import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { formatCloudFront } from '../../src/edge/cloudfront.ts'
import { SITE } from './support.ts'
import { readTemplate } from './template.ts'

/** The function out of the template, run against recorded events; the template, read as YAML. */

interface Message {
  uri: string
  statusCode?: number
  headers: Record<string, { value: string; multiValue?: { value: string }[] }>
}
interface CloudFrontEvent {
  request: Message
  response?: Message
}

const readEvent = (name: string): CloudFrontEvent =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'events', `${name}.json`), 'utf8')) as CloudFrontEvent

const template = readTemplate(formatCloudFront(SITE))

const run = (event: CloudFrontEvent, { Resources } = template): Message => {
  const context = createContext({ event: structuredClone(event) })
  const { FunctionCode } = Resources.EdgeFunction?.Properties ?? {}
  // Its own objects come back as ours.
  return JSON.parse(runInContext(`${FunctionCode}\nJSON.stringify(handler(event))`, context)) as Message
}

const request = (uri: string, accept?: string): CloudFrontEvent => {
  const event = readEvent('viewer-request')
  event.request.uri = uri
  if (accept === undefined) delete event.request.headers.accept
  else event.request.headers.accept = { value: accept }
  return event
}

describe('the CloudFront function', () => {
  it('resolves a recorded request before the cache, and drops the mount', () => {
    expect(run(readEvent('viewer-request')).uri).toBe('/a%2Bb.jpg/640w.q80.F5qBZZuh0iN5uWNN.avif')
  })

  it('keeps to weights and to several fields', () => {
    const path = '/img/a.png/640w.q80.F5qBZZuh0iN5uWNN.auto'
    expect(run(request(path, 'image/avif;q=0.1,image/webp;q=0.2')).uri).toMatch(/\.webp$/)
    expect(run(request(path)).uri).toMatch(/\.png$/)
    const event = request(path, 'text/html')
    event.request.headers.accept = {
      value: 'text/html',
      multiValue: [{ value: 'text/html' }, { value: 'image/webp' }],
    }
    expect(run(event).uri).toMatch(/\.webp$/)
  })

  it('answers for private paths and what is no key itself', () => {
    for (const uri of ['/img/.imgsizes/x.webp', '/img/%2eimgsizes/x.webp', '/img/a.html', '/'])
      expect([uri, run(request(uri)).statusCode]).toEqual([uri, 404])
  })

  it('says of a negotiated answer that it depends on Accept, and of no other', () => {
    const answered = readEvent('viewer-response')
    const asked = run(readEvent('viewer-request'))
    const negotiated = run({ ...answered, request: asked })
    expect(negotiated.headers).toMatchObject({
      vary: { value: 'Accept' },
      'cache-control': { value: 'private, max-age=86400' },
      'content-location': { value: '/img/a%2Bb.jpg/640w.q80.F5qBZZuh0iN5uWNN.avif' },
    })
    const plain = run(answered)
    expect(plain.headers.vary).toBeUndefined()
    expect(plain.headers['cache-control']).toEqual({ value: 'public, max-age=86400' })
    expect(plain.headers['x-content-type-options']).toEqual({ value: 'nosniff' })
  })

  it('lets the configured origins read, and no other', () => {
    const shared = readTemplate(formatCloudFront({ ...SITE, cors: ['https://a.example'] }))
    const request = run(readEvent('viewer-request'))
    const ask = (value: string) => {
      const headers = { ...request.headers, origin: { value } }
      return run({ ...readEvent('viewer-response'), request: { ...request, headers } }, shared).headers
    }
    const vary = { value: 'Origin, Accept' }
    const allowed = { 'access-control-allow-origin': { value: 'https://a.example' }, vary }
    expect(ask('https://a.example')).toMatchObject(allowed)
    expect(ask('https://b.example')).toMatchObject({ vary })
    expect(Object.keys(ask('https://b.example'))).not.toContain('access-control-allow-origin')
  })

  it('believes no mark that a visitor sends', () => {
    const event = request('/img/a.jpg/640w.q80.F5qBZZuh0iN5uWNN.webp')
    event.request.headers['x-imgsizes-auto'] = { value: 'evil' }
    expect(run(event).headers['x-imgsizes-auto']).toBeUndefined()
  })
})

describe('the CloudFormation template', () => {
  const distribution = template.Resources.Distribution?.Properties.DistributionConfig as Record<
    string,
    unknown
  >

  it('asks the bucket first, and serve for what it does not have', () => {
    expect(distribution.Origins).toMatchObject([
      { Id: 'bucket', DomainName: 'pictures.s3.eu-west-1.amazonaws.com', OriginPath: '/results' },
      { Id: 'serve', DomainName: 'origin.example.com', OriginPath: '/img' },
    ])
    expect(distribution.OriginGroups).toMatchObject({
      Items: [{ FailoverCriteria: { StatusCodes: { Quantity: 2, Items: [403, 404] } } }],
    })
    expect(distribution.DefaultCacheBehavior).toMatchObject({ TargetOriginId: 'bucket-then-serve' })
  })

  it('keeps no error, and no query in its key', () => {
    const errors = distribution.CustomErrorResponses as { ErrorCode: number; ErrorCachingMinTTL: number }[]
    expect(errors.map(({ ErrorCode }) => ErrorCode)).toEqual(
      expect.arrayContaining([403, 404, 502, 503, 504]),
    )
    expect(new Set(errors.map(({ ErrorCachingMinTTL }) => ErrorCachingMinTTL))).toEqual(new Set([0]))
    expect(template.Resources.CachePolicy?.Properties.CachePolicyConfig).toMatchObject({
      ParametersInCacheKeyAndForwardedToOrigin: {
        QueryStringsConfig: { QueryStringBehavior: 'none' },
        HeadersConfig: { HeaderBehavior: 'none' },
        CookiesConfig: { CookieBehavior: 'none' },
      },
    })
  })

  it('says how the bucket lets it read', () => {
    expect(JSON.stringify(template.Outputs)).toContain('arn:aws:s3:::pictures/*')
  })

  it('is refused where serve cannot be reached from outside', () => {
    expect(() => formatCloudFront({ ...SITE, serve: new URL('http://127.0.0.1:3000') })).toThrow(/--serve/)
  })
})
