import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ConfigInput } from '../../src/config/config-input.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import { formatCaddy } from '../../src/edge/caddy.ts'
import { type EdgeSite, sharedCacheSeconds, toEdgeSite } from '../../src/edge/edge-site.ts'
import { formatNginx } from '../../src/edge/nginx.ts'
import { makeSharedFolder } from '../support/folder.ts'
import { findProgram, installPackages } from '../support/packages.ts'

/** Configurations of every kind: what they say in front, and that the servers' own checks take it. */

const SERVE = new URL('http://127.0.0.1:3000')
const toSite = (config: Partial<ConfigInput>, region?: string): EdgeSite => {
  const input = { source: './in', output: './out', secret: 'x'.repeat(20), ...config }
  return toEdgeSite(resolveConfig(input as ConfigInput, { root: '/srv/site' }), { serve: SERVE, region })
}

const OLD = [
  { type: 'nginx', prefix: '/t/', secret: 'a-secret-of-nginx' },
  { type: 'imgproxy', prefix: '/', key: '736563726574', salt: '68656c6c6f' },
] as const

const sites: readonly (readonly [string, EdgeSite])[] = [
  ['a folder at the root', toSite({})],
  [
    'a folder with an odd name',
    toSite({ output: './it\'s "the" out;put {1}', baseUrl: 'https://a.example/b%20c/d.e/' }),
  ],
  [
    'a bucket at AWS',
    toSite({ output: 's3://some-bucket/a b', baseUrl: 'https://a.example/img/' }, 'eu-west-1'),
  ],
  [
    'a bucket that may not be cached',
    toSite({ output: 's3://some-bucket?endpoint=http://127.0.0.1:9000', cacheControl: 'no-store' }),
  ],
  [
    'origins by name, PNG alone',
    toSite({
      output: 's3://some-bucket?endpoint=http://minio:9000&forcePathStyle=true',
      formats: ['png'],
      serve: { cors: ['https://a.example', 'https://b.example'], timingAllowOrigin: '*' },
    }),
  ],
  ['old URLs beside a folder and at its own place', toSite({ dialects: OLD })],
  [
    'old URLs beside a bucket and at its own place',
    toSite({ output: 's3://some-bucket?endpoint=http://127.0.0.1:9000', dialects: OLD }),
  ],
  [
    'links that end, from a folder',
    toSite({ serve: { expiring: true }, baseUrl: 'https://a.example/b%20c/' }),
  ],
  [
    'links that end, from a bucket of nobody knows where',
    toSite({ output: 's3://some-bucket', serve: { expiring: true } }),
  ],
]

describe('what is printed', () => {
  const folder = makeSharedFolder()
  beforeAll(async () => {
    await installPackages({ what: 'nginx', packages: ['nginx'], programs: ['nginx'] })
    await installPackages({ what: 'Caddy', packages: ['caddy'], programs: ['caddy'] })
  })

  it.each(sites)('is taken by nginx: %s', (_, site) => {
    const options = {
      listen: '127.0.0.1:8080',
      resolvers: ['127.0.0.53', '[::1]'],
      cacheFolder: `${folder}/cache`,
    }
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    )
    const text = formatNginx(site, options).replaceAll('minio:', '127.0.0.1:')
    writeFileSync(
      join(folder, 'nginx.conf'),
      `pid ${folder}/pid; events {} http { ${temporary.join(' ')}\n${text}}`,
    )
    const { status, stderr } = spawnSync(
      findProgram('nginx') ?? '',
      ['-t', '-q', '-e', 'stderr', '-c', `${folder}/nginx.conf`],
      { encoding: 'utf8' },
    )
    expect([status, stderr]).toEqual([0, ''])
  })

  it.each(sites)('is taken by Caddy: %s', (_, site) => {
    const file = join(folder, 'Caddyfile')
    writeFileSync(file, formatCaddy(site, { address: 'http://127.0.0.1:8080' }))
    const env = { ...process.env, HOME: folder }
    const { status, stderr } = spawnSync(
      findProgram('caddy') ?? '',
      ['adapt', '--validate', '--adapter', 'caddyfile', '--config', file],
      { encoding: 'utf8', env },
    )
    expect(status, stderr).toBe(0)
  })

  it('says what it was tested against, and holds no secret', () => {
    const site = toSite({})
    const options = { listen: '80', resolvers: [], cacheFolder: '/c' }
    for (const text of [formatNginx(site, options), formatCaddy(site, { address: undefined })]) {
      expect(text.split('\n').slice(0, 3).join(' ')).toMatch(/Tested with (?:nginx|Caddy) [0-9.]+/)
      expect(text).not.toContain('x'.repeat(20))
    }
  })
})

describe('the place of results', () => {
  it.each([
    ['s3://some-bucket/a', 'https://some-bucket.s3.eu-west-1.amazonaws.com', '/a/'],
    ['s3://some.bucket/a', 'https://s3.eu-west-1.amazonaws.com', '/some.bucket/a/'],
    ['s3://some-bucket/a?region=us-east-2', 'https://some-bucket.s3.us-east-2.amazonaws.com', '/a/'],
    [
      's3://some-bucket/a b?endpoint=http://minio:9000&forcePathStyle=true',
      'http://minio:9000',
      '/some-bucket/a%20b/',
    ],
    ['s3://some-bucket?endpoint=https://acc.r2.example', 'https://some-bucket.acc.r2.example', '/'],
    ['s3://some-bucket?endpoint=http://10.0.0.1:9000', 'http://10.0.0.1:9000', '/some-bucket/'],
  ])('of %s', (output, origin, path) => {
    const { store } = toSite({ output }, 'eu-west-1')
    expect(store.kind === 'bucket' && [store.origin.origin, store.path]).toEqual([origin, path])
  })

  it('is asked for where the region is not known', () => {
    expect(() => toSite({ output: 's3://some-bucket' })).toThrow(/region of the bucket/)
  })

  it.each([
    ['public, max-age=86400, stale-while-revalidate=60', 86_400],
    ['public, max-age=60, s-maxage=600', 600],
    ['private, max-age=60', 0],
    ['no-store', 0],
    ['public', 0],
  ])('may be kept by caches: %s', (cacheControl, seconds) => {
    expect(sharedCacheSeconds(cacheControl)).toBe(seconds)
  })
})
