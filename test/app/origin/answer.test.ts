import { describe, expect, it } from 'vitest'
import { Problem } from '../../../src/core/problem.ts'
import type { LedgerEntry } from '../../../src/plan/ledger-entry.ts'
import { systemClock } from '../../../src/waiting/system-clock.ts'
import {
  createTextRenderer,
  getText,
  listKeys,
  openBench,
  picture,
  putText,
  renderBy,
} from '../../support/bench-project.ts'
import { asDatedStore } from '../../support/dated-store.ts'
import { asGatedStore } from '../../support/gated-store.ts'
import { createLatch } from '../../support/latch.ts'
import { until } from '../../support/listening.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { openMemoryStore } from '../../support/memory-store.ts'
import { countOperations, openTestOrigin, type TestOriginOptions } from '../../support/origin.ts'

const SOURCE = 'photos/cat.jpg'
const ALONE = { serve: { fill: 'one' } } as const

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))

const site = async (options: TestOriginOptions = {}) => {
  const source = options.source ?? openMemoryStore()
  await putText(source, SOURCE, 'a cat')
  const test = openTestOrigin({ ...options, source, config: { ...ALONE, ...options.config } })
  const countOf = (kind: string): number => test.events.filter((event) => event.kind === kind).length
  return { ...test, source, countOf }
}

it('tells what the pixels of a drawing lack', async () => {
  const plain = createTextRenderer()
  const render: typeof plain.render = async (...asked) => ({
    ...(await plain.render(...asked)),
    undrawn: ['animation'],
  })
  const { get, key, events } = await site({ renderer: { ...plain, render } })
  await get(key(SOURCE))
  expect(events).toContainEqual(expect.objectContaining({ kind: 'rendered', undrawn: ['animation'] }))
})

describe('requests at the same time', () => {
  it('render a cold key once for fifty', async () => {
    const door = createLatch()
    const { get, key, countOf, reports } = await site({ renderer: createTextRenderer(door.pass) })
    const asked = Array.from({ length: 50 }, () => get(key(SOURCE)))
    await until(() => door.waiting === 1)
    door.open()
    const texts = await Promise.all(asked.map(async (response) => (await response).text()))
    expect(new Set(texts)).toEqual(new Set([picture('a cat', '80', 'webp')]))
    expect(countOf('rendered')).toBe(1)
    expect(reports.filter(({ outcome }) => outcome === 'miss')).toHaveLength(1)
    expect(reports.filter(({ outcome }) => outcome === 'shared')).toHaveLength(49)
  })

  it('fetch a cold source once for eight sizes', async () => {
    const { gate, of } = countOperations()
    const inner = openMemoryStore()
    await putText(inner, SOURCE, 'a cat')
    const { get, key } = openTestOrigin({ source: asGatedStore(inner, gate), config: ALONE })
    const widths = [100, 200, 300, 400, 500, 600, 700, 800]
    const responses = await Promise.all(widths.map((width) => get(key(SOURCE, `${width}w.q80`))))
    expect(responses.map(({ status }) => status)).toEqual(widths.map(() => 200))
    expect((await get(key(SOURCE, '900w.q80'))).status).toBe(200)
    expect(of(`get ${SOURCE}`)).toBe(1)
  })

  it('render again what has been deleted since', async () => {
    const clock = createManualClock()
    const { get, key, countOf, reports, bench } = await site({ clock })
    expect((await get(key(SOURCE))).status).toBe(200)
    await until(() => countOf('stored') === 1)
    await clock.advance(2_000) // until then it is answered by its upload
    await bench.output.deleteAll([key(SOURCE)])
    expect(await (await get(key(SOURCE))).text()).toBe(picture('a cat', '80', 'webp'))
    expect(countOf('rendered')).toBe(2)
    expect(reports.map(({ outcome }) => outcome)).toEqual(['miss', 'miss'])
  })

  it('do not render again what was stored between the look and the render', async () => {
    const door = createLatch()
    let opens = 0
    const output = asGatedStore(openMemoryStore(), async (operation) => {
      if (operation.startsWith('open ') && operation.endsWith('answered') && ++opens === 2) await door.pass()
    })
    const { get, key, countOf } = await site({ output })
    const [first, second] = [get(key(SOURCE)), get(key(SOURCE))]
    expect((await first).status).toBe(200)
    await until(() => countOf('stored') === 1)
    door.open()
    expect((await second).status).toBe(200)
    expect(countOf('rendered')).toBe(1)
  })

  it('see a replaced original when the next size is asked for a moment later', async () => {
    const clock = createManualClock()
    const { get, key, source } = await site({ clock })
    await get(key(SOURCE, '100w.q80'))
    await putText(source, SOURCE, 'another cat')
    await clock.advance(3_000)
    const response = await get(key(SOURCE, '200w.q80'))
    expect(await response.text()).toBe(picture('another cat', '80', 'webp'))
  })
})

