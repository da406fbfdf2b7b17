import { expect, it } from 'vitest'
import type { ConfigInput } from '../../src/config/config-input.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import {
  type EdgeOptions,
  requireHttps,
  sharedCacheSeconds,
  sharesMount,
  toEdgeSite,
} from '../../src/edge/edge-site.ts'

const toSite = (config: Partial<ConfigInput>, options: Partial<EdgeOptions> = {}) => {
  const input = { source: './in', output: 's3://pic/p', secret: 'x'.repeat(20), ...config }
  return toEdgeSite(resolveConfig(input as ConfigInput, { root: '/srv/site' }), {
    serve: new URL('http://127.0.0.1:3000'),
    region: 'here',
    ...options,
  })
}

it.each([
  ['https://a.example/', true],
  ['https://10.0.0.1/', true],
  ['http://a.example/', false],
  ['https://localhost/', false],
  ['https://127.1.2.3/', false],
  ['https://[::1]/', false],
])('a CDN reaches %s: %s', (url, isReached) => {
  const ask = () => requireHttps(new URL(url), '--serve')
  if (isReached) expect(ask().href).toBe(url)
  else expect(ask).toThrow('cannot reach')
})

it.each([
  ['s3://pic/p', {}, 'https://pic.s3.here.amazonaws.com/p/'],
  ['s3://pic.b', {}, 'https://s3.here.amazonaws.com/pic.b/'],
  ['s3://pic?endpoint=https://minio.example:9000', {}, 'https://pic.minio.example:9000/'],
  ['s3://pic?endpoint=https://minio.example&forcePathStyle=true', {}, 'https://minio.example/pic/'],
  ['s3://pic/a b?endpoint=http://10.0.0.1:9000/s3', {}, 'http://10.0.0.1:9000/s3/pic/a%20b/'],
  ['s3://pic?endpoint=http://[::1]:9000', {}, 'http://[::1]:9000/pic/'],
  ['s3://pic/p', { bucketUrl: new URL('https://cdn.example/files') }, 'https://cdn.example/files/p/'],
  ['s3://pic/p', { endpoint: 'https://other.example' }, 'https://pic.other.example/p/'],
] as const)('the results of %s with %o are read from %s', (output, options, url) => {
  const { store } = toSite({ output }, options)
  expect(store.kind === 'bucket' && store.origin.origin + store.path).toBe(url)
})

it('nothing is read past serve where links expire, and URLs of another server are not known', () => {
  const dialects = [{ type: 'nginx', prefix: '/t/', secret: 'a-secret-of-nginx' }] as const
  const open = toSite({ dialects })
  expect([open.store.kind, open.foreign]).toEqual(['bucket', ['/t/']])
  const closed = toSite({ dialects, serve: { expiring: true } })
  expect([closed.store.kind, closed.foreign]).toEqual(['closed', []])
})

it.each([
  ['public, max-age=5, s-maxage=7', 7],
  ['Public, Max-Age=5', 5],
  ['max-age="5"', 5],
  ['public', 0],
  ['no-cache, max-age=5', 0],
  ['max-age=5, private', 0],
  ['no-store', 0],
])('shared caches keep "%s" for %i seconds', (cacheControl, seconds) => {
  expect(sharedCacheSeconds(cacheControl)).toBe(seconds)
})

it('a mount is compared as it is read, not as it is escaped', () => {
  expect(sharesMount({ foreign: ['/a b/'], mount: '/a%20b/' })).toBe(true)
  expect(sharesMount({ foreign: ['/a%20b/'], mount: '/a%20b/' })).toBe(false)
})
