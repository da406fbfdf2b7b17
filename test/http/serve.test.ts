import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import type { Format } from '../../src/core/format.ts'
import { createKeyring } from '../../src/url/keyring.ts'
import { encodePath } from '../../src/url/path.ts'
import { listOutput, makeProject, run, SECRET, writeConfig } from '../cli/support.ts'
import { testKey } from '../support/origin.ts'
import { type ServeProcess, startServe } from '../support/serve-process.ts'
import { manyScans, sparseProgressive } from '../support/torture/jpeg.ts'
import { png } from '../support/torture/png.ts'

const keyring = createKeyring([{ value: SECRET, isRetired: false }])
const keyOf = (source: string, transform = '32w.q80', ext: Format | 'auto' = 'webp'): string =>
  testKey(keyring, source, { transform, ext })

const ask = (serve: ServeProcess, key: string, init?: RequestInit): Promise<Response> =>
  fetch(`http://127.0.0.1:${serve.port}/${encodePath(key)}`, init)

const md5 = (bytes: Uint8Array): string => `"${createHash('md5').update(bytes).digest('hex')}"`

/** WebPs that a build leaves as `serve` has made them. */
const AS_SERVE = { webp: { search: false } }

const planOf = async (cwd: string): Promise<Record<string, number>> =>
  JSON.parse((await run(['plan', '--json'], { cwd })).stdout)

