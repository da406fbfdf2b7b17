import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { WritableStore } from '../../src/store/port.ts'
import { openS3Store } from '../../src/store/s3.ts'
import { createKeyring } from '../../src/url/keyring.ts'
import { encodePath } from '../../src/url/path.ts'
import { makeProject, run, SECRET, writePicture } from '../cli/support.ts'
import {
  type Fault,
  type FaultProxy,
  type FindFault,
  openFaultProxy,
  SLOW_DOWN,
} from '../support/fault-proxy.ts'
import { testKey } from '../support/origin.ts'
import { createBucket, s3Endpoint, s3Settings, testS3 } from '../support/s3.ts'
import { type ServeProcess, startServe } from '../support/serve-process.ts'

const keyring = createKeyring([{ value: SECRET, isRetired: false }])

let bucket = ''
let proxy: FaultProxy
let count = 0
beforeAll(async () => {
  bucket = await createBucket('serve')
  proxy = await openFaultProxy(s3Endpoint())
})
afterAll(() => proxy.close())

/** A new place in the bucket: as the program reaches it, and as the test does, past the proxy. */
const place = (): { readonly uri: string; readonly prefix: string } => {
  const prefix = `p${count++}/`
  const query = `endpoint=${encodeURIComponent(proxy.endpoint)}&region=us-east-1&forcePathStyle=true`
  return { uri: `s3://${bucket}/${prefix}?${query}`, prefix }
}

const openDirect = (prefix: string): WritableStore => openS3Store({ bucket, prefix, settings: s3Settings() })

const env = (): Record<string, string> => ({
  AWS_ACCESS_KEY_ID: testS3().owner.accessKeyId,
  AWS_SECRET_ACCESS_KEY: testS3().owner.secretAccessKey,
})

