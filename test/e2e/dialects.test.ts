import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateImageUrl } from '@imgproxy/imgproxy-node'
import fc from 'fast-check'
import sharp from 'sharp'
import { beforeAll, describe, expect, test } from 'vitest'
import { makeFolder, writeConfig, writePicture } from '../cli/support.ts'
import { IMGPROXY, signImgproxy, signNginx } from '../support/foreign-urls.ts'
import { freePort } from '../support/front.ts'
import { installImageFilter, startImageFilter } from '../support/image-filter.ts'
import { anyAsk, type ImgproxyAsk, sizeByImgproxy, toOptions } from '../support/imgproxy-sizes.ts'
import { type ServeProcess, startServe } from '../support/serve-process.ts'

const SECRET = 'a site of long ago'

/** Names that a path cannot hold as they are, and sizes on either side of every box. */
const PICTURES = {
  'photo.jpg': [800, 600],
  'wide.png': [500, 120],
  'small.gif': [60, 90],
  'albums/summer/a b.jpg': [333, 251],
  'café.jpg': [301, 200],
  'a+b.jpg': [640, 427],
  '100%.jpg': [320, 240],
  'what?.jpg': [250, 333],
  'no#1.jpg': [400, 400],
} as const satisfies Record<string, readonly [number, number]>

const makeSite = async (): Promise<string> => {
  const folder = await makeFolder()
  for (const [name, [width, height]] of Object.entries(PICTURES))
    await writePicture(join(folder, 'photos', name), width, height)
  writeFileSync(join(folder, 'photos/bad.jpg'), 'no picture')
  await writeConfig(folder, {
    sizes: {},
    dialects: [
      { type: 'nginx', prefix: '/t/', secret: SECRET, arg: 'key', quality: 85 },
      { type: 'nginx', prefix: '/image/', secret: SECRET, arg: 'auth', mode: 'crop', quality: 75 },
      { type: 'nginx', prefix: '/turn/', unsigned: true, mode: 'rotate', degrees: 90 },
      { type: 'imgproxy', ...IMGPROXY },
    ],
  })
  return folder
}

const encode = (path: string): string => path.split('/').map(encodeURIComponent).join('/')

const signed = (uri: string, arg: string, secret = SECRET): string => signNginx(uri, secret, arg)

/** Fifty and more: every picture in every mode, and what must not be shown. */
const listRequests = (): readonly string[] => {
  const names = Object.keys(PICTURES)
  const boxes = ['300x200', '64x-', '-x48']
  return [
    ...names.flatMap((name) => boxes.map((box) => signed(`/t/${box}/${name}`, 'key'))),
    ...names.flatMap((name) => ['150x150', '300x50'].map((box) => signed(`/image/${box}/${name}`, 'auth'))),
    ...names.slice(0, 3).map((name) => `/turn/${encode(name)}`),
    signed('/t/1000x1000/photo.jpg', 'key'),
    signed('/t/300x200/photo.jpg', 'key', 'a wrong secret'),
    signed('/t/300x200/photo.jpg', 'auth'),
    encode('/t/300x200/photo.jpg'),
    signed('/t/300x200/none.jpg', 'key'),
    signed('/t/300x200/bad.jpg', 'key'),
    signed('/image/300x200/photo.jpg', 'key'),
  ]
}

const look = async (url: string): Promise<{ readonly status: number; readonly size: readonly number[] }> => {
  // One request a connection: nginx closes those of some errors, just when the next request may be on its way.
  const response = await fetch(url, { headers: { connection: 'close' } })
  const bytes = new Uint8Array(await response.arrayBuffer())
  const { width = 0, height = 0 } = response.ok ? await sharp(bytes).metadata() : {}
  return { status: Math.floor(response.status / 100), size: [width, height] }
}

describe("nginx's image_filter beside serve", () => {
  beforeAll(installImageFilter, 120_000)

  test('answers the same to the same requests', async () => {
    const folder = await makeSite()
    const requests = listRequests()
    expect(requests.length).toBeGreaterThanOrEqual(50)
    const port = await freePort()
    const nginx = await startImageFilter({ folder, originals: join(folder, 'photos'), port, secret: SECRET })
    const serve = await startServe({ cwd: folder })
    try {
      for (const request of requests) {
        const theirs = await look(`http://127.0.0.1:${port}${request}`)
        const ours = await look(`http://127.0.0.1:${serve.port}${request}`)
        expect(ours.status, request).toBe(theirs.status)
        for (const i of [0, 1])
          expect(Math.abs((ours.size[i] ?? 0) - (theirs.size[i] ?? 0)), request).toBeLessThanOrEqual(1)
      }
    } finally {
      await nginx.stop()
    }
  })
})

test("URLs of imgproxy's own client are answered", async () => {
  const serve: ServeProcess = await startServe({ cwd: await makeSite() })
  const ask = (url: Parameters<typeof generateImageUrl>[0]['url'], options: object) =>
    look(generateImageUrl({ endpoint: `http://127.0.0.1:${serve.port}`, url, options, ...IMGPROXY }))
  const plain = { value: 'local:///wide.png', displayAs: 'plain' } as const
  expect(await ask('local:///photo.jpg', { resizing_type: 'fill', width: 300, height: 200 })).toEqual({
    status: 2,
    size: [300, 200],
  })
  expect(await ask('local:///photo.jpg', { size: { width: 100 }, dpr: 2, format: 'webp' })).toEqual({
    status: 2,
    size: [200, 150],
  })
  const rest = {
    crop: { width: 100, height: 60, gravity: { type: 'noea' } },
    rotate: 90,
    padding: { top: 5 },
  }
  expect(await ask(plain, { ...rest, blur: 2, background: 'ffffff', quality: 70 })).toEqual({
    status: 2,
    size: [110, 70],
  })
  const resize = { resizing_type: 'fit', width: 300, height: 300, enlarge: true, extend: { extend: true } }
  expect(await ask(plain, { resize, format: 'jpg', cache_buster: 'abc' })).toEqual({
    status: 2,
    size: [300, 300],
  })
  expect(await ask('local:///none.jpg', { width: 5 })).toMatchObject({ status: 4 })
})

test('pictures have the sizes that imgproxy gives them', async () => {
  const serve = await startServe({ cwd: await makeSite() })
  const ask = async (how: ImgproxyAsk, name: keyof typeof PICTURES): Promise<void> => {
    const rest = `/${toOptions(how)}/plain/local:///${name}@png`
    const { status, size } = await look(`http://127.0.0.1:${serve.port}${signImgproxy(rest)}`)
    if (status === 4) return // no key can say it, or it is too large
    const [width, height] = PICTURES[name]
    const wanted = sizeByImgproxy(how, { width, height, isVector: false })
    const off = wanted.map((side, i) => Math.abs(side - (size[i] ?? 0)))
    expect({ rest, wanted, size, isNear: Math.max(...off) <= 1 }).toMatchObject({ isNear: true })
    answered++
  }
  let answered = 0
  const names = ['photo.jpg', 'wide.png', 'a+b.jpg'] as const
  const asks = fc.sample(
    anyAsk.filter(({ width, height }) => Math.max(width, height) < 1_000),
    { numRuns: 120, seed: 14 },
  )
  for (const [i, how] of asks.entries()) await ask(how, names[i % names.length] ?? 'photo.jpg')
  expect(answered).toBeGreaterThan(40)
})