describe('a visitor who goes away', () => {
  it('frees the place in the queue, and ends work that nobody waits for', async () => {
    const door = createLatch()
    const source = openMemoryStore()
    for (const name of ['a', 'b', 'c']) await putText(source, `${name}.jpg`, name)
    const config = { serve: { fill: 'one', queue: { length: 1 } } } as const
    const renderer = createTextRenderer(door.pass)
    const { get, key, origin, reports } = openTestOrigin({ source, renderer, threads: 1, config })
    const first = get(key('a.jpg'))
    await until(() => door.waiting === 1)
    const leaving = new AbortController()
    const second = get(key('b.jpg'), { signal: leaving.signal })
    await until(() => origin.load.waiting === 1)
    expect((await get(key('c.jpg'))).status).toBe(503)
    leaving.abort()
    expect((await second).status).toBe(499)
    await until(() => origin.load.waiting === 0)
    const third = get(key('c.jpg'))
    door.open()
    expect([(await first).status, (await third).status]).toEqual([200, 200])
    expect(reports.map(({ outcome }) => outcome)).toEqual(['refused', 'gone', 'miss', 'miss'])
  })

  it('does not end the work that another one waits for', async () => {
    const door = createLatch()
    const { get, key } = await site({ renderer: createTextRenderer(door.pass) })
    const leaving = new AbortController()
    const first = get(key(SOURCE), { signal: leaving.signal })
    const second = get(key(SOURCE))
    await until(() => door.waiting === 1)
    leaving.abort()
    expect((await first).status).toBe(499)
    door.open()
    expect((await second).status).toBe(200)
  })
})

