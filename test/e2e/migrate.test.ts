import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import sharp from 'sharp'
import { beforeAll, describe, expect, test } from 'vitest'
import { makeFolder, run, writePicture, writeText } from '../cli/support.ts'
import { secureLink, signNginx } from '../support/foreign-urls.ts'
import { freePort } from '../support/front.ts'
import { installImageFilter, startImageFilter } from '../support/image-filter.ts'
import { startServe } from '../support/serve-process.ts'
import { words } from '../support/words.ts'

/** What `imgsizes migrate` prints, as it is, answers what the old server answered. */

const SECRET = 'a site of long ago'
const OWN_SECRET = 'correct-horse-battery-staple'

const PICTURES = { 'photo.jpg': [800, 600], 'albums/a b.jpg': [333, 251], 'wide.png': [500, 120] } as const

const makeSite = async (): Promise<string> => {
  const folder = await makeFolder()
  for (const [name, [width, height]] of Object.entries(PICTURES))
    await writePicture(join(folder, 'photos', name), width, height)
  await writeText(join(folder, '.env'), `IMGSIZES_SECRET=${OWN_SECRET}\n`)
  return folder
}

/** A connection for each request: after a 415 of image_filter nginx ends the one that it said it would keep. */
const look = async (url: string): Promise<{ readonly status: number; readonly size: readonly number[] }> => {
  const response = await fetch(url, { headers: { connection: 'close' } })
  const bytes = new Uint8Array(await response.arrayBuffer())
  const { width = 0, height = 0 } = response.ok ? await sharp(bytes).metadata() : {}
  return { status: response.status, size: [width, height] }
}

/** Migrates, and has `plan` load what was printed. */
const migrate = async (folder: string, ...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await run(['migrate', ...args], { cwd: folder })
  expect([code, stderr.includes('To be put right')], stderr).toEqual([0, false])
  await writeText(join(folder, 'imgsizes.config.ts'), stdout)
  const plan = await run(['plan', '--json'], { cwd: folder })
  expect([plan.code, plan.stderr]).toEqual([0, ''])
  return stderr
}

describe('a migrated nginx', () => {
  beforeAll(installImageFilter, 120_000)

  const signed = (uri: string, arg: string, secret = SECRET): string => signNginx(uri, secret, arg)

  test('answers as the nginx whose configuration it was', async () => {
    const folder = await makeSite()
    const port = await freePort()
    const nginx = await startImageFilter({ folder, originals: join(folder, 'photos'), port, secret: SECRET })
    try {
      const notes = await migrate(folder, 'nginx/nginx.conf')
      const [first, ...rest] = notes.trim().split('\n')
      expect([first, rest[0]]).toEqual([
        expect.stringContaining('no secure_link'),
        expect.stringMatching(/^Next: /),
      ])
      const serve = await startServe({ cwd: folder })
      for (const request of [
        ...Object.keys(PICTURES).flatMap((name) => [
          signed(`/t/300x200/${name}`, 'key'),
          signed(`/t/-x100/${name}`, 'key'),
          signed(`/image/150x50/${name}`, 'auth'),
          `/turn/${encodeURI(name)}`,
        ]),
        signed('/t/300x200/photo.jpg', 'key', 'another'),
        signed('/t/300x200/none.jpg', 'key'),
        '/image/150x50/photo.jpg',
      ]) {
        const theirs = await look(`http://127.0.0.1:${port}${request}`)
        const ours = await look(`http://127.0.0.1:${serve.port}${request}`)
        expect([request, Math.floor(ours.status / 100)]).toEqual([request, Math.floor(theirs.status / 100)])
        for (const i of [0, 1])
          expect(Math.abs((ours.size[i] ?? 0) - (theirs.size[i] ?? 0)), request).toBeLessThanOrEqual(1)
      }
    } finally {
      await nginx.stop()
    }
  })

  test('with includes, variables, and signatures checked in front', async () => {
    const folder = await makeSite()
    await writeText(join(folder, 'nginx.conf'), 'http { include mime.types; include sites/*.conf; }')
    await writeText(
      join(folder, 'sites/img.conf'),
      `map $http_accept $webp { default ""; }
       server {
         listen 80; set $pepper "${SECRET}"; set $photos ${folder}/photos;
         location /image/ {
           secure_link $arg_auth; secure_link_md5 "$uri $pepper"; if ($secure_link = "") { return 404; }
           proxy_cache c; proxy_cache_valid 200 30d; proxy_pass http://127.0.0.1:81;
         }
       }
       server {
         listen 127.0.0.1:81; set $photos ${folder}/photos;
         location ~ "^/image/(?<width>\\d{1,4})x(?<height>\\d{1,4})/(?<path>.+\\.(?:jpe?g|png))$" {
           alias $photos/$path; image_filter crop $width $height; expires 30d;
         }
       }`,
    )
    await migrate(folder, 'nginx.conf')
    const serve = await startServe({ cwd: folder })
    const base = `http://127.0.0.1:${serve.port}`
    expect(await look(base + signed('/image/120x90/albums/a b.jpg', 'auth'))).toEqual({
      status: 200,
      size: [120, 90],
    })
    const response = await fetch(base + signed('/image/120x90/photo.jpg', 'auth'))
    expect(response.headers.get('cache-control')).toBe('public, max-age=2592000')
    expect((await look(`${base}/image/120x90/photo.jpg`)).status).toBe(404)
  })
})