describe('a folder', () => {
  test('that nobody has built yet is ready, is not made by a look, and is made by the first result', async () => {
    const cwd = await makeProject(['a.jpg'])
    const serve = await startServe({ cwd })
    expect((await fetch(`http://127.0.0.1:${serve.port}/readyz`)).status).toBe(200)
    expect((await ask(serve, keyOf('gone.jpg'))).status).toBe(404)
    expect(await readdir(cwd)).toEqual(['imgsizes.config.json', 'photos'])
    expect((await ask(serve, keyOf('a.jpg'))).status).toBe(200)
    expect(await serve.stop()).toBe(0)
    expect(await listOutput(cwd)).toContain(keyOf('a.jpg'))
  })

  test('of originals that is not there is a warning, for its pictures cannot be fetched', async () => {
    const cwd = await makeProject([], { source: './nowhere' })
    const serve = await startServe({ cwd })
    const response = await ask(serve, keyOf('a.jpg'))
    expect([response.status, await response.json()]).toEqual([
      502,
      expect.objectContaining({ code: 'source-unavailable' }),
    ])
    expect(await serve.stop()).toBe(0)
    expect(serve.stderr()).toMatch(/"path":"[^"]*nowhere".*"msg":"no such source folder"/)
    await mkdir(join(cwd, 'nowhere'))
    const well = await startServe({ cwd })
    expect(await well.stop()).toBe(0)
    expect(well.stderr()).not.toContain('no such source folder')
  })

  test('is filled by misses, read by hits, and what is in flight at SIGTERM is stored', async () => {
    const cwd = await makeProject(['a.jpg', 'b.png'], {
      formats: ['avif', 'webp', 'original'],
      encoders: AS_SERVE,
    })
    const serve = await startServe({ cwd })
    const made = new Map<string, Uint8Array>()
    for (const key of [
      keyOf('a.jpg'),
      keyOf('a.jpg', '16w.q80', 'jpg'),
      keyOf('b.png', '20x20.cover.attention.q80', 'avif'),
    ]) {
      const response = await ask(serve, key)
      const bytes = new Uint8Array(await response.arrayBuffer())
      expect([response.status, response.headers.get('etag')]).toEqual([200, md5(bytes)])
      made.set(key, bytes)
    }
    expect(await sharp(made.get(keyOf('a.jpg'))).metadata()).toMatchObject({
      format: 'webp',
      width: 32,
      height: 24,
    })
    expect(await serve.stop()).toBe(0)
    for (const [key, bytes] of made)
      expect(new Uint8Array(await readFile(join(cwd, 'out', key)))).toEqual(bytes)
    // avif and jpg are made cheaper than a build would.
    const { present, stale = 0, missing = 0, extra, expected } = await planOf(cwd)
    expect({ extra, all: expected }).toEqual({ extra: 1, all: (present ?? 0) + stale + missing })
    expect(present).toBeGreaterThanOrEqual(1)
    expect(stale).toBeGreaterThanOrEqual(1)

    const again = await startServe({ cwd, args: ['--verbose'] })
    for (const [key, bytes] of made) {
      const hit = await ask(again, key)
      expect([hit.status, hit.headers.get('etag')]).toEqual([200, md5(bytes)])
      expect(new Uint8Array(await hit.arrayBuffer())).toEqual(bytes)
    }
    expect(await again.stop('SIGINT')).toBe(0)
    const lines = again
      .stderr()
      .split('\n')
      .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []))
    expect(lines.filter(({ msg }) => msg === 'rendered')).toEqual([])
    expect(lines.filter(({ outcome }) => outcome === 'hit')).toHaveLength(3)
    expect(again.stderr()).not.toContain(SECRET)
  })

  test('that was built is served without a render; metrics are on a port of their own', async () => {
    const cwd = await makeProject(['a.jpg', 'cards/c.png'])
    expect((await run(['build'], { cwd })).code).toBe(0)
    const serve = await startServe({ cwd, args: ['--metrics-port', '0'] })
    const keys = await listOutput(cwd)
    expect(keys).toHaveLength(10)
    for (const key of keys) expect((await ask(serve, key)).status).toBe(200)
    const url = await serve.metricsUrl()
    const metrics = async () => (await fetch(url)).text()
    await expect.poll(metrics).toContain('imgsizes_requests_total{outcome="hit",status="200"} 10')
    expect(await metrics()).toContain('imgsizes_hit_ratio 1')
    expect(await metrics()).not.toContain('imgsizes_renders_total{')
    expect((await fetch(`http://127.0.0.1:${serve.port}/metrics`)).status).toBe(404)
    expect((await ask(serve, '.imgsizes/ledger/x')).status).toBe(404)
  })

  test('shows its metrics to this machine alone, unless told another address', async () => {
    const cwd = await makeProject([])
    const metricsOf = async (...args: readonly string[]): Promise<URL> => {
      const serve = await startServe({ cwd, host: '0.0.0.0', args: ['--metrics-port', '0', ...args] })
      expect((await fetch(`http://127.0.0.2:${serve.port}/healthz`)).status).toBe(200)
      return new URL(await serve.metricsUrl())
    }
    const isThere = ({ port }: URL, host: string): Promise<boolean> =>
      fetch(`http://${host}:${port}/metrics`).then(
        ({ ok }) => ok,
        () => false,
      )
    const plain = await metricsOf()
    expect([plain.hostname, await isThere(plain, '127.0.0.1')]).toEqual(['127.0.0.1', true])
    expect(await isThere(plain, '127.0.0.2')).toBe(false)
    const told = await metricsOf('--metrics-host', '127.0.0.2')
    expect([told.hostname, await isThere(told, '127.0.0.2')]).toEqual(['127.0.0.2', true])
    expect(await isThere(told, '127.0.0.1')).toBe(false)
  })

  test('can be filled by two processes at once', async () => {
    const cwd = await makeProject(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'], { encoders: AS_SERVE })
    const both = await Promise.all([startServe({ cwd }), startServe({ cwd })])
    const keys = ['a', 'b', 'c', 'd'].flatMap((name) => [
      keyOf(`${name}.jpg`),
      keyOf(`${name}.jpg`, '16w.q80'),
    ])
    const answers = await Promise.all(both.flatMap((serve) => keys.map((key) => ask(serve, key))))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(await Promise.all(both.map((serve) => serve.stop()))).toEqual([0, 0])
    for (const key of keys) {
      const stored = await readFile(join(cwd, 'out', key))
      const etags = answers
        .filter(({ url }) => url.endsWith(encodePath(key)))
        .map(({ headers }) => headers.get('etag'))
      expect(new Set(etags)).toEqual(new Set([md5(stored)]))
    }
    expect(await planOf(cwd)).toMatchObject({ present: 8 })
  })
})

