import { describe, expect, it } from 'vitest'
import { Problem } from '../../src/core/problem.ts'
import { createTextRenderer, getText, picture, putText, renderBy } from '../support/bench-project.ts'
import { until } from '../support/listening.ts'
import { openMemoryStore } from '../support/memory-store.ts'
import type { TestOriginOptions } from '../support/origin.ts'
import { openWorkerOrigins } from '../support/worker-origins.ts'

const SOURCE = 'photos/cat.jpg'
const SHOWN = picture('a cat', '80', 'webp')

const open = async (count: number, options: TestOriginOptions = {}) => {
  const source = openMemoryStore()
  await putText(source, SOURCE, 'a cat')
  const config = { ...options.config, serve: { fill: 'one' as const, ...options.config?.serve } }
  const test = openWorkerOrigins(count, { ...options, source, config })
  const worker = (index: number) => {
    const found = test.workers[index % count]
    if (found === undefined) throw new Error(`no worker ${index}`)
    return found
  }
  return { ...test, source, worker }
}

/** A renderer that waits until it is let go. */
const createHeldRenderer = () => {
  const held: (() => void)[] = []
  const renderer = createTextRenderer(() => new Promise<void>((resolve) => held.push(resolve)))
  return { renderer, held, letGo: () => void held.splice(0).forEach((go) => void go()) }
}

/** Two of its results are more than visitors may have left untaken. */
const createLargeRenderer = () =>
  renderBy(async (plain, ...given) => ({
    ...(await plain(...given)),
    outputs: [{ bytes: new Uint8Array(17_000_000), width: 9, height: 9 }],
  }))

