import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { FRESH_MS } from '../../src/app/origin/stored-pictures.ts'
import { Problem } from '../../src/core/problem.ts'
import type { Renderer } from '../../src/render/port.ts'
import type { WritableStore } from '../../src/store/port.ts'
import { createTextRenderer, getText, picture, putText, renderBy, SECRET } from '../support/bench-project.ts'
import { asDatedStore } from '../support/dated-store.ts'
import { asGatedStore } from '../support/gated-store.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { openMemoryStore } from '../support/memory-store.ts'
import { countOperations, openTestOrigin, type TestOriginOptions } from '../support/origin.ts'

const SOURCE = 'photos/cat.jpg'
const SHOWN = picture('a cat', '80', 'webp')
const md5 = (text: string): string => createHash('md5').update(text).digest('hex')

const site = async (options: TestOriginOptions = {}) => {
  const source = options.source ?? openMemoryStore()
  await putText(source, SOURCE, 'a cat')
  const test = openTestOrigin({ ...options, source, config: { ...ALONE, ...options.config } })
  return { ...test, source }
}

/** What a miss makes is looked at by itself here. */
const ALONE = { serve: { fill: 'one' } } as const

const codeOf = async (response: Response): Promise<string> => {
  const { code } = (await response.json()) as { readonly code: string }
  return code
}

describe.each([
  ['a bucket', (store: WritableStore) => store],
  ['a folder', asDatedStore],
])('an origin on %s', (_, as) => {
  it('renders what is missing, then answers the same from the store', async () => {
    const { get, key, settle, bench, reports } = await site({ output: as(openMemoryStore()) })
    const cold = await get(key(SOURCE))
    expect(cold.status).toBe(200)
    expect(await cold.text()).toBe(SHOWN)
    await settle()
    expect(await getText(bench.output, key(SOURCE))).toBe(SHOWN)
    const again = openTestOrigin({ source: bench.source, output: bench.output, config: ALONE })
    const warm = await again.get(key(SOURCE))
    expect(await warm.text()).toBe(SHOWN)
    for (const name of ['etag', 'content-type', 'content-length', 'cache-control', 'accept-ranges'])
      expect(warm.headers.get(name)).toBe(cold.headers.get(name))
    expect(warm.headers.get('etag')).toBe(`"${md5(SHOWN)}"`)
    expect(warm.headers.get('content-length')).toBe(String(SHOWN.length))
    expect(warm.headers.get('content-type')).toBe('image/webp')
    expect(Date.parse(warm.headers.get('last-modified') ?? '')).not.toBeNaN()
    expect(again.events.some(({ kind }) => kind === 'rendered')).toBe(false)
    expect([reports, again.reports].map(([report]) => report?.outcome)).toEqual(['miss', 'hit'])
  })

  it('answers HEAD, conditions and ranges of a stored key without original or decoder', async () => {
    const first = await site({ output: as(openMemoryStore()) })
    await first.get(first.key(SOURCE))
    await first.settle()
    const { gate, of } = countOperations()
    const source = asGatedStore(first.source, gate)
    const { get, key, events } = openTestOrigin({ source, output: first.bench.output, config: ALONE })
    const url = key(SOURCE)
    const head = await get(url, { method: 'HEAD' })
    expect([head.status, await head.text(), head.headers.get('content-length')]).toEqual([200, '', '16'])
    const etag = head.headers.get('etag') ?? ''
    const fresh = await get(url, { headers: { 'if-none-match': etag } })
    expect([fresh.status, await fresh.text(), fresh.headers.get('etag')]).toEqual([304, '', etag])
    expect(fresh.headers.get('cache-control')).toBe(head.headers.get('cache-control'))
    expect(fresh.headers.has('content-length')).toBe(false)
    const part = await get(url, { headers: { range: 'bytes=2-4' } })
    expect([part.status, await part.text()]).toEqual([206, 'cat'])
    expect(part.headers.get('content-range')).toBe('bytes 2-4/16')
    expect(part.headers.get('content-length')).toBe('3')
    const end = await get(url, { headers: { range: 'bytes=-4', 'if-range': etag } })
    expect([end.status, await end.text()]).toEqual([206, 'webp'])
    const changed = await get(url, { headers: { range: 'bytes=-4', 'if-range': '"other"' } })
    expect([changed.status, await changed.text()]).toEqual([200, SHOWN])
    const beyond = await get(url, { headers: { range: 'bytes=16-' } })
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */16'])
    const failed = await get(url, { headers: { 'if-match': '"other"' } })
    expect(failed.status).toBe(412)
    expect(of(`get ${SOURCE}`) + of(`head ${SOURCE}`)).toBe(0)
    expect(events.some(({ kind }) => kind === 'rendered' || kind === 'fetched')).toBe(false)
  })

  it('does for HEAD, conditions and ranges of a cold key what GET does', async () => {
    const fresh = () => site({ output: as(openMemoryStore()) })
    const one = await fresh()
    const head = await one.get(one.key(SOURCE), { method: 'HEAD' })
    expect([head.status, await head.text(), head.headers.get('content-length')]).toEqual([200, '', '16'])
    await one.settle()
    expect(await getText(one.bench.output, one.key(SOURCE))).toBe(SHOWN)
    const two = await fresh()
    const part = await two.get(two.key(SOURCE), { headers: { range: 'bytes=0-4' } })
    expect([part.status, await part.text()]).toEqual([206, 'a cat'])
    await two.settle()
    expect(await getText(two.bench.output, two.key(SOURCE))).toBe(SHOWN)
    const three = await fresh()
    const known = await three.get(three.key(SOURCE), { headers: { 'if-none-match': `"${md5(SHOWN)}"` } })
    expect(known.status).toBe(304)
  })

  it('sees a result that was replaced under its key', async () => {
    const output = as(openMemoryStore())
    const clock = createManualClock()
    const { get, key } = await site({ output, clock })
    await putText(output, key(SOURCE), 'one')
    const first = await get(key(SOURCE))
    await putText(output, key(SOURCE), 'two')
    await clock.advance(FRESH_MS)
    const second = await get(key(SOURCE))
    expect(await first.text()).toBe('one')
    expect(await second.text()).toBe('two')
    expect(first.headers.get('etag')).toBe(`"${md5('one')}"`)
    expect(second.headers.get('etag')).toBe(`"${md5('two')}"`)
  })
})

