import { existsSync, readdirSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contentTypeOf, VECTOR_POLICY } from '../../src/core/format.ts'
import { BROWSERS, BUILT, DRAWING, LATE, ODD_NAME, openEdgeSite, pathOf } from '../support/edge-site.ts'
import { openFaultProxy } from '../support/fault-proxy.ts'
import {
  type Front,
  freePort,
  readAccessLog,
  type Serve,
  startCaddy,
  startNginx,
  startServe,
} from '../support/front.ts'
import { createBucket, s3Endpoint } from '../support/s3.ts'
import type { Site } from '../support/site.ts'
import { words } from '../support/words.ts'

/**
 * `imgsizes origin nginx` and `caddy` on Debian's own, a real `imgsizes serve` behind it: what is stored never reaches Node,
 * what is not is made once, and either of both may stop.
 */
interface Setting {
  readonly site: Site
  readonly serve: Serve
  readonly front: Front
  isStored(path: string): Promise<boolean>
  readonly stopStore?: () => Promise<void>
}

const openFolder = async (server: Server): Promise<Setting> => {
  const setting = await openSetting(server, './out')
  return {
    ...setting,
    isStored: async (path) => existsSync(join(setting.site.folder, 'out', decodeURIComponent(path))),
  }
}

const openBucket = async (server: Server): Promise<Setting> => {
  const network = await openFaultProxy(s3Endpoint())
  const bucket = await createBucket(server)
  const query = `endpoint=${network.endpoint}&region=us-east-1&forcePathStyle=true&acl=public-read`
  return {
    ...(await openSetting(server, `s3://${bucket}/some/prefix?${query}`)),
    isStored: async (path) => (await fetch(`${s3Endpoint()}/${bucket}/some/prefix/${path}`)).ok,
    stopStore: network.close,
  }
}

type Server = 'nginx' | 'caddy'

const shapes: readonly (readonly [Server, string, (server: Server) => Promise<Setting>])[] = [
  ['nginx', 'a folder', openFolder],
  ['nginx', 'a bucket', openBucket],
  ['caddy', 'a folder', openFolder],
  ['caddy', 'a bucket', openBucket],
]

const SHARED = { cors: ['https://a.example', 'https://b.example'], timingAllowOrigin: ['https://a.example'] }

const openSetting = async (server: Server, output: string): Promise<Omit<Setting, 'isStored'>> => {
  const site = await openEdgeSite(output, { serve: { fill: 'one', ...SHARED } })
  const serve = await startServe(site)
  const port = await freePort()
  const isNginx = server === 'nginx'
  const flags = [
    ...['--serve', serve.url, '--listen', isNginx ? `127.0.0.1:${port}` : `http://127.0.0.1:${port}`],
    ...['--cache', `${site.folder}/cache`],
  ]
  const { code, stdout, stderr } = await site.run('origin', server, ...flags)
  if (code !== 0) throw new Error(stderr)
  return { site, serve, front: await (isNginx ? startNginx : startCaddy)(stdout, port) }
}