describe('workers', () => {
  it('have one render made of what two hundred visitors want at once, whoever they ask', async () => {
    const { worker, key, events, reports, settle, bench } = await open(4)
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => worker(index).get(key(SOURCE))),
    )
    for (const answer of answers) expect([answer.status, await answer.text()]).toEqual([200, SHOWN])
    expect(events.filter(({ kind }) => kind === 'rendered')).toHaveLength(1)
    expect(reports.filter(({ outcome }) => outcome === 'miss')).toHaveLength(1)
    expect(reports.filter(({ outcome }) => outcome === 'shared')).toHaveLength(199)
    await settle()
    expect(await getText(bench.output, key(SOURCE))).toBe(SHOWN)
  })

  it('ask for each key once, and for nothing that stands in the store or is not signed', async () => {
    const { worker, key, said, bench } = await open(1)
    await putText(bench.output, key(SOURCE), SHOWN)
    expect((await worker(0).get(key(SOURCE))).status).toBe(200)
    const forged = key(SOURCE).replace(/\.[^.]{16}\.webp$/, '.AAAAAAAAAAAAAAAA.webp')
    expect((await worker(0).get(forged)).status).toBe(403)
    for (const path of ['nothing', '.imgsizes/ledger', 'healthz']) await worker(0).get(path)
    expect(said.filter(({ kind }) => kind === 'ask')).toEqual([])
    await Promise.all([1, 2, 3].map(() => worker(0).get(key(SOURCE, '20w.q80'))))
    expect(said.filter(({ kind }) => kind === 'ask')).toHaveLength(1)
  })

  it('fill one queue together, and are told when it is full', async () => {
    const { renderer, held, letGo } = createHeldRenderer()
    const serve = { fill: 'one', queue: { length: 2, timeout: '20s' } } as const
    const { worker, key } = await open(3, { renderer, threads: 1, config: { serve } })
    const asked = Array.from({ length: 9 }, (_, index) => worker(index).get(key(SOURCE, `${index + 1}w.q80`)))
    const full = await Promise.race(asked)
    expect([full.status, full.headers.get('retry-after')]).toEqual([503, '2'])
    await until(() => held.length === 1)
    for (let round = 0; round < 3; round++) {
      await until(() => held.length === 1)
      letGo()
    }
    const statuses = (await Promise.all(asked)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(3)
    expect(statuses.filter((status) => status === 503)).toHaveLength(6)
  })

  it('free the place of visitors who have all gone, and of no others', async () => {
    const { renderer, held, letGo } = createHeldRenderer()
    const { worker, key, origin } = await open(2, { renderer, threads: 1 })
    const leave = [new AbortController(), new AbortController()]
    const asked = leave.map(({ signal }, index) => worker(index).get(key(SOURCE), { signal }))
    await until(() => held.length === 1)
    leave[0]?.abort()
    expect((await asked[0])?.status).toBe(499)
    expect(origin.load.running).toBe(1)
    leave[1]?.abort()
    await asked[1]
    await until(() => origin.load.running === 0)
    letGo()
  })

  it('lose nothing that one of them has asked for when it dies', async () => {
    const { renderer, held, letGo } = createHeldRenderer()
    const { worker, key, settle, bench } = await open(2, { renderer })
    void worker(0).get(key(SOURCE))
    const other = worker(1).get(key(SOURCE))
    await until(() => held.length === 1)
    worker(0).die()
    letGo()
    expect(await (await other).text()).toBe(SHOWN)
    await settle()
    expect(await getText(bench.output, key(SOURCE))).toBe(SHOWN)
  })

  it('count what their visitors have not taken yet towards one bound, and no more when it is taken', async () => {
    const { worker, key, said } = await open(2, { renderer: createLargeRenderer() })
    const taken: (() => void)[] = []
    const whenSent = (done: () => void): void => void taken.push(done)
    const ask = (width: number) => worker(width).get(key(SOURCE, `${width}w.q80`), { whenSent })
    for (const width of [1, 2]) expect((await ask(width)).status).toBe(200)
    expect((await ask(3)).status).toBe(503)
    for (const done of taken) done()
    await until(() => said.filter(({ kind }) => kind === 'release').length === 2)
    expect((await ask(4)).status).toBe(200)
  })

  it('hold nothing against the others once they have died', async () => {
    const { worker, key } = await open(2, { renderer: createLargeRenderer() })
    const ask = (index: number, width: number) =>
      worker(index).get(key(SOURCE, `${width}w.q80`), { whenSent: () => {} })
    for (const width of [1, 2]) expect((await ask(0, width)).status).toBe(200)
    expect((await ask(1, 3)).status).toBe(503)
    worker(0).die()
    expect((await ask(1, 4)).status).toBe(200)
  })

  it('tell which results are used, where those that nobody uses are deleted', async () => {
    const serve = { fill: 'one', cache: { maxBytes: 1_000 } } as const
    for (const config of [{ serve }, {}]) {
      const { worker, key, told, bench } = await open(1, { config })
      await putText(bench.output, key(SOURCE), SHOWN)
      await (await worker(0).get(key(SOURCE))).text()
      worker(0).notifier.flush()
      const used = told.flatMap((each) => (each.kind === 'used' ? [each.key] : []))
      expect(used).toEqual('serve' in config ? [key(SOURCE)] : [])
    }
  })

  it('are as ready as the owner is, and refuse what it refuses when it drains', async () => {
    const { worker, key, origin } = await open(2)
    expect((await worker(0).get('readyz')).status).toBe(200)
    origin.startDraining()
    expect((await worker(1).get('readyz')).status).toBe(503)
    expect((await worker(1).get('healthz')).status).toBe(200)
    const refused = await worker(1).get(key(SOURCE))
    expect([refused.status, await refused.json()]).toMatchObject([503, { code: 'draining' }])
  })

  it('learn of a failure that the owner knows', async () => {
    const renderer = createTextRenderer(async () => {
      throw new Problem('image-corrupt', 'it ends')
    })
    const { worker, key, events } = await open(2, { renderer })
    for (const index of [0, 1]) {
      const answer = await worker(index).get(key(SOURCE))
      expect([answer.status, await answer.json()]).toMatchObject([422, { code: 'image-corrupt' }])
    }
    expect(events.filter(({ kind }) => kind === 'render-failed')).toHaveLength(1)
  })

  it('tell in the order that it happened, problems and all', async () => {
    const { workers, told } = await open(1)
    const [{ notifier } = { notifier: undefined }] = workers
    const problem = new Problem('store-timeout', 'late', { hint: 'wait' })
    notifier?.tell({ kind: 'event', event: { kind: 'store-failed', key: 'a', problem } })
    notifier?.tell({ kind: 'error', message: 'second', error: new Error('x') })
    notifier?.flush()
    expect(told.map(({ kind }) => kind)).toEqual(['event', 'error'])
    expect(told[0]).toEqual({
      kind: 'event',
      event: {
        kind: 'store-failed',
        key: 'a',
        problem: { code: 'store-timeout', message: 'late', hint: 'wait' },
      },
    })
  })
})