describe('what is no picture', () => {
  it('is 404 without a look at any store where it is no key', async () => {
    const { gate, of } = countOperations()
    const output = asGatedStore(openMemoryStore(), gate)
    const { getRaw, key } = await site({ output, mount: '/img/' })
    const good = key(SOURCE)
    const targets = [
      '/',
      '/img',
      '/img/',
      `/${good}`,
      `/img//${good}`,
      `/img/./${good}`,
      `/img/x/../${good}`,
      `/img/${good}/`,
      `/img/${good.replace('/', '%2F')}`,
      `/img/${good}%00`,
      `/img/%FF${good}`,
      `/img/${good}%`,
      `/img/${good.replace('q80', 'q080')}`,
      `/img/${good.replace('640w', '0640w')}`,
      `/img/${good.toUpperCase()}`,
      `/img/.imgsizes/ledger/${good}`,
      `/img/a\\b/${good}`,
      '/img/photos/cat.jpg',
      `/img/${'a'.repeat(300)}/${good}`.repeat(4),
      '*',
      '',
    ]
    for (const target of targets) {
      const response = await getRaw(target)
      expect([target, response.status, await codeOf(response)]).toEqual([target, 404, 'not-a-key'])
    }
    expect(of(`open ${good}`)).toBe(0)
  })

  it('takes one spelling after one decoding, and no query', async () => {
    const source = openMemoryStore()
    await putText(source, 'été/ça & là 100%.png', 'a cat')
    const { getRaw, bench, fetchFrom } = openTestOrigin({ source, mount: '/img/' })
    const path = '/img/%C3%A9t%C3%A9/%c3%a7a%20%26%20l%C3%A0%20100%25.png/400h.q80.SITBIWXp09WiqNnD.png'
    expect((await getRaw(path)).status).toBe(200)
    expect((await getRaw(`${path}?width=5`)).status).toBe(200)
    expect((await getRaw(`http://elsewhere:80${path}`)).status).toBe(200)
    expect((await getRaw(path.replace('%25', '%2525'))).status).toBe(403)
    expect((await getRaw(`${path}#part`)).status).toBe(404)
    expect((await fetchFrom(new Request(`http://localhost${path}#part`))).status).toBe(200)
    expect(bench.config.secrets[0]?.value).toBe(SECRET)
  })

  it('is 403 where the signature is wrong or made with a retired secret, and does not say which', async () => {
    const secret = [
      SECRET,
      'another-secret-also-good',
      { value: 'a-secret-of-long-ago', retired: true as const },
    ]
    const { get, key, reports } = await site({ config: { ...ALONE, secret } })
    expect((await get(key(SOURCE, '640w.q80', 'webp', 1))).status).toBe(200)
    const wrong = await get(key(SOURCE).replace(/\.[^.]{16}\./, '.AAAAAAAAAAAAAAAA.'))
    const retired = await get(key(SOURCE, '640w.q80', 'webp', 2))
    expect([...retired.headers]).toEqual([...wrong.headers])
    const body = await retired.text()
    expect(body).toBe(await wrong.text())
    expect([retired.status, JSON.parse(body).code]).toEqual([403, 'signature-wrong'])
    expect(reports.slice(1)).toMatchObject([{ code: 'signature-wrong' }, { code: 'secret-retired' }])
  })

  it('is 404 where the source is missing or excluded, or the format not configured', async () => {
    const { get, key, source } = await site({ config: { ...ALONE, exclude: ['drafts/**'] } })
    expect(await codeOf(await get(key('none.jpg')))).toBe('source-missing')
    for (const draft of ['drafts/a.jpg', 'drafts/.b.jpg']) {
      await putText(source, draft, 'a draft')
      const excluded = await get(key(draft))
      expect([excluded.status, await codeOf(excluded)]).toEqual([404, 'source-missing'])
    }
    const format = await get(key(SOURCE, '640w.q80', 'avif'))
    expect([format.status, await codeOf(format)]).toEqual([404, 'format-not-configured'])
    expect((await get(key(SOURCE, '640w.q80', 'jpg'))).status).toBe(200)
  })

  it('is 404 where only configured transforms are made and this one is not', async () => {
    const config = { serve: { allow: 'configured', fill: 'one' } } as const
    const { get, key } = await site({ config })
    expect((await get(key(SOURCE, '640w.q80'))).status).toBe(200)
    expect(await codeOf(await get(key(SOURCE, '641w.q80')))).toBe('transform-not-configured')
    expect(await codeOf(await get(key(SOURCE, '640w.q81')))).toBe('transform-not-configured')
  })

  it('is 422 where no picture can be made of it', async () => {
    const { get, key, source } = await site()
    await putText(source, 'bad.jpg', 'broken')
    await putText(source, 'big.jpg', 'x'.repeat(20_000))
    const bad = await get(key('bad.jpg'))
    expect([bad.status, await codeOf(bad)]).toEqual([422, 'image-corrupt'])
    expect(bad.headers.get('cache-control')).toBe('max-age=15')
    expect(await codeOf(await get(key('big.jpg')))).toBe('source-too-large')
  })

  it('is 405 with Allow for any other method, and 404 for HEAD of what is no key', async () => {
    const { get, key, getRaw, events } = await site()
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      const response = await get(key(SOURCE), { method })
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
    }
    const head = await getRaw('/nothing', { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([404, ''])
    expect(events).toEqual([])
  })

  it('is said as a problem that tells nothing of how we are built', async () => {
    const { get, key } = await site()
    const response = await get(key('none.jpg'))
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(response.headers.get('cache-control')).toBe('max-age=15')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    const text = await response.text()
    expect(response.headers.get('content-length')).toBe(String(text.length))
    expect(JSON.parse(text)).toEqual({
      type: 'tag:imgsizes,2026:docs/reference/problems.md#source-missing',
      title: 'There is no such picture.',
      status: 404,
      code: 'source-missing',
    })
  })

  it('says of 503 what it is about', async () => {
    const output = asGatedStore(openMemoryStore(), async (operation) => {
      if (operation.startsWith('open')) throw new Problem('store-denied', 'no')
    })
    const titleOf = async (response: Response): Promise<string> =>
      ((await response.json()) as { readonly title: string }).title
    const { get, key } = await site({ output })
    expect(await titleOf(await get(key(SOURCE)))).toBe('The pictures cannot be reached at the moment.')
    const other = await site()
    other.origin.startDraining()
    expect(await titleOf(await other.get(other.key(SOURCE)))).toBe('This server is about to stop.')
    expect(await titleOf(await other.getRaw('/readyz'))).toBe('This server is not ready.')
  })

  it('is a placeholder with the true status, except for programs', async () => {
    const placeholder = { bytes: new TextEncoder().encode('<svg/>'), contentType: 'image/svg+xml' }
    const { get, key, source } = await site({ placeholder })
    await putText(source, 'bad.jpg', 'broken')
    for (const [name, status] of [
      ['none.jpg', 404],
      ['bad.jpg', 422],
    ] as const) {
      const response = await get(key(name), { headers: { accept: 'image/avif,image/webp,*/*;q=0.8' } })
      expect([response.status, await response.text()]).toEqual([status, '<svg/>'])
      expect(response.headers.get('content-type')).toBe('image/svg+xml')
      expect(response.headers.get('vary')).toBe('Accept')
    }
    const program = await get(key('none.jpg'), { headers: { accept: 'application/problem+json' } })
    expect(program.headers.get('vary')).toBe('Accept')
    expect(await codeOf(program)).toBe('source-missing')
    expect(await codeOf(await get('a/640w.q80.AAAAAAAAAAAAAAAA.webp'))).toBe('signature-wrong')
  })
})

describe('.auto', () => {
  it.each([
    ['image/avif,image/webp,image/*', 'image/avif'],
    ['image/webp', 'image/webp'],
    ['image/webp;q=0.5, image/avif;q=0.4', 'image/webp'],
    ['image/avif;q=0, image/webp', 'image/webp'],
    ['image/*', 'image/jpeg'],
    [undefined, 'image/jpeg'],
    ['text/html', 'image/jpeg'],
  ])('with Accept %s is %s', async (accept, type) => {
    const { get, key, settle, bench } = await site({
      config: { ...ALONE, formats: ['avif', 'webp', 'original'] },
    })
    const response = await get(
      key(SOURCE, '640w.q80', 'auto'),
      accept === undefined ? {} : { headers: { accept } },
    )
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type])
    expect(response.headers.get('vary')).toBe('Accept')
    expect(response.headers.get('cache-control')).toBe('private, max-age=86400')
    const ext = { 'image/avif': 'avif', 'image/webp': 'webp', 'image/jpeg': 'jpg' }[type] as 'avif'
    expect(response.headers.get('content-location')).toBe(`/${key(SOURCE, '640w.q80', ext)}`)
    await settle()
    expect(await bench.output.head(key(SOURCE, '640w.q80', ext))).toBeDefined()
    expect(await bench.output.head(key(SOURCE, '640w.q80', 'auto'))).toBeUndefined()
  })
})