test('a migrated imgproxy answers the URLs that were signed for it', async () => {
  const folder = await makeSite()
  await writeText(join(folder, 'presets.conf'), '# ours\nthumb=rs:fill:150:100/g:sm\n')
  await writeText(
    join(folder, 'imgproxy.env'),
    `IMGPROXY_KEY=aabb,736563726574
     IMGPROXY_SALT=ccdd,68656C6C6F
     IMGPROXY_SIGNATURE_SIZE=16
     IMGPROXY_PATH_PREFIX=/img
     IMGPROXY_BASE_URL=local:///albums/
     IMGPROXY_LOCAL_FILESYSTEM_ROOT=${folder}/photos
     IMGPROXY_PRESETS=default=rt:fit
     IMGPROXY_PRESETS_PATH=presets.conf
     IMGPROXY_AUTO_WEBP=true
     IMGPROXY_ENABLE_AVIF_DETECTION=true
     IMGPROXY_QUALITY=82
     IMGPROXY_FORMAT_QUALITY=jpeg=70,avif=50
     IMGPROXY_MAX_SRC_RESOLUTION=50
     IMGPROXY_TTL=3600
     IMGPROXY_WORKERS=2`.replace(/^ +/gm, ''),
  )
  const notes = await migrate(folder, '--imgproxy-env', 'imgproxy.env')
  expect(notes).toContain(
    'IMGPROXY_WORKERS is not carried over; it corresponds to imgsizes serve --concurrency',
  )
  const serve = await startServe({ cwd: folder })
  const ask = (rest: string, [key, salt] = ['736563726574', '68656C6C6F'], init: RequestInit = {}) => {
    const mac = createHmac('sha256', Buffer.from(key ?? '', 'hex'))
      .update(Buffer.from(salt ?? '', 'hex'))
      .update(rest)
    const signature = mac.digest().subarray(0, 16).toString('base64url')
    return fetch(`http://127.0.0.1:${serve.port}/img/${signature}${rest}`, init)
  }
  const sizeOf = async (answer: Promise<Response>): Promise<readonly (number | undefined)[]> => {
    const response = await answer
    if (!response.ok) return [response.status]
    const { width, height } = await sharp(new Uint8Array(await response.arrayBuffer())).metadata()
    return [response.status, width, height]
  }
  expect(await sizeOf(ask('/pr:thumb/plain/a%20b.jpg@png'))).toEqual([200, 150, 100])
  // What has the base URL already gets it only once.
  expect(await sizeOf(ask('/rs:fit:100:100/plain/local:///albums/a%20b.jpg'))).toEqual([200, 100, 75])
  const base64 = Buffer.from('a b.jpg').toString('base64url')
  expect(await sizeOf(ask(`/w:50/${base64}.jpg`, ['aabb', 'ccdd']))).toEqual([200, 50, 38])
  const answer = await ask('/w:60/plain/a%20b.jpg', undefined, {
    headers: { accept: 'image/avif,image/webp' },
  })
  expect([answer.headers.get('content-type'), answer.headers.get('vary')]).toEqual(['image/avif', 'Accept'])
  expect(await sizeOf(ask('/w:50/plain/a%20b.jpg', ['aabb', '68656C6C6F']))).toEqual([403])
  expect(await sizeOf(ask('/raw:1/plain/a%20b.jpg'))).toEqual([404])
})

