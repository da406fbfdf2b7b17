import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Check } from '../../src/app/doctor/check.ts'
import { checkBucket } from '../../src/cli/doctor/closed-check.ts'
import { formatCheck, formatCheckCounts } from '../../src/cli/doctor/format-checks.ts'
import {
  checkClock,
  checkLibraries,
  checkMachine,
  checkSecrets,
} from '../../src/cli/doctor/machine-checks.ts'
import { checkDelivery, type DeliveryOptions } from '../../src/cli/doctor/url-checks.ts'
import { chooseStyle } from '../../src/cli/terminal.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import { collect } from '../support/streams.ts'

/** Each check of `doctor` is seen to fail on what it is for, and on nothing else. */

const SITE = 'https://img.example.com/'
const BYTES = new Uint8Array(1000)
const CACHE_CONTROL = 'public, max-age=86400'

type Site = (request: Request) => Response

const picture = (headers: Record<string, string>, init: ResponseInit = {}): Response =>
  new Response(BYTES, { ...init, headers: { 'cache-control': CACHE_CONTROL, ...headers } })

/** A site where everything is as it should be. */
const goodSite: Site = (request) => {
  const { pathname } = new URL(request.url)
  if (pathname.startsWith('/.imgsizes/') || pathname === '/forged' || pathname === '/missing')
    return new Response('{}', {
      status: pathname === '/forged' ? 403 : 404,
      headers: { 'content-type': 'application/problem+json', 'cache-control': 'max-age=15' },
    })
  if (pathname === '/auto')
    return picture({
      'content-type': request.headers.get('accept') ?? '',
      vary: 'Accept',
      'cache-control': 'private, max-age=86400',
    })
  const cors = { 'access-control-allow-origin': '*' }
  if (request.headers.has('range')) return picture({ 'content-type': 'image/webp', ...cors }, { status: 206 })
  return picture({ 'content-type': 'image/webp', ...cors })
}

const examine = (site: Site, changes: Partial<DeliveryOptions> = {}): Promise<readonly Check[]> =>
  collect(
    checkDelivery({
      url: `${SITE}result`,
      contentType: 'image/webp',
      sizeBytes: BYTES.length,
      cacheControl: CACHE_CONTROL,
      autoUrl: `${SITE}auto`,
      autoTypes: ['image/avif', 'image/webp', 'image/jpeg'],
      missingUrl: `${SITE}missing`,
      forgedUrl: `${SITE}forged`,
      privateUrl: `${SITE}.imgsizes/ledger/1`,
      cors: '*',
      fetch: async (url, init) => site(new Request(url, init)),
      signal: new AbortController().signal,
      ...changes,
    }),
  )

const troubles = (checks: readonly Check[]): readonly string[] =>
  checks.filter(({ status }) => status !== 'ok').map(({ name, status }) => `${name} ${status}`)

/** The same site with other headers on the result. */
const with_ =
  (headers: Record<string, string | undefined>): Site =>
  (request) => {
    const response = goodSite(request)
    if (new URL(request.url).pathname !== '/result') return response
    for (const [name, value] of Object.entries(headers))
      if (value === undefined) response.headers.delete(name)
      else response.headers.set(name, value)
    return response
  }

const at =
  (path: string, answer: () => Response): Site =>
  (request) =>
    new URL(request.url).pathname === path ? answer() : goodSite(request)