it.each([
  ['if-match', '"another"', 412],
  ['range', 'bytes=999-', 416],
])('what depends on Accept says so, errors too with %s: %s, %i', async (name, value, status) => {
  const { get, key } = await site({ config: { ...ALONE, serve: { cors: ['https://a.example'] } } })
  const headers = { accept: 'image/webp', [name]: value }
  const answer = await get(key(SOURCE, '640w.q80', 'auto'), { headers })
  expect([answer.status, answer.headers.get('vary')]).toEqual([status, 'Accept, Origin'])
  expect((await get(key(SOURCE), { headers })).headers.get('vary')).toBe('Origin')
})

it('a result that is said to be of tomorrow is of now, also for conditions', async () => {
  const clock = createManualClock(Date.UTC(2026, 0, 2, 3, 4, 5))
  const output = openMemoryStore({ now: () => clock.date() + 86_400_000 })
  const { get, key, bench } = await site({ clock, output })
  await putText(bench.output, key(SOURCE), SHOWN)
  const now = 'Fri, 02 Jan 2026 03:04:05 GMT'
  const answer = await get(key(SOURCE))
  expect([answer.status, answer.headers.get('last-modified')]).toEqual([200, now])
  const known = await get(key(SOURCE), { headers: { 'if-modified-since': now } })
  expect(known.status).toBe(304)
})