describe('an original that is not what it should be', () => {
  test('is refused, and leaves the others be', async () => {
    const cwd = await makeProject(['good.jpg', 'cut.jpg', 'cut.png'])
    const at = (name: string): string => join(cwd, 'photos', name)
    await truncate(at('cut.jpg'), 500)
    await truncate(at('cut.png'), 500)
    await writeFile(at('text.jpg'), 'not a picture')
    await writeFile(at('empty.jpg'), '')
    await writeFile(at('polyglot.gif'), 'GIF89a/*<script>alert(1)</script>*/=1;')
    // 15 kB that decode to 110 megapixels.
    await writeFile(at('bomb.png'), png({ width: 11_000, height: 10_000 }, { depth: 1, colour: 0 }))
    await writeFile(at('reads.svg'), svg('<image href="file:///etc/passwd" width="9" height="9"/>'))
    await writeFile(at('fetches.svg'), svg('<image href="http://169.254.169.254/" width="9" height="9"/>'))
    await writeFile(at('scans.jpg'), manyScans({ width: 9984, height: 9984 }, 60))
    await writeFile(at('huge.jpg'), sparseProgressive({ width: 9984, height: 9984 }))
    await mkdir(at('folder.jpg'))
    const serve = await startServe({ cwd, args: ['--memory', '256MB'] })
    for (const [name, code] of [
      ['cut.jpg', 'image-corrupt'],
      ['cut.png', 'image-corrupt'],
      ['text.jpg', 'not-an-image'],
      ['empty.jpg', 'not-an-image'],
      ['polyglot.gif', 'image-corrupt'],
      ['bomb.png', 'too-many-pixels'],
      ['reads.svg', 'svg-unsafe'],
      ['fetches.svg', 'svg-unsafe'],
      ['scans.jpg', 'too-many-scans'],
      ['huge.jpg', 'too-large-for-memory'],
    ] as const) {
      const response = await ask(serve, keyOf(name))
      expect([name, response.status, await response.json()]).toMatchObject([name, 422, { code }])
    }
    const huge = await ask(serve, keyOf('good.jpg', '16000x16000.contain.q80'))
    expect([huge.status, await huge.json()]).toMatchObject([422, { code: 'output-too-large' }])
    expect((await ask(serve, keyOf('folder.jpg'))).status).toBe(404)
    expect((await ask(serve, keyOf(`${'x'.repeat(300)}.jpg`))).status).toBe(404)
    expect((await ask(serve, keyOf(`${'x/'.repeat(480)}a.jpg`))).status).toBe(404)
    expect((await ask(serve, keyOf('good.jpg'))).status).toBe(200)
    expect(await serve.stop()).toBe(0)
  })
})

test('a drawing that takes for ever is refused in time, and keeps neither its place nor the process', async () => {
  const cwd = await makeProject(['a.jpg'], { limits: { renderTimeout: '3s' } })
  const noise = '<feTurbulence numOctaves="9999" baseFrequency="0.5"/>'.repeat(50)
  const drawing =
    '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100">' +
    `<filter id="f">${noise}</filter><rect width="100" height="100" filter="url(#f)"/></svg>`
  await writeFile(join(cwd, 'photos', 'slow.svg'), drawing)
  const serve = await startServe({ cwd, args: ['--concurrency', '1'] })
  const response = await ask(serve, keyOf('slow.svg', '2000w.q80'))
  expect([response.status, await response.json()]).toMatchObject([422, { code: 'render-timeout' }])
  // There is one place: kept, it would be 503, and the end would not come in good order.
  expect((await ask(serve, keyOf('a.jpg'))).status).toBe(200)
  expect(await serve.stop()).toBe(0)
  expect(serve.stderr()).not.toContain('did not end')
})

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('%s with a visitor who does not take his picture in time is %i', async (signal, code) => {
  const cwd = await makeProject(['a.jpg'], { serve: { timeouts: { drain: '500ms' } } })
  const key = keyOf('a.jpg')
  const file = join(cwd, 'out', key)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, Buffer.alloc(50_000_000))
  const serve = await startServe({ cwd })
  const response = await ask(serve, key)
  expect(response.status).toBe(200)
  expect(await serve.stop(signal)).toBe(code)
  await response.body?.cancel().catch(() => {})
})