describe('the look at a base URL', () => {
  it('finds nothing wrong with a good site', async () => {
    const checks = await examine(goodSite)
    expect(troubles(checks)).toEqual([])
    expect(checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['reachable', 'cacheable', 'Vary', '.auto', 'CORS', 'a miss', '.imgsizes/']),
    )
  })

  it.each<[string, Site, string]>([
    ['another type', with_({ 'content-type': 'application/octet-stream' }), 'content failed'],
    ['no Cache-Control', with_({ 'cache-control': undefined }), 'cacheable failed'],
    ['no-store', with_({ 'cache-control': 'no-store' }), 'cacheable failed'],
    ['another Cache-Control', with_({ 'cache-control': 'public, max-age=60' }), 'cacheable warning'],
    ['a cookie', with_({ 'set-cookie': 'a=b' }), 'cacheable failed'],
    ['Vary: Cookie', with_({ vary: 'Cookie' }), 'Vary warning'],
    ['no CORS', with_({ 'access-control-allow-origin': undefined }), 'CORS failed'],
    [
      '.auto for all alike',
      at('/auto', () => picture({ 'content-type': 'image/avif', vary: 'Accept' })),
      '.auto failed',
    ],
    ['.auto kept without Vary', at('/auto', () => picture({ 'content-type': 'image/avif' })), '.auto failed'],
    ['.auto not there', at('/auto', () => new Response('', { status: 404 })), '.auto warning'],
    ['the ledger for all', at('/.imgsizes/ledger/1', () => new Response('x')), '.imgsizes/ failed'],
    [
      'nobody to deny the ledger',
      at('/.imgsizes/ledger/1', () => new Response('', { status: 502 })),
      '.imgsizes/ failed',
    ],
    ['forged URLs answered', at('/forged', () => picture({})), 'forged failed'],
    [
      'errors kept',
      at('/forged', () => new Response('', { status: 403, headers: { 'cache-control': 'max-age=3600' } })),
      'forged warning',
    ],
    [
      'misses answered by others',
      at('/missing', () => new Response('<html>', { status: 404 })),
      'a miss warning',
    ],
  ])('names %s, and that alone', async (_, site, trouble) => {
    const checks = await examine(site)
    expect(troubles(checks)).toEqual([trouble])
    expect(checks.find(({ status }) => status !== 'ok')?.advice).toMatch(/\w{3}/)
  })

  const problem = (status: number, code: string): Response =>
    Response.json(
      { type: 'about:blank', title: 'No.', status, code },
      { status, headers: { 'content-type': 'application/problem+json' } },
    )
  const whereMissesGet =
    (answer: () => Response): Site =>
    (request) =>
      ['/forged', '/missing'].includes(new URL(request.url).pathname) ? answer() : goodSite(request)

  it.each<[string, () => Response, string]>([
    ['the server in front', () => problem(502, 'unavailable'), '502: imgsizes serve does not answer'],
    ['another server', () => new Response('<html>', { status: 504 }), '504: imgsizes serve does not answer'],
    ['serve', () => problem(503, 'not-ready'), '503 of imgsizes serve: not-ready'],
  ])('takes a fault that %s tells of for no answer to a miss or a forged URL', async (_, answer, found) => {
    const checks = await examine(whereMissesGet(answer))
    expect(troubles(checks)).toEqual(['forged failed', 'a miss failed'])
    for (const check of checks.filter(({ status }) => status === 'failed')) expect(check.found).toBe(found)
  })

  it('knows serve by its problems, though visitors are shown a placeholder', async () => {
    const withPlaceholder: Site = (request) =>
      new URL(request.url).pathname === '/missing' &&
      !request.headers.get('accept')?.includes('application/problem+json')
        ? new Response(BYTES, { status: 404, headers: { 'content-type': 'image/png' } })
        : goodSite(request)
    expect(troubles(await examine(withPlaceholder))).toEqual([])
  })

  it('says what to do where serve does not answer', async () => {
    const checks = await examine(whereMissesGet(() => problem(502, 'unavailable')))
    expect(checks.find(({ name }) => name === 'a miss')?.advice).toBe(
      'Start it, or correct --serve in what `imgsizes origin` printed.',
    )
  })

  describe('where links end', () => {
    const link = { bareUrl: `${SITE}bare`, url: `${SITE}result?expires=1` }
    const closed: Site = (request) => {
      const { pathname } = new URL(request.url)
      if (pathname === '/bare') return new Response('{}', { status: 403 })
      const response = goodSite(request)
      if (pathname === '/result') response.headers.set('cache-control', 'private, max-age=600')
      return response
    }

    it('finds nothing wrong with a site that is closed, and asks for no query of its own', async () => {
      const checks = await examine(closed, link)
      expect(troubles(checks)).toEqual([])
      expect(checks.map(({ name }) => name)).toContain('without a link')
      expect(checks.map(({ name }) => name)).not.toContain('query')
    })

    it('takes no fault for a site that is closed', async () => {
      const broken: Site = (request) =>
        new URL(request.url).pathname === '/bare' ? new Response('', { status: 502 }) : closed(request)
      const checks = await examine(broken, link)
      expect(troubles(checks)).toEqual(['without a link failed'])
      expect(checks[0]?.found).toBe('502: that tells nothing of whether a stored result is closed')
    })

    it('names a result that is answered without one, and an answer that others may keep', async () => {
      const open: Site = (request) =>
        new URL(request.url).pathname === '/bare'
          ? picture({ 'content-type': 'image/webp' })
          : closed(request)
      expect(troubles(await examine(open, link))).toEqual(['without a link failed'])
      const kept: Site = (request) =>
        new URL(request.url).pathname === '/bare' ? closed(request) : goodSite(request)
      expect(troubles(await examine(kept, link))).toEqual(['cacheable failed'])
    })

    const bucket = 's3://pics/p?endpoint=http://s3.test&region=x'
    it.each<[number | undefined, boolean, string, Check['status'][]]>([
      [200, true, bucket, ['failed']],
      [403, true, bucket, ['ok']],
      [200, false, bucket, ['ok']],
      [403, false, bucket, ['warning']],
      [undefined, true, bucket, ['skipped']],
      [200, true, './folder', []],
    ])('looks at the bucket itself: %s, links that end: %s', async (status, expiring, output, statuses) => {
      const config = resolveConfig({ source: './a', output, serve: { expiring } }, { root: '/nowhere' })
      const asked: string[] = []
      const checks = await collect(
        checkBucket(config, {
          key: 'a b.jpg/1w.q80.x.webp',
          fetch: async (url) => {
            asked.push(url)
            if (status === undefined) throw new TypeError('fetch failed')
            return new Response(null, { status })
          },
          signal: new AbortController().signal,
        }),
      )
      expect(checks.map((check) => check.status)).toEqual(statuses)
      expect(asked).toEqual(statuses.length === 0 ? [] : ['http://pics.s3.test/p/a%20b.jpg/1w.q80.x.webp'])
    })
  })

  it.each([301, 403, 404, 503])('ends where the result is answered with %i', async (status) => {
    const checks = await examine(
      at('/result', () => new Response(null, { status, headers: { location: '/' } })),
    )
    expect(troubles(checks)).toEqual(['reachable failed'])
    expect(checks).toHaveLength(1)
  })

  it('says why there is no answer', async () => {
    const [check] = await examine(goodSite, {
      fetch: async () => Promise.reject(new TypeError('fetch failed', { cause: new Error('ENOTFOUND img') })),
    })
    expect(check).toMatchObject({ status: 'failed', found: 'ENOTFOUND img' })
  })

  it('tells other bytes than the store has', async () => {
    expect(troubles(await examine(goodSite, { sizeBytes: 999 }))).toEqual(['content failed'])
  })

  it('wants Vary: Origin where one origin of several is let in', async () => {
    const cors = ['https://a.example']
    const site = with_({ 'access-control-allow-origin': 'https://a.example' })
    expect(troubles(await examine(site, { cors }))).toEqual(['CORS warning'])
    const whole = with_({ 'access-control-allow-origin': 'https://a.example', vary: 'Origin' })
    expect(troubles(await examine(whole, { cors }))).toEqual([])
  })
})

