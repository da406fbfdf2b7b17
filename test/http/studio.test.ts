import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile, rename } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { InventoryLine, PictureView, Prediction, Setup, Totals } from '../../src/app/studio/protocol.ts'
import type { Studio } from '../../src/app/studio/studio.ts'
import { loadConfig } from '../../src/config/load.ts'
import { listenStudio, type StudioServer } from '../../src/http/studio/listen.ts'
import { openProject, type Project } from '../../src/wire/project.ts'
import { openStudio } from '../../src/wire/studio.ts'
import { CONFIG, writePicture, writeText } from '../cli/support.ts'
import { makeSharedFolder } from '../support/folder.ts'
import { words } from '../support/words.ts'

/** The server of the studio on a real project, as it answers a program. */

const TOKEN = 'token-of-the-test'
/** As phones mark a face. */
const FACE = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#">
<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Bag><rdf:li><rdf:Description mwg-rs:Type="Face" mwg-rs:Name="A &amp; B">
<mwg-rs:Area stArea:x="0.25" stArea:y="0.4" stArea:w="0.1" stArea:h="0.2" stArea:unit="normalized"/></rdf:Description></rdf:li></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>
</rdf:Description></rdf:RDF></x:xmpmeta>`
const files = { script: 'export {}', style: '' }
const framed = { width: 20, height: 20, fit: 'contain', position: 'top', match: 'none/**' }
const sizes = { ...CONFIG.sizes, framed }
const stop = new AbortController()
const closing: (() => Promise<unknown>)[] = []

/** Looks that somebody has asked for. */
interface Looking {
  readonly work: Promise<unknown>
  readonly signal: AbortSignal
}
let onLooking = (_: Looking): void => {}
const folder = makeSharedFolder()
let server: StudioServer
let project: Project

beforeAll(async () => {
  await writeText(
    join(folder, 'imgsizes.config.json'),
    JSON.stringify({ ...CONFIG, sizes, overrides: './pictures.json' }),
  )
  await writeText(join(folder, 'pictures.json'), '{}\n')
  await writePicture(join(folder, 'photos/a.jpg'))
  await writePicture(join(folder, 'photos/cards/b.png'))
  await writePicture(join(folder, 'photos/large.png'), 1500, 1000)
  await sharp({ create: { width: 64, height: 48, channels: 3, background: '#888' } })
    .withXmp(FACE)
    .toFile(join(folder, 'photos/face.jpg'))
  await writeText(join(folder, 'photos/no.jpg'), 'no picture')
  const config = await loadConfig({ cwd: folder })
  const tell = (): void => {}
  project = await openProject(config, { now: Date.now, newId: randomUUID, programVersion: '0', tell })
  closing.unshift(() => project.close())
  const bounds = { threads: 1, memoryBytes: 200_000_000 }
  const opened = await openStudio(project, { bounds, tell, stop: stop.signal })
  closing.unshift(opened.close)
  const studio: Studio = {
    ...opened.studio,
    looks: (source, outputs, signal) => {
      const work = opened.studio.looks(source, outputs, signal)
      onLooking({ work, signal })
      return work
    },
  }
  server = await listenStudio({ studio, port: 0, token: TOKEN, files, onBug: () => {} })
  closing.unshift(server.close)
})

afterAll(async () => {
  stop.abort()
  for (const close of closing) await close()
})

interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: Buffer
}

const ask = (
  path: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: Readonly<Record<string, string>>; body?: string } = {},
): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: server.port,
        path,
        method,
        headers: { 'x-imgsizes-token': TOKEN, ...headers },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        )
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })

const askJson = async <T>(path: string): Promise<T> => JSON.parse(String((await ask(path)).body)) as T

describe('the server of the studio', () => {
  it('opens by its URL, with nothing from elsewhere allowed', async () => {
    const url = new URL(server.url)
    const page = await ask(`${url.pathname}${url.search}`, { headers: { 'x-imgsizes-token': '' } })
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
    const policy = String(page.headers['content-security-policy'])
    expect(policy).toMatch(/^default-src 'none'/)
    expect(policy).not.toMatch(/\*|https?:|unsafe/)
    expect(page.headers).toMatchObject({
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
    })
    expect(page.headers).not.toHaveProperty('access-control-allow-origin')
    for (const [, src = ''] of String(page.body).matchAll(/(?:src|href)="([^"]+)"/g))
      if (!src.startsWith('data:'))
        expect((await ask(src, { headers: { 'x-imgsizes-token': '' } })).status).toBe(200)
  })

  it.each([
    ['/', {}, 403],
    ['/api/setup', { host: 'evil.example' }, 421],
    ['/api/setup', { 'sec-fetch-site': 'cross-site' }, 403],
    ['/studio.js', {}, 403],
  ])('refuses %s with %o', async (path, headers, status) => {
    const answer = await ask(path, { headers: { 'x-imgsizes-token': '', ...headers } })
    expect(answer.status).toBe(status)
    expect(String(answer.body)).not.toContain(TOKEN)
  })

  it.each(
    words(`
    /api/../../package.json /..%2f..%2fetc/passwd //etc/passwd /studio.js/x /constructor /api/__proto__
    /imgsizes.config.json
  `),
  )('has nothing at %s', async (path) => {
    expect((await ask(path)).status).toBe(404)
  })

  it.each(['../imgsizes.config.json', '/etc/passwd', 'a.jpg/../../imgsizes.config.json', '.imgsizes/x', ''])(
    'takes %s for no picture',
    async (source) => {
      const query = new URLSearchParams({ source })
      for (const name of ['picture', 'thumb']) expect((await ask(`/api/${name}?${query}`)).status).toBe(400)
    },
  )

  it('tells of a picture that is not there', async () => {
    expect((await ask('/api/picture?source=gone.jpg')).status).toBe(404)
  })

  it('has points set of the sizes that heed them', async () => {
    const { sizes } = await askJson<Setup>('/api/setup')
    expect(sizes.flatMap(({ name, isCropped }) => (isCropped ? [name] : []))).toEqual(['card'])
  })

  it('writes an override of a picture, and nothing of one that is gone', async () => {
    const write = async (source: string, body: string) => {
      const headers = { origin: `http://127.0.0.1:${server.port}`, 'content-type': 'application/json' }
      const { status } = await ask(`/api/override?source=${source}`, { method: 'PUT', headers, body })
      return [status, await readFile(join(folder, 'pictures.json'), 'utf8')]
    }
    const written = '{\n  "a.jpg": {\n    "alt": "A"\n  }\n}\n'
    expect(await write('a.jpg', '{"alt":"A"}')).toEqual([200, written])
    expect(await write('gone.jpg', '{"alt":"A"}')).toEqual([404, written])
    expect(await write('a.jpg', '{"alt":null}')).toEqual([200, '{}\n'])
  })

  it('refuses a body that is too large, and one that is no JSON', async () => {
    const headers = { 'content-type': 'application/json', origin: `http://127.0.0.1:${server.port}` }
    const post = (body: string) => ask('/api/refresh', { method: 'POST', headers, body })
    expect((await post(JSON.stringify('x'.repeat(70_000)))).status).toBe(413)
    expect((await post('{')).status).toBe(400)
    expect((await post('{}')).status).toBe(200)
  })

  it('tells all pictures, what a plan says of them, and what they come to', async () => {
    const { body } = await ask('/api/inventory')
    const lines = String(body)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as InventoryLine)
    const names = lines.flatMap((line) => (line.kind === 'sources' ? line.names : []))
    expect(names).toEqual(['a.jpg', 'cards/b.png', 'face.jpg', 'large.png', 'no.jpg'])
    expect(lines.at(-1)).toMatchObject({ kind: 'end', sources: 5 })
    const totals = await askJson<Totals>('/api/totals')
    expect(totals).toMatchObject({ sources: 5, outliers: [] })
    expect(totals.cells).toContainEqual({
      size: 'card',
      format: 'png',
      built: 0,
      bytes: 0,
      missing: 1,
      stale: 0,
      failing: 0,
    })
  })

  it('predicts nothing of a picture that an override excludes', async () => {
    const predict = async (overrides: string): Promise<number> => {
      await writeText(join(folder, 'pictures.json'), overrides)
      const headers = { origin: `http://127.0.0.1:${server.port}`, 'content-type': 'application/json' }
      await ask('/api/refresh', { method: 'POST', headers, body: '{}' })
      await ask('/api/totals') // waits until all is read
      return (await askJson<Prediction>('/api/predict?width=100&formats=webp')).results
    }
    expect(await predict('{"large.png": {"exclude": true}}')).toBe(4)
    expect(await predict('{}\n')).toBe(5)
  })

  it('says why the pictures cannot be read, and reads them when they can', async () => {
    const refresh = async (): Promise<string> => {
      const headers = { 'content-type': 'application/json', origin: `http://127.0.0.1:${server.port}` }
      await ask('/api/refresh', { method: 'POST', headers, body: '{}' })
      return String((await ask('/api/inventory')).body)
    }
    await rename(join(folder, 'photos'), join(folder, 'elsewhere'))
    expect(await refresh()).toMatch(/^\{"kind":"problem","message":".*photos/)
    await rename(join(folder, 'elsewhere'), join(folder, 'photos'))
    expect(await refresh()).toContain('"kind":"end","sources":5')
  })

  it('tells of one picture, shows it and its results, and stores nothing', async () => {
    const picture = await askJson<PictureView>('/api/picture?source=cards/b.png')
    expect(picture).toMatchObject({ source: 'cards/b.png', width: 64, height: 48, mediaFormat: 'png' })
    expect(picture.results).toContainEqual({
      sizes: ['card'],
      transform: '20x20.cover.q80',
      format: 'webp',
      width: 20,
      height: 20,
      state: 'missing',
    })
    const thumb = await ask('/api/thumb?source=cards/b.png')
    expect([thumb.status, thumb.headers['content-type']]).toEqual([200, 'image/webp'])
    const query = 'source=cards/b.png&transform=20x20.cover.q80&format=webp'
    const rendered = await ask(`/api/rendered?${query}&score=`)
    expect(rendered.headers).toMatchObject({
      'content-type': 'image/webp',
      'x-width': '20',
      'x-height': '20',
    })
    expect(Number(rendered.headers['x-score'])).toBeGreaterThan(0)
    expect((await ask(`/api/stored?${query}`)).status).toBe(404)
    expect(await readdir(folder)).not.toContain('out')
  })

  it('shows each face that the file marks, and the point that stands out in every picture', async () => {
    const [face, plain] = await Promise.all(
      ['face.jpg', 'a.jpg'].map((source) => askJson<PictureView>(`/api/picture?source=${source}`)),
    )
    const saliency = { x: expect.any(Number), y: expect.any(Number) }
    const region = { x: 250, y: 400, width: 100, height: 200, name: 'A & B' }
    expect(face?.subjects).toEqual({ saliency, faces: { focus: { x: 250, y: 400 }, regions: [region] } })
    expect(plain?.subjects).toEqual({ saliency })
  })

  it('says how results look, decoded once, the better the higher their quality', async () => {
    const outputs = ['32w.q20.jpg', '32w.q60.jpg', '32w.q95.jpg']
      .map((output) => `&output=${output}`)
      .join('')
    const looks = await askJson<{ bytes: number; score: number }[]>(`/api/looks?source=a.jpg${outputs}`)
    expect(looks.map(({ score }) => score)).toEqual(looks.map(({ score }) => score).toSorted((a, b) => a - b))
    expect(looks.map(({ bytes }) => bytes)).toEqual(looks.map(({ bytes }) => bytes).toSorted((a, b) => a - b))
    expect((await ask('/api/looks?source=a.jpg')).status).toBe(400)
  })

  it('gives up a render that nobody waits for any more', async () => {
    // Minutes of work for the only process that renders here.
    const outputs = Array.from({ length: 40 }, (_, i) => `&output=1500w.q${90 - i}.avif`).join('')
    const left = new AbortController()
    const waits = fetch(`http://127.0.0.1:${server.port}/api/looks?source=large.png${outputs}`, {
      headers: { 'x-imgsizes-token': TOKEN },
      signal: left.signal,
    })
    const { work, signal } = await new Promise<Looking>((begin) => {
      onLooking = begin
    })
    const aborted = once(signal, 'abort')
    left.abort()
    await expect(waits).rejects.toThrow()
    await aborted
    await expect(work).rejects.toThrow('went away')
    const rendered = await ask('/api/rendered?source=a.jpg&transform=16w.q80&format=jpg')
    expect(rendered.status).toBe(200)
  })

  it('says why a picture cannot be shown', async () => {
    const thumb = await ask('/api/thumb?source=no.jpg')
    expect(thumb.status).toBe(422)
    expect(String(thumb.body)).toContain('not a picture')
    expect((await askJson<PictureView>('/api/picture?source=no.jpg')).problem).toContain('not a picture')
  })
})