test('what cannot be recorded is said at the end, by exit code 1', async () => {
  const cwd = await makeProject(['a.jpg'], { state: './state', serve: { fill: 'one' } })
  const serve = await startServe({ cwd })
  await rm(join(cwd, 'state'), { recursive: true, force: true })
  await writeFile(join(cwd, 'state'), 'no folder')
  expect((await ask(serve, keyOf('a.jpg'))).status).toBe(200)
  expect(await serve.stop()).toBe(1)
  expect(serve.stderr()).toContain('record-failed')
})

describe('serve does not start', () => {
  const serveOnce = (cwd: string, ...args: string[]) => run(['serve', ...args], { cwd })

  test('without a secret, and says how to make one', async () => {
    const cwd = await makeProject([])
    await writeConfig(cwd, { secret: undefined })
    const { code, stderr } = await serveOnce(cwd)
    expect([code, stderr.includes('imgsizes init')]).toEqual([2, true])
  })

  test("with the demo's secret on a public address; on loopback it does", async () => {
    const cwd = await makeProject([], { secret: 'imgsizes-demo-secret-not-for-production' })
    for (const host of ['0.0.0.0', '::', '192.168.1.1']) {
      const { code, stderr } = await serveOnce(cwd, '--host', host)
      expect([code, stderr.includes('everybody knows')]).toEqual([2, true])
      expect(stderr).toContain('openssl rand')
    }
    const serve = await startServe({ cwd })
    expect(await serve.stop()).toBe(0)
  })

  test('on a port that is taken', async () => {
    const cwd = await makeProject([])
    const first = await startServe({ cwd })
    const { code, stderr } = await serveOnce(cwd, '--host', '127.0.0.1', '--port', String(first.port))
    expect([code, stderr.includes('EADDRINUSE')]).toEqual([1, true])
    const taken = ['--host', '127.0.0.1', '--port', '0', '--metrics-port', String(first.port)]
    const metrics = await serveOnce(cwd, ...taken)
    expect([metrics.code, metrics.stderr.includes('Choose another --metrics-port')]).toEqual([1, true])
  })

  test('with an address for metrics and no port', async () => {
    const { code, stderr } = await serveOnce(await makeProject([]), '--metrics-host', '0.0.0.0')
    expect([code, stderr.includes('--metrics-port')]).toEqual([2, true])
  })

  test('with a cache to be kept small where build has written', async () => {
    const cwd = await makeProject(['a.jpg'])
    expect((await run(['build'], { cwd })).code).toBe(0)
    await writeConfig(cwd, { serve: { cache: { maxBytes: '1MB' } } })
    const { code, stderr } = await serveOnce(cwd)
    expect([code, stderr.includes('build has written')]).toEqual([2, true])
  })

  test('beside a build: that is refused where a cache is to be kept small', async () => {
    const cwd = await makeProject(['a.jpg'], { serve: { cache: { maxBytes: '1MB' } } })
    for (const args of [['build'], ['verify', '--repair']]) {
      const { code, stderr } = await run(args, { cwd })
      expect([code, stderr.includes('serve.cache is set')]).toEqual([2, true])
    }
    await mkdir(join(cwd, 'out'))
    expect((await run(['verify'], { cwd })).code).toBe(0)
  })

  test('into an output that is a file', async () => {
    const cwd = await makeProject([], { output: './file' })
    await writeFile(join(cwd, 'file'), '')
    const { code, stderr } = await serveOnce(cwd)
    expect([code, stderr.includes('is a file')]).toEqual([1, true])
  })

  test('without the placeholder that is configured', async () => {
    const cwd = await makeProject([], { serve: { placeholder: './none.svg' } })
    const { code, stderr } = await serveOnce(cwd)
    expect([code, stderr.includes('serve.placeholder')]).toEqual([2, true])
  })
})

const svg = (inner: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10">${inner}</svg>`
