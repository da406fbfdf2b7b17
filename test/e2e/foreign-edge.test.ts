import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BUILT, openEdgeSite, pathOf } from '../support/edge-site.ts'
import { IMGPROXY, signImgproxy, signNginx } from '../support/foreign-urls.ts'
import { type Front, freePort, type Serve, startCaddy, startNginx, startServe } from '../support/front.ts'
import { createBucket, s3Endpoint } from '../support/s3.ts'
import type { Site } from '../support/site.ts'

/**
 * A site that has the URLs of other image servers, too: what `imgsizes origin` prints for it lets those through as they
 * came, and answers ours out of the store.
 */

const SECRET = 'a-secret-of-nginx'
const PROBLEM = 'application/problem+json'

const nginxUrl = (uri: string): string => signNginx(uri, SECRET)

const openBucket = async (): Promise<string> =>
  `s3://${await createBucket('old')}/x?endpoint=${s3Endpoint()}&region=us-east-1&forcePathStyle=true&acl=public-read`

const shapes = [
  ['nginx', 'a folder', async () => './out'],
  ['nginx', 'a bucket', openBucket],
  ['caddy', 'a folder', async () => './out'],
  ['caddy', 'a bucket', openBucket],
] as const

describe.each(shapes)('%s before %s of a site with old URLs', (server, _, place) => {
  let site: Site
  let serve: Serve
  let front: Front
  beforeAll(async () => {
    site = await openEdgeSite(await place(), {
      baseUrl: 'https://img.example.com/',
      dialects: [
        { type: 'nginx', prefix: '/t/', secret: SECRET },
        { type: 'imgproxy', prefix: '/', ...IMGPROXY, autoFormat: ['webp'] },
      ],
    })
    serve = await startServe(site)
    const port = await freePort()
    const listen = server === 'nginx' ? `127.0.0.1:${port}` : `http://127.0.0.1:${port}`
    const flags = ['--serve', serve.url, '--listen', listen, '--cache', `${site.folder}/cache`]
    const { code, stdout, stderr } = await site.run('origin', server, ...flags)
    if (code !== 0) throw new Error(stderr)
    front = await (server === 'nginx' ? startNginx : startCaddy)(stdout, port)
  })
  afterAll(async () => {
    await front?.stop()
    await serve?.stop()
    site?.remove()
  })

  const ask = async (path: string, accept = 'image/*') => {
    const response = await fetch(front.url + path, { headers: { accept } })
    await response.arrayBuffer()
    return [response.status, response.headers.get('content-type')]
  }

  it('answers ours out of the store', async () => {
    const before = await serve.asked()
    for (const source of BUILT) expect(await ask(`/${pathOf(source, 'webp')}`)).toEqual([200, 'image/webp'])
    expect(await serve.asked()).toEqual(before)
  })

  it("lets nginx's through with their signatures, and refuses the others", async () => {
    expect(await ask(nginxUrl('/t/20x20/plain.jpg'))).toEqual([200, 'image/jpeg'])
    expect(await ask('/t/20x20/plain.jpg?key=AAAAAAAAAAAAAAAAAAAAAA')).toEqual([404, PROBLEM])
    expect(await ask('/t/20x20/plain.jpg')).toEqual([404, PROBLEM])
  })

  it("lets imgproxy's through as they came, whatever slashes they hold", async () => {
    const [plain, escaped] = ['local:///plain.jpg@png', 'local%3A%2F%2F%2Fplain.jpg@png']
    for (const source of [plain, escaped])
      expect(await ask(signImgproxy(`/w:10/plain/${source}`))).toEqual([200, 'image/png'])
    const packed = Buffer.from('local:///plain.jpg').toString('base64url')
    expect(await ask(signImgproxy(`/w:11/${packed}.png`))).toEqual([200, 'image/png'])
    expect(await ask(`/unsafe/w:10/plain/${plain}`)).toEqual([403, PROBLEM])
  })

  it('keeps no answer that depends on Accept for anybody else', async () => {
    const url = signImgproxy('/w:12/plain/local:///plain.jpg')
    expect(await ask(url, 'image/webp')).toEqual([200, 'image/webp'])
    expect(await ask(url, 'image/png')).toEqual([200, 'image/jpeg'])
    expect(await ask(url, 'image/webp')).toEqual([200, 'image/webp'])
  })

  it('shows nothing private all the same', async () => {
    for (const path of ['/.imgsizes/ledger/x', '/t/../.imgsizes/x'])
      expect((await ask(path))[0]).toBeGreaterThanOrEqual(400)
  })
})