describe('versions', () => {
  const versioned = { ...ALONE, versions: true }

  it('redirect to the key of the original as it is', async () => {
    const { get, key, source, getRaw } = await site({ config: versioned })
    const plain = await get(key(SOURCE))
    expect([plain.status, plain.headers.get('cache-control')]).toEqual([302, 'public, max-age=15'])
    const location = plain.headers.get('location') ?? ''
    expect(location).toMatch(/^\/photos\/cat\.jpg\/640w\.q80\.v-[0-9a-f]{10}\.[\w-]{16}\.webp$/)
    const current = await getRaw(location)
    expect([current.status, await current.text()]).toEqual([200, SHOWN])
    expect(current.headers.get('cache-control')).toContain('immutable')
    await putText(source, SOURCE, 'another cat')
    const old = key(SOURCE, '640w.q80.v-0123456789')
    const moved = await get(old)
    expect(moved.status).toBe(302)
  })

  it('keep .auto what it is', async () => {
    const { get, key } = await site({ config: versioned })
    const moved = await get(key(SOURCE, '640w.q80', 'auto'), { headers: { accept: 'image/webp' } })
    expect(moved.headers.get('vary')).toBe('Accept')
    expect(moved.headers.get('location')).toMatch(/\.v-[0-9a-f]{10}\.[\w-]{16}\.auto$/)
  })

  it('lead back where they are off', async () => {
    const { get, key } = await site()
    const moved = await get(key(SOURCE, '640w.q80.v-0123456789'))
    expect([moved.status, moved.headers.get('location')]).toEqual([302, `/${key(SOURCE)}`])
  })
})