describe.each(shapes)('%s before %s', (server, shape, open) => {
  let setting: Setting
  beforeAll(async () => {
    setting = await open(server)
  })
  afterAll(async () => {
    await setting?.front.stop()
    await setting?.serve.stop()
    setting?.site.remove()
  })

  const get = (path: string, init?: RequestInit): Promise<Response> =>
    fetch(`${setting.front.url}/pic/${path}`, init)

  it('answers what is stored without Node, whatever its name', async () => {
    for (const source of BUILT)
      for (const format of ['avif', 'webp'] as const) {
        const response = await get(pathOf(source, format))
        expect({ source, format, status: response.status }).toEqual({ source, format, status: 200 })
        expect(response.headers.get('content-type')).toBe(contentTypeOf(format))
        expect(response.headers.get('cache-control')).toContain('max-age=86400')
        expect(response.headers.get('x-content-type-options')).toBe('nosniff')
        expect([...response.headers.keys()].filter((name) => name.startsWith('x-amz'))).toEqual([])
        expect((await readBytes(response)).length).toBeGreaterThan(100)
      }
    expect(await setting.serve.asked()).toEqual([])
  })

  it('answers HEAD, parts and conditions of it, and has no use for a query', async () => {
    const path = pathOf('plain.jpg', 'webp')
    const whole = await get(path)
    const bytes = await readBytes(whole)
    const head = await get(`${path}?utm_source=a`, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)])
    const part = await get(`${path}?b`, { headers: { range: 'bytes=4-9' } })
    expect([part.status, await readBytes(part)]).toEqual([206, bytes.subarray(4, 10)])
    const again = await get(path, { headers: { 'if-none-match': whole.headers.get('etag') ?? '' } })
    expect(again.status).toBe(304)
    expect(await setting.serve.asked()).toEqual([])
  })

  it.each(['https://a.example', 'https://b.example', 'https://c.example', undefined])(
    'says who may read it, as serve does: %s',
    async (origin) => {
      const ask = async (base: string, ext: 'webp' | 'auto') => {
        const { headers } = await fetch(`${base}/pic/${pathOf('plain.jpg', ext)}`, {
          headers: { accept: 'image/webp', ...(origin !== undefined && { origin }) },
        })
        const vary = headers.get('vary')?.split(', ').toSorted()
        const allowed = headers.get('access-control-allow-origin')
        const exposed = allowed === null ? null : headers.get('access-control-expose-headers')
        return [vary, allowed, exposed, headers.get('timing-allow-origin')]
      }
      for (const ext of ['webp', 'auto'] as const)
        expect([ext, ...(await ask(setting.front.url, ext))]).toEqual([
          ext,
          ...(await ask(setting.serve.url, ext)),
        ])
    },
  )

  it.each(LATE)('has what is missing made once, and then needs nobody: %s', async (source) => {
    const path = pathOf(source, 'webp')
    const before = (await setting.serve.asked()).length
    const first = await get(`${path}?utm_source=a`)
    expect([first.status, first.headers.get('content-type')]).toEqual([200, 'image/webp'])
    const bytes = await readBytes(first)
    await expect.poll(() => setting.isStored(path)).toBe(true) // it answers first and stores then
    for (const query of ['', '?b', '?c']) expect(await readBytes(await get(path + query))).toEqual(bytes)
    expect((await setting.serve.asked()).slice(before)).toEqual([`/pic/${path}`])
  })

  it.each(BROWSERS)('resolves .auto by Accept: %s', async (accept, format) => {
    const before = (await setting.serve.asked()).length
    for (const source of ['plain.jpg', ODD_NAME]) {
      const response = await get(pathOf(source, 'auto'), { headers: { accept } })
      expect([response.status, response.headers.get('content-type')]).toEqual([200, contentTypeOf(format)])
      expect(response.headers.get('vary')).toContain('Accept')
      expect(response.headers.get('cache-control')).toBe('private, max-age=86400')
    }
    const png = await get(pathOf('logo.png', 'auto'), { headers: { accept } })
    expect(png.headers.get('content-type')).toBe(contentTypeOf(format === 'jpg' ? 'png' : format))
    expect((await setting.serve.asked()).slice(before)).toEqual([])
  })

  it('answers a drawing as the vector that it is, under .auto too, with word that nothing in it may run', async () => {
    const before = (await setting.serve.asked()).length
    const ask = async (source: string, ext: 'svg' | 'auto', accept: string) => {
      const response = await get(pathOf(source, ext, 'full.q80'), { headers: { accept } })
      expect([response.status, await response.text()]).toEqual([200, DRAWING])
      expect(response.headers.get('content-type')).toBe('image/svg+xml')
      expect(response.headers.get('content-security-policy')).toBe(VECTOR_POLICY)
      return response
    }
    for (const [accept] of BROWSERS) {
      await ask('Logo.SVG', 'svg', accept)
      const auto = await ask('Logo.SVG', 'auto', accept)
      expect(auto.headers.get('cache-control')).toBe('private, max-age=86400')
    }
    await ask('Logo.SVG', 'auto', 'image/avif;q=0.3,image/webp;q=0.7')
    expect((await setting.serve.asked()).slice(before)).toEqual([])
    await ask('late.svg', 'auto', '*/*')
    await ask('late.svg', 'svg', '*/*')
    // Its pixels are another picture.
    const pixels = await get(pathOf('Logo.SVG', 'auto', '16w.q80'), { headers: { accept: 'image/webp' } })
    expect(pixels.headers.get('content-type')).toBe('image/webp')
    expect(pixels.headers.get('content-security-policy') ?? '').not.toContain('img-src')
  })

  it('leaves .auto with weights, and of what is missing, to serve', async () => {
    const before = (await setting.serve.asked()).length
    const weighted = await get(pathOf('plain.jpg', 'auto'), {
      headers: { accept: 'image/avif;q=0.3,image/webp;q=0.7' },
    })
    const late = await get(pathOf('late.jpg', 'auto', '24w.q80'), { headers: { accept: 'image/avif' } })
    expect([weighted, late].map((each) => each.headers.get('content-type'))).toEqual([
      'image/webp',
      'image/avif',
    ])
    expect(late.headers.get('vary')).toContain('Accept')
    expect(late.headers.get('cache-control')).toBe('private, max-age=86400')
    expect((await setting.serve.asked()).length).toBe(before + 2)
  })

  it('denies .imgsizes/ however it is spelled, and anything that is no key', async () => {
    const before = (await setting.serve.asked()).length
    for (const path of [
      '/pic/.imgsizes/x.avif',
      '/pic/.imgsizes',
      '/pic//.imgsizes/x.avif',
      '/pic/%2eimgsizes/x.webp',
      '/pic/%2Fimgsizes/x.webp',
      '/pic/a/../.imgsizes/x.webp',
      `/pic/./${pathOf('plain.jpg', 'webp')}`,
      `/pic/x/../${pathOf('plain.jpg', 'webp')}`,
      `/pic/${pathOf('plain.jpg', 'webp').replace('/', '%2F')}`,
      '/pic/readme.txt',
    ])
      expect({ path, status: await rawStatus(setting.front, path) }).toEqual({ path, status: 404 })
    expect((await setting.serve.asked()).length).toBe(before)
  })

  it('passes on what serve refuses, keeps none of it, and takes no other method', async () => {
    const wrong = pathOf('plain.jpg', 'webp', '33w.q80').replace(/\.[^.]{16}\./, '.AAAAAAAAAAAAAAAA.')
    const gone = pathOf('nowhere.jpg', 'webp')
    for (const [path, status] of [
      [wrong, 403],
      [gone, 404],
    ] as const)
      for (let i = 0; i < 2; i++) {
        const before = (await setting.serve.asked()).length
        const response = await get(path)
        expect([response.status, response.headers.get('content-type')]).toEqual([
          status,
          'application/problem+json',
        ])
        expect((await setting.serve.asked()).length).toBe(before + 1)
      }
    for (const path of [pathOf('plain.jpg', 'webp'), pathOf('nowhere.jpg', 'jpg')]) {
      const post = await get(path, { method: 'POST', body: 'x' })
      expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
      const options = await get(path, { method: 'OPTIONS' })
      expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS'])
    }
  })

  it('shows nothing outside of where pictures are', async () => {
    const before = (await setting.serve.asked()).length
    for (const path of words('/ /index.html /pic /picture.jpg /other/a.jpg /.imgsizes/x //pic/x')) {
      const status = await rawStatus(setting.front, path)
      expect({ path, status }).toEqual({ path, status: 404 })
    }
    expect((await setting.serve.asked()).length).toBe(before)
  })

  it.runIf(server === 'nginx' && shape === 'a bucket')(
    'forgets what it keeps when its files are removed',
    async () => {
      const path = pathOf('plain.jpg', 'webp')
      const cacheFolder = join(setting.site.folder, 'cache')
      const lastStatus = () =>
        readAccessLog(setting.front)
          .at(-1)
          ?.replace(/^.*cache=(\S+).*$/, '$1')
      await get(path)
      // nginx writes its log after it has answered.
      await expect.poll(lastStatus).toBe('HIT')
      for (const name of readdirSync(cacheFolder)) rmSync(join(cacheFolder, name), { recursive: true })
      expect((await get(path)).status).toBe(200)
      await expect.poll(lastStatus).toBe('MISS')
    },
  )

  it('answers every hit when serve has stopped, and says cleanly what it cannot', async () => {
    await setting.serve.stop()
    const stored = [...BUILT, ...LATE].map((source) => pathOf(source, 'webp'))
    for (const path of stored) expect((await get(path)).status).toBe(200)
    const [[accept] = ['']] = BROWSERS
    expect((await get(pathOf('plain.jpg', 'auto'), { headers: { accept } })).status).toBe(200)
    await expectCleanError(await get(pathOf('late.jpg', 'webp', '20w.q80')))
  })

  it.runIf(shape === 'a bucket')(
    'gives clean errors when the bucket has stopped, and what it holds',
    async () => {
      const kept = pathOf('plain.jpg', 'webp')
      expect((await get(kept)).status).toBe(200)
      await setting.stopStore?.()
      // Caddy keeps nothing.
      if (server === 'nginx') expect((await get(kept)).status).toBe(200)
      await expectCleanError(await get(pathOf('plain.jpg', 'jpg', '16w.q80')))
    },
  )
})

const expectCleanError = async (response: Response): Promise<void> => {
  expect(response.status).toBe(502)
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(await response.json()).toMatchObject({ status: 502, code: 'unavailable' })
}

/** The status of a request line as it stands: `fetch` would tidy it. */
const rawStatus = (front: Front, path: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(front.url)
    request({ hostname, port, path, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })

const readBytes = async (response: Response): Promise<Uint8Array> =>
  new Uint8Array(await response.arrayBuffer())
