import { createHmac } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Check } from '../../src/app/doctor/check.ts'
import { openEdgeSite, pathOf } from '../support/edge-site.ts'
import { type Front, freePort, type Serve, startCaddy, startNginx, startServe } from '../support/front.ts'
import { createBucket, s3Endpoint } from '../support/s3.ts'
import { SECRET, type Site } from '../support/site.ts'

/** Links that end, behind what `imgsizes origin` prints: what is stored is answered for as long as its link lives. */

const linkOf = (path: string, expires = Math.floor(Date.now() / 1000) + 600): string => {
  const text = `expires\n${expires}\n${decodeURIComponent(path)}`
  const token = createHmac('sha256', SECRET).update(text).digest('base64url').slice(0, 22)
  return `${path}?expires=${expires}&token=${token}`
}

/** A cache that a careless http block has for everybody. */
const CARELESS = (folder: string): string =>
  [
    `proxy_cache_path ${folder}/careless keys_zone=careless:1m;`,
    'proxy_cache careless; proxy_cache_key $uri; proxy_cache_valid any 1h;',
    'proxy_ignore_headers Cache-Control Expires Set-Cookie Vary;\n',
  ].join('\n')

describe.each(['nginx', 'caddy'] as const)('%s before links that end', (server) => {
  let site: Site
  let serve: Serve
  let front: Front
  beforeAll(async () => {
    site = await openEdgeSite('./out', { serve: { fill: 'one', expiring: true } })
    serve = await startServe(site)
    const port = await freePort()
    const isNginx = server === 'nginx'
    const listen = isNginx ? `127.0.0.1:${port}` : `http://127.0.0.1:${port}`
    const { code, stdout, stderr } = await site.run(
      'origin',
      server,
      '--serve',
      serve.url,
      '--listen',
      listen,
    )
    if (code !== 0) throw new Error(stderr)
    front = isNginx ? await startNginx(CARELESS(site.folder) + stdout, port) : await startCaddy(stdout, port)
  })
  afterAll(async () => {
    await front?.stop()
    await serve?.stop()
    site?.remove()
  })

  const get = (path: string, init?: RequestInit): Promise<Response> => fetch(`${front.url}/pic/${path}`, init)

  it('answers what is stored with a link and not without one, over and over', async () => {
    const path = pathOf('plain.jpg', 'webp')
    expect(existsSync(join(site.folder, 'out', path))).toBe(true)
    const before = (await serve.asked()).length
    for (let i = 0; i < 2; i++) {
      const answer = await get(linkOf(path))
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/webp'])
      expect(answer.headers.get('cache-control')).toMatch(/^private, max-age=(?:600|59[0-9])$/)
      await answer.arrayBuffer()
      for (const wrong of [
        path,
        `${path}?expires=9999999999`,
        linkOf(path, 1),
        `${linkOf(path)}0`,
        `${linkOf(path)}&a`,
      ]) {
        const refused = await get(wrong)
        expect([wrong, refused.status]).toEqual([wrong, 403])
        await refused.arrayBuffer()
      }
    }
    expect((await serve.asked()).length - before).toBe(12)
  })

  it('ends with the link', async () => {
    const path = pathOf('logo.png', 'webp')
    const statusOf = async (link: string) => (await get(link)).status
    // As long as a busy machine needs to ask before it ends.
    const open = async (seconds: number): Promise<string> => {
      const link = linkOf(path, Math.floor(Date.now() / 1000) + seconds)
      return (await statusOf(link)) === 200 ? link : open(seconds * 2)
    }
    const link = await open(2)
    await expect.poll(() => statusOf(link)).toBe(403)
  })

  it.each([
    ['image/avif,image/*;q=0.8', 'image/avif'],
    ['image/webp,image/*;q=0.8', 'image/webp'],
  ])('leaves .auto to serve, whose link it is: %s', async (accept, type) => {
    const answer = await get(linkOf(pathOf('plain.jpg', 'auto')), { headers: { accept } })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, type])
    expect(answer.headers.get('cache-control')).toMatch(/^private/)
    expect((await get(pathOf('plain.jpg', 'auto'), { headers: { accept } })).status).toBe(403)
  })

  it('answers what imgsizes url --expires prints, names with odd characters too', async () => {
    const { stdout } = await site.run('url', 'o dd/a+b%c?d#e&f;g é[h]~*!.jpg', '--expires', '1h')
    const links = stdout.trim().split('\n')
    expect(links.length).toBeGreaterThan(3)
    for (const link of links) {
      const answer = await fetch(link.replace('https://img.example.com', front.url))
      expect([link, answer.status]).toEqual([link, 200])
      await answer.arrayBuffer()
    }
  })

  it('shows nothing private, takes no other method, and is silent about what serve cannot say', async () => {
    expect((await get('.imgsizes/x.webp')).status).toBe(404)
    expect((await get(linkOf(pathOf('plain.jpg', 'webp')), { method: 'POST' })).status).toBe(405)
    const report = JSON.parse((await site.run('doctor', '--json', '--url', `${front.url}/pic/`)).stdout)
    const found = (report.checks as Check[]).filter(({ part }) => part === 'base URL')
    expect(found.filter(({ status }) => status === 'failed')).toEqual([])
    expect(found.map(({ name, status }) => `${name} ${status}`)).toContain('without a link ok')
    await serve.stop()
    const down = await get(linkOf(pathOf('plain.jpg', 'webp')))
    expect([down.status, down.headers.get('cache-control')]).toEqual([502, 'no-store'])
  })
})

describe('doctor, of links that end', () => {
  it('complains of a bucket that everybody may read, and of a server that reads past serve', async () => {
    const bucket = await createBucket('closed')
    const query = `endpoint=${s3Endpoint()}&region=us-east-1&forcePathStyle=true&acl=public-read`
    const site = await openEdgeSite(`s3://${bucket}/out?${query}`, { serve: { expiring: true } })
    try {
      const check = async (...args: readonly string[]): Promise<readonly string[]> => {
        const { stdout } = await site.run('doctor', '--json', ...args)
        const { checks } = JSON.parse(stdout) as { checks: Check[] }
        return checks.map(({ part, name, status }) => `${part}: ${name} ${status}`)
      }
      const open = await check('--url', `${s3Endpoint()}/${bucket}/out/`)
      expect(open).toContain('output: closed to strangers failed')
      expect(open).toContain('base URL: without a link failed')
      const config = JSON.parse(readFileSync(join(site.folder, 'imgsizes.config.json'), 'utf8'))
      const output = config.output.replace('&acl=public-read', '')
      site.write('imgsizes.config.json', JSON.stringify({ ...config, output }))
      expect((await site.run('build', '--force', '--quiet')).code).toBe(0)
      expect(await check('--url', `${s3Endpoint()}/${bucket}/out/`)).toContain(
        'output: closed to strangers ok',
      )
    } finally {
      site.remove()
    }
  })
})