it('headers let scripts of other origins in where configured', async () => {
  const all = await site({ config: { serve: { cors: '*', timingAllowOrigin: '*', fill: 'one' } } })
  const open = await all.get(all.key(SOURCE))
  expect(open.headers.get('access-control-allow-origin')).toBe('*')
  expect(open.headers.get('timing-allow-origin')).toBe('*')
  expect(open.headers.has('vary')).toBe(false)
  const some = await site({ config: { serve: { cors: ['https://a.example'], fill: 'one' } } })
  const ask = async (origin: string, ext: 'webp' | 'auto' = 'webp') =>
    (await some.get(some.key(SOURCE, '640w.q80', ext), { headers: { origin } })).headers
  expect((await ask('https://a.example')).get('access-control-allow-origin')).toBe('https://a.example')
  expect((await ask('https://a.example')).get('vary')).toBe('Origin')
  expect((await ask('https://b.example')).has('access-control-allow-origin')).toBe(false)
  expect((await ask('https://b.example', 'auto')).get('vary')).toBe('Accept, Origin')
  const none = await site()
  expect((await none.get(none.key(SOURCE))).headers.has('access-control-allow-origin')).toBe(false)
})

describe('answers that nobody takes', () => {
  const open = async () => {
    const renderer = renderBy(async (plain, ...given) => ({
      ...(await plain(...given)),
      outputs: [{ bytes: new Uint8Array(17_000_000), width: 9, height: 9 }],
    }))
    const test = await site({ renderer, threads: 2 })
    const taken: (() => void)[] = []
    const ask = (path: string): Promise<Response> =>
      test.fetchFrom(new Request('http://localhost/'), {
        rawTarget: `/${path}`,
        whenSent: (done) => void taken.push(done),
      })
    return { ...test, taken, ask }
  }

  it('are not added to without end: misses are 503, hits go on', async () => {
    const { ask, taken, key, bench } = await open()
    await putText(bench.output, key('hit.jpg'), 'stored before')
    for (const width of [1, 2]) expect((await ask(key(SOURCE, `${width}w.q80`))).status).toBe(200)
    const refused = await ask(key(SOURCE, '3w.q80'))
    expect([refused.status, refused.headers.has('retry-after')]).toEqual([503, true])
    expect((await ask(key(SOURCE, '1w.q80'))).status).toBe(200)
    expect((await ask(key('hit.jpg'))).status).toBe(200)
    for (const done of taken) done()
    expect((await ask(key(SOURCE, '3w.q80'))).status).toBe(200)
  })

  it('are not added to by those either who were in the queue before', async () => {
    const { ask, key } = await open()
    const asked = Array.from({ length: 20 }, (_, index) => ask(key(SOURCE, `${index + 1}w.q80`)))
    const statuses = (await Promise.all(asked)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 503).length).toBeGreaterThanOrEqual(10)
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(2)
  })
})