describe('the clock', () => {
  const startServer = async (date: string | undefined): Promise<string> => {
    const server = createServer((_, response) => {
      response.sendDate = false
      if (date !== undefined) response.setHeader('date', date)
      response.writeHead(403).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  it.each([
    [0, 'ok'],
    [-5, 'warning'],
    [20, 'failed'],
  ])('%i minutes off', async (minutes, status) => {
    const url = await startServer(new Date(Date.now() - minutes * 60_000).toUTCString())
    const check = await checkClock(url, { fetch, now: Date.now, signal: new AbortController().signal })
    expect(check.status).toBe(status)
    if (minutes !== 0)
      expect(check.found).toMatch(minutes > 0 ? /^1(199|200|201) s ahead/ : /^(299|300|301) s behind/)
  })

  it('is not judged by a store that tells no time', async () => {
    const url = await startServer(undefined)
    const check = await checkClock(url, { fetch, now: Date.now, signal: new AbortController().signal })
    expect(check.status).toBe('skipped')
  })
})

describe('the secret', () => {
  const of = (secret: unknown) => {
    const config = { source: './a', output: './b', ...(secret !== undefined && { secret }) }
    return checkSecrets(resolveConfig(config as never, { root: '/nowhere' }))[0]
  }
  it.each<[unknown, Check['status']]>([
    [undefined, 'failed'],
    ['correct-horse-battery-staple', 'failed'],
    [['F5qBZZuh0iN5uWNN.sY6ujT5sKtppyKbs', 'imgsizes-demo-secret-not-for-production'], 'failed'],
    ['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'warning'],
    ['F5qBZZuh0iN5uWNN.sY6ujT5sKtppyKbs', 'ok'],
  ])('%s is %s', (secret, status) => {
    expect(of(secret)?.status).toBe(status)
  })

  it('is counted beside those that are retired', () => {
    const [value, old] = ['F5qBZZuh0iN5uWNN.sY6ujT5sKtppyKbs', { value: 'o'.repeat(16), retired: true }]
    expect([value, [value, old]].map((secret) => of(secret)?.found)).toEqual([
      '1 in use',
      '1 in use, 1 retired',
    ])
  })

  it('is never shown', () => {
    for (const secret of ['correct-horse-battery-staple', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'])
      expect(JSON.stringify(of(secret))).not.toContain(secret)
  })
})

describe('the machine', () => {
  const facts = {
    host: { cpus: 2, memoryBytes: 4e9 },
    threads: 2,
    nodeVersion: 'v20.19.0',
  }
  it.each<[string, Partial<typeof facts>, readonly string[]]>([
    ['as it should be', {}, []],
    ['little memory', { host: { cpus: 2, memoryBytes: 5e8 } }, ['memory warning']],
  ])('%s', (_, changes, found) => {
    expect(troubles(checkMachine({ ...facts, ...changes }))).toEqual(found)
  })

  it('with a libvips that lacks a codec', () => {
    const libraries = { sharp: '0.35.5', libvips: '8.18.7', isForeign: false, broken: [] }
    expect(checkLibraries(libraries).status).toBe('ok')
    expect(checkLibraries({ ...libraries, isForeign: true }).status).toBe('warning')
    expect(checkLibraries({ ...libraries, broken: ['avif'] }).status).toBe('failed')
  })
})

describe('what people read', () => {
  const terminal = { style: chooseStyle({}, false), width: 80 }

  it('fits 80 columns, what was found and what to do under the name', () => {
    const url = `https://img.example.com/${'a'.repeat(70)}.webp`
    const text = formatCheck(
      {
        part: 'base URL',
        name: 'reachable',
        status: 'warning',
        found: `404 for a result that visitors of all kinds should be shown ${url}`,
        advice:
          'The result stands in the store: have baseUrl lead to the output folder or prefix, and look again.',
      },
      terminal,
    )
    expect(text).toBe(
      [
        'review  base URL: reachable  404 for a result that visitors of all kinds should',
        '        be shown',
        `        ${url}`,
        '        The result stands in the store: have baseUrl lead to the output folder',
        '        or prefix, and look again.',
      ].join('\n'),
    )
  })

  it('counts what is ok, what to review and what failed', () => {
    const check = (status: Check['status']): Check => ({ part: 'a', name: 'b', status, found: '' })
    const checks = [check('ok'), check('ok'), check('warning'), check('skipped')]
    expect(formatCheckCounts(checks, terminal.style)).toBe('\n4 checks: 2 ok, 1 to review, 0 failed')
    const coloured = chooseStyle({}, true)
    expect(formatCheckCounts(checks, coloured)).toMatch(/, 0 failed$/)
    expect(formatCheckCounts([check('failed')], coloured)).toMatch(/, \u001b\[31m1 failed/)
  })
})