const ask = (serve: ServeProcess, key: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${serve.port}/${encodePath(key)}`)

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')

const SLOW: Fault = { kind: 'slow' }
const HANG: Fault = { kind: 'hang' }

/** A network that does each fault its share of the time, the same on every run. */
const often = (shares: readonly (readonly [Fault, number])[], methods: readonly string[]): FindFault => {
  let seed = 7
  const random = (): number => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed / 2_147_483_647
  }
  return ({ method }) => {
    if (!methods.includes(method)) return undefined
    let left = random()
    return shares.find(([, share]) => {
      left -= share
      return left < 0
    })?.[0]
  }
}

/** Every result that stands there is whole: its ETag is that of its bytes, and they decode. */
const checkWhole = async (store: WritableStore): Promise<ReadonlyMap<string, string>> => {
  const etags = new Map<string, string>()
  for await (const { key } of store.list()) {
    if (key.startsWith('.imgsizes/')) continue
    const object = await store.get(key)
    if (object === undefined) throw new Error(`${key} is gone`)
    expect(object.md5).toBe(md5(object.bytes))
    await sharp(object.bytes, { failOn: 'warning' }).stats()
    etags.set(key, md5(object.bytes))
  }
  return etags
}

const NAMES = Array.from({ length: 5 }, (_, i) => `${i}.jpg`)
const KEYS = NAMES.flatMap((name) =>
  ['32w.q80', '31w.q80', '30w.q80', '16w.q70'].map((transform) => testKey(keyring, name, { transform })),
)

describe('a store that is slow, throttles and loses connections', () => {
  test('gets all that was answered, whole, also what was on its way at SIGTERM', async () => {
    const { uri, prefix } = place()
    const cwd = await makeProject(NAMES, { output: uri, serve: { timeouts: { drain: '2m' } } })
    const serve = await startServe({ cwd, env: env() })
    const shares: readonly (readonly [Fault, number])[] = [
      [SLOW_DOWN, 0.2],
      [{ kind: 'reset' }, 0.08],
      [{ kind: 'lose-answer' }, 0.08],
      [SLOW, 0.1],
      [{ kind: 'cut' }, 0.05],
    ]
    proxy.setFault(often(shares, ['PUT', 'GET', 'HEAD']))
    const answers = await Promise.all(KEYS.map(async (key) => ({ key, response: await ask(serve, key) })))
    // A lookup may fail for good on such a network: that is 503 and to be asked again, never anything else.
    const answered = answers.filter(({ response }) => response.status === 200)
    const refused = answers.filter(({ response }) => response.status === 503)
    expect(answered.length + refused.length).toBe(KEYS.length)
    expect(refused.length).toBeLessThan(KEYS.length / 4)
    expect(refused.every(({ response }) => response.headers.has('retry-after'))).toBe(true)
    expect(await serve.stop(), serve.stderr()).toBe(0)
    for (const [{ kind }] of shares) expect([kind, (proxy.made.get(kind) ?? 0) > 0]).toEqual([kind, true])
    proxy.setFault(undefined)
    const store = openDirect(prefix)
    const etags = await checkWhole(store)
    await store.close()
    for (const { key, response } of answered)
      expect([key, `"${etags.get(key)}"`]).toEqual([key, response.headers.get('etag')])
    const plan = JSON.parse((await run(['plan', '--json'], { cwd, env: env() })).stdout)
    expect(plan).toMatchObject({ foreign: 0, orphans: 0 })
  })

  test('that takes nothing at all costs nobody an answer, and the exit code says what was lost', async () => {
    const { uri, prefix } = place()
    const cwd = await makeProject(['0.jpg'], {
      output: uri,
      serve: { fill: 'one', timeouts: { drain: '2s' } },
    })
    const serve = await startServe({ cwd, env: env() })
    proxy.setFault(often([[HANG, 1]], ['PUT']))
    const key = testKey(keyring, '0.jpg', { transform: '32w.q80' })
    expect((await ask(serve, key)).status).toBe(200)
    expect((await ask(serve, key)).status).toBe(200)
    const startedAt = performance.now()
    expect(await serve.stop()).toBe(1)
    // Usual is 25 s.
    expect(performance.now() - startedAt).toBeLessThan(25_000)
    expect(serve.stderr()).toContain('store-failed')
    expect(serve.stderr()).toContain(key)
    proxy.setFault(undefined)
    const store = openDirect(prefix)
    expect((await checkWhole(store)).size).toBe(0)
    await store.close()
  })

  test('holds nothing half after SIGKILL', async () => {
    const { uri, prefix } = place()
    const cwd = await makeProject([], { output: uri })
    await Promise.all(NAMES.map((name) => writePicture(join(cwd, 'photos', name), 640, 480)))
    const serve = await startServe({ cwd, env: env() })
    proxy.setFault(often([[SLOW, 0.8]], ['PUT']))
    const keys = NAMES.map((name) => testKey(keyring, name, { transform: '640w.q100' }))
    await Promise.all(keys.map((key) => ask(serve, key)))
    await serve.stop('SIGKILL')
    proxy.setFault(undefined)
    const store = openDirect(prefix)
    await checkWhole(store)
    await store.close()
    const again = await startServe({ cwd, env: env() })
    for (const key of keys) expect((await ask(again, key)).status).toBe(200)
    expect(await again.stop()).toBe(0)
  })

  test('that cannot be reached is 503 within the time limit, and not ready', async () => {
    const { uri } = place()
    const cwd = await makeProject(['0.jpg'], { output: uri, limits: { fetchTimeout: '1s' } })
    const serve = await startServe({ cwd, env: env() })
    proxy.setFault(often([[HANG, 1]], ['GET', 'HEAD']))
    const startedAt = performance.now()
    const answer = await ask(serve, testKey(keyring, '0.jpg', { transform: '32w.q80' }))
    expect([answer.status, answer.headers.has('retry-after')]).toEqual([503, true])
    // The usual limit is 15 s.
    expect(performance.now() - startedAt).toBeLessThan(15_000)
    expect((await fetch(`http://127.0.0.1:${serve.port}/readyz`)).status).toBe(503)
    expect((await fetch(`http://127.0.0.1:${serve.port}/healthz`)).status).toBe(200)
    proxy.setFault(undefined)
  })
})

test('originals behind a bad network are read whole or not at all', async () => {
  const { uri, prefix } = place()
  const cwd = await makeProject([], { source: uri, limits: { fetchTimeout: '5s' }, serve: { fill: 'one' } })
  const file = join(cwd, 'a.jpg')
  await writePicture(file, 640, 480)
  const store = openDirect(prefix)
  const headers = { contentType: 'image/jpeg', cacheControl: 'no-store', metadata: {} }
  for (const name of ['cut.jpg', 'slow.jpg', 'dead.jpg', 'busy.jpg'])
    await store.put(name, await readFile(file), { headers })
  await store.close()
  proxy.setFault(({ url }) => {
    if (url.includes('cut.jpg')) return proxy.made.get('cut') === undefined ? { kind: 'cut' } : undefined
    if (url.includes('slow.jpg')) return SLOW
    if (url.includes('dead.jpg')) return HANG
    return url.includes('busy.jpg') ? SLOW_DOWN : undefined
  })
  const serve = await startServe({ cwd, env: env() })
  const askFor = async (name: string) => {
    const response = await ask(serve, testKey(keyring, name, { transform: '32w.q80' }))
    return [name, response.status]
  }
  const statuses = await Promise.all(['cut.jpg', 'slow.jpg', 'dead.jpg', 'none.jpg'].map(askFor))
  expect(statuses).toEqual([
    ['cut.jpg', 200],
    ['slow.jpg', 200],
    ['dead.jpg', 504],
    ['none.jpg', 404],
  ])
  const [, busy] = await askFor('busy.jpg')
  expect([502, 504]).toContain(busy)
  expect(await serve.stop()).toBe(0)
  proxy.setFault(undefined)
})