describe('health', () => {
  it('asks the store at most every five seconds', async () => {
    const clock = createManualClock()
    let probes = 0
    let isDown = false
    const output: WritableStore = {
      ...openMemoryStore(),
      probe: async () => {
        probes++
        if (isDown) throw new Error('down')
      },
    }
    const { getRaw, origin } = await site({ output, clock })
    for (let i = 0; i < 5; i++) expect((await getRaw('/readyz')).status).toBe(200)
    expect(probes).toBe(1)
    isDown = true
    await clock.advance(4_900)
    expect((await getRaw('/readyz')).status).toBe(200)
    await clock.advance(200)
    const down = await getRaw('/readyz')
    expect([down.status, down.headers.get('cache-control')]).toEqual([503, 'no-store'])
    expect(down.headers.has('retry-after')).toBe(true)
    expect(probes).toBe(2)
    isDown = false
    await clock.advance(5_000)
    expect((await getRaw('/readyz')).status).toBe(200)
    origin.startDraining()
    expect((await getRaw('/readyz')).status).toBe(503)
    expect((await getRaw('/healthz')).status).toBe(200)
  })

  it('is not ready while nothing can be rendered', async () => {
    const clock = createManualClock()
    let isAble = false
    const renderer: Renderer = {
      ...createTextRenderer(),
      probe: async () => {
        if (!isAble) throw new Problem('render-unavailable', 'no process')
      },
    }
    const { getRaw } = await site({ renderer, clock })
    expect((await getRaw('/readyz')).status).toBe(503)
    isAble = true
    await clock.advance(5_000)
    expect((await getRaw('/readyz')).status).toBe(200)
  })

  it('is not ready while a probe hangs', async () => {
    const clock = createManualClock()
    const output: WritableStore = { ...openMemoryStore(), probe: () => new Promise<never>(() => {}) }
    const { getRaw, events } = await site({ output, clock })
    const asked = getRaw('/readyz')
    await clock.advance(4_000)
    expect((await asked).status).toBe(503)
    // A Problem: the log shows a stack of any other error.
    expect(events.at(-1)).toMatchObject({ kind: 'probe-failed', error: { code: 'store-timeout' } })
  })
})