describe('as the guides for migration say', () => {
  const open = async (config: object) => {
    const folder = await makeSite()
    await writeText(join(folder, 'photos/bad.jpg'), 'no picture')
    await writeText(
      join(folder, 'imgsizes.config.json'),
      JSON.stringify({
        source: './photos',
        output: './img',
        secret: OWN_SECRET,
        serve: { fill: 'one' },
        ...config,
      }),
    )
    await run(['build', '--quiet', '--only', '*.{jpg,png}'], { cwd: folder })
    const serve = await startServe({ cwd: folder })
    const base = `http://127.0.0.1:${serve.port}`
    /** How serve came to its answer, from its log. */
    const outcomeOf = async (path: string, init?: RequestInit): Promise<string> => {
      const before = serve.stderr().length
      await (await fetch(base + path, init)).arrayBuffer()
      await expect.poll(() => serve.stderr().slice(before)).toContain('"msg":"request"')
      const line = serve
        .stderr()
        .slice(before)
        .split('\n')
        .findLast((each) => each.includes('"msg":"request"'))
      const { outcome, status } = JSON.parse(line ?? '{}')
      return `${outcome} ${status}`
    }
    return { outcomeOf }
  }

  const key = (uri: string): string => secureLink(uri, SECRET)

  test("what a size says, is a hit under nginx's URL, and the differences are as told", async () => {
    const { outcomeOf } = await open({
      formats: ['original'],
      quality: 75,
      sizes: {
        box: { width: 300, height: 200, fit: 'inside', quality: 85 },
        high: { height: 100, quality: 85 },
        cut: { width: 150, height: 50, fit: 'cover' },
        turned: { full: true, rotate: 270 },
      },
      dialects: [
        { type: 'nginx', prefix: '/t/', secret: SECRET, quality: 85 },
        { type: 'nginx', prefix: '/image/', secret: SECRET, mode: 'crop' },
        { type: 'nginx', prefix: '/turn/', unsigned: true, mode: 'rotate', degrees: 90 },
      ],
    })
    for (const uri of ['/t/300x200/photo.jpg', '/t/-x100/wide.png', '/image/150x50/photo.jpg'])
      expect([uri, await outcomeOf(`${uri}?key=${key(uri)}`)]).toEqual([uri, 'hit 200'])
    expect(await outcomeOf('/turn/photo.jpg')).toBe('hit 200')
    const uri = '/t/300x200/photo.jpg'
    expect(await outcomeOf(`${uri}?utm=1&key=${key(uri)}&more`)).toBe('hit 200')
    expect(await outcomeOf(`${uri}?key=${key(uri)}`, { method: 'HEAD' })).toBe('hit 200')
    expect(await outcomeOf(`${uri}?key=${key(uri)}`, { method: 'POST' })).toBe('refused 405')
    for (const wrong of [`${key(uri)},12`, `${key(uri)}==`, ''])
      expect([wrong, await outcomeOf(`${uri}?key=${wrong}`)]).toEqual([wrong, 'refused 404'])
    for (const [path, status] of [
      ['/t/300x200/none.jpg', 404],
      ['/t/300x200/bad.jpg', 422],
    ] as const)
      expect(await outcomeOf(`${path}?key=${key(path)}`)).toBe(`refused ${status}`)
  })

  test("what a size says, is a hit under imgproxy's URL, by Accept too", async () => {
    const { outcomeOf } = await open({
      formats: ['avif', 'webp', 'original'],
      encoders: { avif: { effort: 0 } },
      sizes: {
        fit: { width: 100, height: 90, fit: 'inside' },
        fill: { width: 150, height: 100, fit: 'cover', position: 'attention' },
        wide: { width: 64 },
        auto: { width: 60, height: 50, fit: 'auto' },
        down: { width: 61, height: 50, fit: 'down' },
        force: { width: 62, height: 50, fit: 'stretch' },
        stretched: { width: 64, height: 50, fit: 'fill' },
        dense: { width: 40, height: 30, densities: [1, 2] },
        grown: { width: 63, height: 50, fit: 'cover', enlarge: true },
        small: { full: true, quality: 50 },
      },
      dialects: [{ type: 'imgproxy', unsigned: true, autoFormat: ['avif', 'webp'] }],
    })
    for (const options of words(`
      rs:fit:100:90 rs:fill:150:100/g:sm w:64 rs:auto:60:50 rs:fill-down:61:50 rs:force:62:50
      rs:force:64:50 rs:fill:40:30/dpr:2 rs:fill:63:50:1 q:50
    `))
      for (const accept of ['image/avif,image/webp', 'image/webp', '*/*']) {
        const outcome = await outcomeOf(`/_/${options}/plain/local:///photo.jpg`, { headers: { accept } })
        expect([options, accept, outcome]).toEqual([options, accept, 'hit 200'])
      }
    expect(await outcomeOf('/_/w:64/plain/local:///photo.jpg@webp')).toBe('hit 200')
    expect(await outcomeOf('/_/w:64/cb:7/fn:a/sm:0/att:1/plain/local:///photo.jpg@webp')).toBe('hit 200')
  })
})