describe('too much work', () => {
  it('is refused at once while hits go on', async () => {
    const door = createLatch()
    const source = openMemoryStore()
    for (let i = 0; i < 20; i++) await putText(source, `${i}.jpg`, `${i}`)
    const output = openMemoryStore()
    // Whoever waited would wait longer than this test may take.
    const config = { serve: { fill: 'one', queue: { length: 3, timeout: '10m' } } } as const
    const renderer = createTextRenderer(door.pass)
    const { get, key, events } = openTestOrigin({ source, output, renderer, config, threads: 2 })
    await putText(output, key('hit.jpg'), 'stored before')
    const asked = Array.from({ length: 20 }, (_, i) => get(key(`${i}.jpg`)))
    await until(() => door.waiting === 2)
    await turn()
    const refused = await get(key('0.jpg', '100w.q80'))
    const hit = await get(key('hit.jpg'))
    expect([refused.status, refused.headers.get('cache-control')]).toEqual([503, 'no-store'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await hit.text()).toBe('stored before')
    door.open()
    const statuses = (await Promise.all(asked)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(5)
    expect(statuses.filter((status) => status === 503)).toHaveLength(15)
    expect(events.filter(({ kind }) => kind === 'fetched')).toHaveLength(5)
  })

  it('does not make anyone wait longer than the deadline', async () => {
    const clock = createManualClock()
    const door = createLatch()
    const renderer = createTextRenderer(door.pass)
    const { get, key, origin } = await site({ clock, renderer, threads: 1 })
    const first = get(key(SOURCE, '100w.q80'))
    await until(() => door.waiting === 1)
    const second = get(key(SOURCE, '200w.q80'))
    await until(() => origin.load.waiting === 1)
    await clock.advance(10_000)
    expect((await second).status).toBe(503)
    door.open()
    expect((await first).status).toBe(200)
  })

  it('has one deadline for all that it waits for, whatever its original takes on the way', async () => {
    const clock = createManualClock()
    const door = createLatch()
    const slow = openMemoryStore()
    let gets = 0
    const source = asGatedStore(slow, async (operation) => {
      if (operation !== `get ${SOURCE}`) return
      gets++
      await clock.wait(8_000)
    })
    await putText(slow, SOURCE, 'a cat')
    const renderer = createTextRenderer(door.pass)
    const { get, key, origin } = await site({ clock, renderer, source, threads: 1 })
    const first = get(key(SOURCE, '100w.q80'))
    await until(() => gets === 1)
    const second = get(key(SOURCE, '200w.q80'))
    await clock.advance(8_000)
    await until(() => door.waiting === 1 && origin.load.waiting === 1)
    let isAnswered = false
    void second.then(() => {
      isAnswered = true
    })
    await clock.advance(9_000)
    expect(isAnswered).toBe(false)
    await clock.advance(1_000)
    expect((await second).status).toBe(503)
    door.open()
    expect((await first).status).toBe(200)
  })

  it.each([
    ['a worker does not end', 'overloaded', 0],
    ['no process starts', 'render-unavailable', 1],
  ] as const)('is refused, and not held against the original, where %s', async (_, code, told) => {
    let isFree = false
    const renderer = renderBy(async (plain, request, options) => {
      if (!isFree) throw new Problem(code, `not within ${options?.waitMs}`)
      return plain(request, options)
    })
    const { get, key, countOf } = await site({ renderer })
    const refused = await get(key(SOURCE))
    expect([refused.status, refused.headers.has('retry-after')]).toEqual([503, true])
    expect(countOf('render-failed')).toBe(told)
    isFree = true
    expect((await get(key(SOURCE))).status).toBe(200)
  })

  it('is refused while draining; hits and what has begun go on', async () => {
    const door = createLatch()
    const { get, key, origin, bench } = await site({ renderer: createTextRenderer(door.pass) })
    await putText(bench.output, key('hit.jpg'), 'stored before')
    const first = get(key(SOURCE))
    await until(() => door.waiting === 1)
    origin.startDraining()
    const refused = await get(key(SOURCE, '100w.q80'))
    expect([refused.status, refused.headers.has('retry-after')]).toEqual([503, true])
    expect((await get(key('hit.jpg'))).status).toBe(200)
    door.open()
    expect((await first).status).toBe(200)
  })
})

describe('an original that cannot be had', () => {
  it('is 504 within the time limit where its store does not answer', async () => {
    const clock = createManualClock()
    const door = createLatch()
    const source = asGatedStore(openMemoryStore(), (operation) =>
      operation.startsWith('get') ? door.pass() : Promise.resolve(),
    )
    const { get, key } = openTestOrigin({ source, clock, config: ALONE })
    const asked = get(key(SOURCE))
    await until(() => door.waiting === 1)
    await clock.advance(15_000)
    const response = await asked
    expect([response.status, response.headers.get('cache-control')]).toEqual([504, 'no-store'])
    expect(await response.json()).toMatchObject({ code: 'source-timeout' })
  })

  it('is 504 in time, too, where it was had before, or is known to be broken', async () => {
    const clock = createManualClock()
    const door = createLatch()
    let isHung = false
    const source = asGatedStore(openMemoryStore(), async (operation) => {
      if (isHung && operation.startsWith('head')) await door.pass()
    })
    await putText(source, SOURCE, 'a cat')
    await putText(source, 'bad.jpg', 'broken')
    const { get, key } = openTestOrigin({ source, clock, config: ALONE })
    expect((await get(key(SOURCE))).status).toBe(200)
    expect((await get(key('bad.jpg'))).status).toBe(422)
    await clock.advance(3_000)
    isHung = true
    const asked = [get(key(SOURCE, '1w.q80')), get(key('bad.jpg', '1w.q80'))]
    await until(() => door.waiting === 2)
    await clock.advance(15_000)
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([504, 504])
  })

  it('is 502 where its store fails, and says nothing of it', async () => {
    const source = asGatedStore(openMemoryStore(), async () => {
      throw new Problem('store-unavailable', 'bucket secret-bucket at 10.0.0.5 is down')
    })
    const { get, key, events } = openTestOrigin({ source, config: ALONE })
    const response = await get(key(SOURCE))
    const text = await response.text()
    expect([response.status, text.includes('bucket')]).toEqual([502, false])
    expect(text).toContain('source-unavailable')
    expect(events).toMatchObject([{ kind: 'looked-up', found: false }, { kind: 'fetch-failed' }])
  })

  it('is made only as configured while it cannot be read what is said of it', async () => {
    const { get, key, events } = await site({
      config: {
        sidecars: true,
        sizes: { one: { widths: [320, 640] } },
        serve: { allow: 'configured', fill: 'one' },
      },
      overrides: {
        read: async () => {
          throw new Problem('store-unavailable', 'It is away.')
        },
      },
    })
    expect((await get(key(SOURCE, '100w.q80'))).status).toBe(404)
    expect(events.map(({ kind }) => kind)).toContain('fetch-failed')
    expect((await get(key(SOURCE))).status).toBe(200)
  })

  it('leaves stored copies to be served', async () => {
    const source = asGatedStore(openMemoryStore(), () => new Promise<never>(() => {}))
    const { get, key, bench, events } = openTestOrigin({ source, config: ALONE })
    await putText(bench.output, key(SOURCE), 'stored before')
    expect(await (await get(key(SOURCE))).text()).toBe('stored before')
    expect(events).toMatchObject([{ kind: 'looked-up', found: true }])
  })
})

describe('a store that fails', () => {
  it('for a moment is asked again', async () => {
    let failures = 2
    const output = asGatedStore(openMemoryStore(), async (operation) => {
      if (operation.startsWith('open') && failures-- > 0) throw new Problem('store-unavailable', 'SlowDown')
    })
    const { get, key } = await site({ output })
    expect((await get(key(SOURCE))).status).toBe(200)
  })

  it.each([
    ['store-unavailable', [75, 150]],
    ['store-denied', []],
  ] as const)('with %s is 503 after waits of %j ms, and nothing is rendered', async (code, expected) => {
    const output = asGatedStore(openMemoryStore(), async () => {
      throw new Problem(code, 'down')
    })
    const waits: number[] = []
    const wait = async (ms: number) => void waits.push(ms)
    const { get, key, countOf } = await site({ output, clock: { ...systemClock, random: () => 0, wait } })
    expect((await get(key(SOURCE))).status).toBe(503)
    expect([waits, countOf('fetched')]).toEqual([expected, 0])
  })
})

describe('a store that tells of a key and gives no bytes', () => {
  it('is 503 within the time limit', async () => {
    const clock = createManualClock()
    const door = createLatch()
    const output = asGatedStore(openMemoryStore(), async (operation) => {
      if (operation.startsWith('open')) await door.pass()
    })
    const { get, key, bench, origin } = openTestOrigin({ output, clock, config: ALONE })
    await putText(bench.output, key(SOURCE), 'stored before')
    const asked = [
      get(key(SOURCE), { headers: { range: 'bytes=0-3' } }),
      get(key(SOURCE), { headers: { 'if-none-match': '"another"' } }),
    ]
    await until(() => door.waiting === 2)
    await clock.advance(15_000)
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([503, 503])
    expect(origin.load.running).toBe(0)
  })

  it('is 503 where it fails', async () => {
    const output = asGatedStore(openMemoryStore(), async (operation) => {
      if (operation.startsWith('open')) throw new Problem('store-denied', 'No s3:GetObject for bucket-17.')
    })
    const { get, key, bench, countOf } = await site({ output })
    await putText(bench.output, key(SOURCE), 'stored before')
    const response = await get(key(SOURCE), { headers: { range: 'bytes=0-3' } })
    expect([response.status, (await response.text()).includes('17')]).toEqual([503, false])
    expect(countOf('lookup-failed')).toBe(1)
  })
})

describe('what is known to fail', () => {
  it('is not asked for again for 15 s where the original is missing', async () => {
    const clock = createManualClock()
    const { gate, of } = countOperations()
    const inner = openMemoryStore()
    const { get, key } = openTestOrigin({ source: asGatedStore(inner, gate), clock, config: ALONE })
    for (const width of [100, 200, 300])
      expect((await get(key('none.jpg', `${width}w.q80`))).status).toBe(404)
    expect(of('get none.jpg')).toBe(1)
    await putText(inner, 'none.jpg', 'here now')
    await clock.advance(14_000)
    expect((await get(key('none.jpg'))).status).toBe(404)
    await clock.advance(1_100)
    expect((await get(key('none.jpg'))).status).toBe(200)
    expect(of('get none.jpg')).toBe(2)
  })

  it('is rendered again when the original that is broken was replaced', async () => {
    const clock = createManualClock()
    const { get, key, source, countOf } = await site({ clock })
    await putText(source, 'bad.jpg', 'broken')
    for (let i = 0; i < 5; i++) expect((await get(key('bad.jpg'))).status).toBe(422)
    expect((await get(key('bad.jpg', '100w.q80'))).status).toBe(422)
    await clock.advance(60_000)
    expect((await get(key('bad.jpg', '200w.q80'))).status).toBe(422)
    expect([countOf('render-failed'), countOf('fetched')]).toEqual([1, 1])
    await putText(source, 'bad.jpg', 'whole again')
    expect((await get(key('bad.jpg'))).status).toBe(200)
  })

  it('is not fetched again where it was too large, until it is another', async () => {
    const { gate, of } = countOperations()
    const inner = openMemoryStore()
    const { get, key } = openTestOrigin({ source: asGatedStore(inner, gate), config: ALONE })
    await putText(inner, 'huge.jpg', 'x'.repeat(10_001))
    for (const width of [100, 200, 300]) {
      const response = await get(key('huge.jpg', `${width}w.q80`))
      expect([response.status, await response.json()]).toMatchObject([422, { code: 'source-too-large' }])
    }
    expect(of('get huge.jpg')).toBe(1)
    await until(() => of('head huge.jpg answered') > 0)
    await putText(inner, 'huge.jpg', 'small now')
    expect((await get(key('huge.jpg', '400w.q80'))).status).toBe(200)
  })

  it('does not wait to be looked up again where it was too large', async () => {
    const inner = openMemoryStore()
    let heads = 0
    const source = asGatedStore(inner, async (operation) => {
      if (!operation.startsWith('head')) return
      heads++
      await new Promise(() => {})
    })
    const { get, key } = openTestOrigin({ source, config: ALONE })
    await putText(inner, 'huge.jpg', 'x'.repeat(10_001))
    for (const width of [100, 200]) expect((await get(key('huge.jpg', `${width}w.q80`))).status).toBe(422)
    expect(heads).toBe(1)
  })

  it('holds for one result alone where the original is good', async () => {
    const renderer = renderBy(async (plain, request, options) => {
      const report = await plain(request, options)
      const isHuge = request.outputs[0]?.transform.resize.kind === 'height'
      return isHuge ? { ...report, outputs: [new Problem('output-too-large', 'Too large.')] } : report
    })
    const { get, key, countOf } = await site({ renderer })
    for (let i = 0; i < 3; i++) expect((await get(key(SOURCE, '9000h.q80'))).status).toBe(422)
    expect(countOf('render-failed')).toBe(1)
    expect((await get(key(SOURCE))).status).toBe(200)
  })
})

describe('after the answer', () => {
  it('results are stored create-only, and recorded as made by serve', async () => {
    const { get, key, settle, bench } = await site({
      source: asDatedStore(openMemoryStore()),
      output: asDatedStore(openMemoryStore()),
    })
    await get(key(SOURCE))
    await settle()
    const entries: LedgerEntry[] = []
    for await (const entry of (await bench.ledger.open()).entries()) entries.push(entry)
    const [entry] = entries
    expect(entry?.results).toMatchObject([{ maker: 'serve', format: 'webp', transform: '640w.q80' }])
    expect(entry?.sightings).toHaveLength(1)
  })

  it('a result that another process stored first is left alone', async () => {
    const door = createLatch()
    const { get, key, settle, bench, countOf } = await site({ renderer: createTextRenderer(door.pass) })
    const asked = get(key(SOURCE))
    await until(() => door.waiting === 1)
    await putText(bench.output, key(SOURCE), 'of another process')
    door.open()
    expect((await asked).status).toBe(200)
    await settle()
    expect(await getText(bench.output, key(SOURCE))).toBe('of another process')
    expect(countOf('store-failed')).toBe(0)
  })

  it('a store that fails for a while gets everything in the end', async () => {
    const clock = createManualClock()
    let failures = 4
    const output = asGatedStore(openMemoryStore(), async (operation) => {
      if (operation.startsWith('put photos') && failures-- > 0)
        throw new Problem('store-unavailable', 'SlowDown')
    })
    const { get, key, countOf } = await site({ output, clock })
    expect((await get(key(SOURCE))).status).toBe(200)
    await until(() => countOf('store-retried') === 1)
    // Until then it is answered from memory, not rendered again.
    expect((await get(key(SOURCE))).status).toBe(200)
    for (let i = 0; i < 10; i++) await clock.advance(2_000)
    expect([countOf('store-retried'), countOf('stored'), countOf('rendered')]).toEqual([4, 1, 1])
    expect(await getText(output, key(SOURCE))).toBeDefined()
  })

  it('what cannot be stored is told, and the visitors are answered', async () => {
    const output = asGatedStore(openMemoryStore(), async (operation) => {
      if (operation.startsWith('put photos')) throw new Problem('store-denied', 'may not write')
    })
    const { get, key, countOf } = await site({ output })
    expect((await get(key(SOURCE))).status).toBe(200)
    await until(() => countOf('store-failed') === 1)
    expect(countOf('store-retried')).toBe(0)
  })

  it('closing waits for a slow store, and tells what did not make it in time', async () => {
    const door = createLatch()
    const output = asGatedStore(openMemoryStore(), (operation) =>
      operation.startsWith('put photos') && !operation.endsWith('answered') ? door.pass() : Promise.resolve(),
    )
    const slow = await site({ output })
    await Promise.all([100, 200, 300].map((width) => slow.get(slow.key(SOURCE, `${width}w.q80`))))
    const closed = slow.settle()
    setTimeout(door.open, 50)
    await closed
    expect(await listKeys(output, 'photos/')).toHaveLength(3)

    const stuck = asGatedStore(openMemoryStore(), (operation) =>
      operation.startsWith('put photos') ? new Promise<never>(() => {}) : Promise.resolve(),
    )
    const late = await site({ output: stuck })
    await late.get(late.key(SOURCE))
    await expect(late.origin.close(AbortSignal.timeout(50))).rejects.toThrow()
    expect(late.countOf('store-failed')).toBe(1)
  })
})

describe('siblings', () => {
  const SIBLINGS = { serve: { fill: 'siblings' } } as const

  it('of a source are made after a miss, once', async () => {
    const { get, key, countOf, bench } = await site({ config: SIBLINGS })
    await get(key(SOURCE))
    await until(() => countOf('stored') === 4)
    const names = [key(SOURCE, '320w.q80'), key(SOURCE, '320w.q80', 'jpg'), key(SOURCE, '640w.q80', 'jpg')]
    for (const name of names) expect(await bench.output.head(name)).toBeDefined()
    await get(key(SOURCE, '100w.q80'))
    await until(() => countOf('stored') === 5)
    await turn()
    expect(countOf('rendered')).toBe(5)
  })

  it('never take the last free worker', async () => {
    const { get, key, countOf } = await site({ config: SIBLINGS, threads: 1 })
    await get(key(SOURCE))
    await turn()
    await turn()
    expect(countOf('rendered')).toBe(1)
  })

  it('wait for visitors', async () => {
    const door = createLatch()
    let isHeld = false
    const renderer = createTextRenderer(async () => {
      if (isHeld) await door.pass()
    })
    const { get, key, countOf, origin, source, events } = await site({
      config: SIBLINGS,
      renderer,
      threads: 2,
    })
    await putText(source, 'other.jpg', 'another')
    isHeld = true
    const others = ['1w', '2w', '3w'].map((size) => get(key('other.jpg', `${size}.q80`)))
    await until(() => door.waiting === 2 && origin.load.waiting === 1)
    expect(countOf('rendered')).toBe(0)
    door.open()
    await Promise.all(others)
    const purposes = events.flatMap((event) => (event.kind === 'rendered' ? [event.purpose] : []))
    expect(purposes.slice(0, 3)).toEqual(['answer', 'answer', 'answer'])
    await until(() => countOf('rendered') === 7)
  })

  it('in formats that take too long are left to build', async () => {
    let isSlow = true
    const clock = createManualClock()
    const renderer = renderBy(async (plain, request, options) => {
      if (isSlow) await clock.advance(1_500)
      isSlow = false
      return plain(request, options)
    })
    const { get, key, countOf, events } = await site({ config: SIBLINGS, renderer, clock })
    await get(key(SOURCE))
    await until(() => countOf('stored') === 3)
    await turn()
    const siblings = events.filter((event) => event.kind === 'rendered' && event.purpose === 'sibling')
    expect(siblings.map((event) => event.kind === 'rendered' && event.format)).toEqual(['jpg', 'jpg'])
  })

  it('in formats that took too long are made once the last renders were quick', async () => {
    const clock = createManualClock()
    const slow = [1_500]
    const renderer = renderBy(async (plain, request, options) => {
      await clock.advance(slow.shift() ?? 0)
      return plain(request, options)
    })
    const { get, key, source, events } = await site({ config: SIBLINGS, renderer, clock, threads: 4 })
    const countSiblings = (format: string): number =>
      events.filter(
        (each) => each.kind === 'rendered' && each.purpose === 'sibling' && each.format === format,
      ).length
    const made: number[] = []
    for (const name of ['a.jpg', 'b.jpg', 'c.jpg']) {
      await putText(source, name, name)
      await get(key(name))
      await until(() => countSiblings('jpg') === 2 * made.length + 2)
      made.push(countSiblings('webp'))
    }
    expect(made).toEqual([0, 0, 1])
  })

  it('are made however long the original was on its way, and the visitor in the queue', async () => {
    const clock = createManualClock()
    const source = asGatedStore(openMemoryStore(), async (operation) => {
      if (operation.startsWith('get')) await clock.advance(4_000)
    })
    const { get, key, countOf } = await site({ config: SIBLINGS, source, clock })
    await get(key(SOURCE))
    await until(() => countOf('stored') === 4)
  })

  it('are not made of an original that was replaced while they waited', async () => {
    const door = createLatch()
    let renders = 0
    const renderer = createTextRenderer(async () => {
      if (++renders === 2) await door.pass()
    })
    const clock = createManualClock()
    const { get, key, countOf, source } = await site({ config: SIBLINGS, renderer, clock })
    await get(key(SOURCE))
    await until(() => door.waiting === 1) // the first of three siblings
    await putText(source, SOURCE, 'a dog')
    await clock.advance(3_000)
    door.open()
    await until(() => countOf('rendered') === 2)
    for (let i = 0; i < 20; i++) await turn()
    expect(countOf('rendered')).toBe(2)
  })

  it('are made though one of them is too large', async () => {
    const renderer = renderBy(async (plain, request, options) => {
      const report = await plain(request, options)
      const [output] = request.outputs
      const isLarge = output?.format === 'jpg' && JSON.stringify(output.transform.resize).includes('320')
      return isLarge ? { ...report, outputs: [new Problem('output-too-large', 'Too large.')] } : report
    })
    const { get, key, bench, countOf } = await site({ config: SIBLINGS, renderer })
    await get(key(SOURCE))
    await until(() => countOf('stored') === 3)
    expect(await bench.output.head(key(SOURCE, '640w.q80', 'jpg'))).toBeDefined()
  })

  it('are not made of sources that the build leaves out', async () => {
    const { get, key, countOf } = await site({ config: { ...SIBLINGS, include: ['other/**'] } })
    expect((await get(key(SOURCE))).status).toBe(200)
    await turn()
    expect(countOf('rendered')).toBe(1)
  })

  it('end when the shutdown begins', async () => {
    const door = createLatch()
    let renders = 0
    const renderer = createTextRenderer(async () => {
      if (++renders === 2) await door.pass()
    })
    const { get, key, countOf, origin } = await site({ config: SIBLINGS, renderer })
    await get(key(SOURCE))
    await until(() => door.waiting === 1)
    origin.startDraining()
    door.open()
    for (let i = 0; i < 5; i++) await turn()
    expect([countOf('rendered'), countOf('bug')]).toEqual([1, 0])
  })

  it('end at the shutdown', async () => {
    const { get, key, settle, countOf } = await site({ config: SIBLINGS })
    await get(key(SOURCE))
    await settle()
    const made = countOf('rendered')
    await turn()
    expect(countOf('rendered')).toBe(made)
    expect(countOf('bug')).toBe(0)
  })
})

describe('with build', () => {
  it('a plan finds what was served, and due where a cheaper encoder made it', async () => {
    // Builds search for a number by default, which `serve` does not.
    const ALIKE = { webp: { search: false } }
    const { get, key, settle, source, bench } = await site({
      config: { formats: ['avif', 'webp', 'original'], encoders: ALIKE },
    })
    for (const ext of ['avif', 'webp', 'jpg'] as const) await get(key(SOURCE, '640w.q80', ext))
    await settle()
    const next = openBench({
      source,
      output: bench.output,
      config: { ...ALONE, formats: ['avif', 'webp', 'original'], encoders: ALIKE },
    })
    const { counts } = await next.plan()
    expect(counts).toMatchObject({ expected: 6, missing: 3, present: 1, stale: 2 })
  })

  it('a served key that no size asks for is an extra', async () => {
    const { get, key, settle, source, bench } = await site()
    await get(key(SOURCE, '333w.q80'))
    await settle()
    const { counts } = await openBench({ source, output: bench.output, config: ALONE }).plan()
    expect(counts).toMatchObject({ extra: 1, orphans: 0 })
  })

  it('nothing is rendered that was built', async () => {
    const { get, key, bench, countOf } = await site()
    await bench.build()
    for (const size of ['320w', '640w'])
      for (const ext of ['webp', 'jpg'] as const)
        expect((await get(key(SOURCE, `${size}.q80`, ext))).status).toBe(200)
    expect([countOf('rendered'), countOf('fetched')]).toEqual([0, 0])
  })
})

describe('memory', () => {
  it('is taken by originals up to a limit, and no longer', async () => {
    const source = openMemoryStore()
    const config = { ...ALONE, limits: { sourceBytes: 10_000 } }
    for (let i = 0; i < 60; i++) await putText(source, `${i}.jpg`, `${i} `.padEnd(9_000, '.'))
    const { gate, of } = countOperations()
    const { get, key } = openTestOrigin({ source: asGatedStore(source, gate), config, memoryBytes: 1 })
    const responses = await Promise.all(Array.from({ length: 60 }, (_, i) => get(key(`${i}.jpg`))))
    expect(responses.every(({ status }) => status === 200)).toBe(true)
    await get(key('0.jpg', '100w.q80'))
    expect(of('get 0.jpg')).toBeGreaterThanOrEqual(1)
  })
})
