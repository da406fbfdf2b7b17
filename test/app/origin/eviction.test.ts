import { describe, expect, it } from 'vitest'
import type { AnswerEvent } from '../../../src/app/origin/event.ts'
import { createEviction, refuseWithBuild } from '../../../src/app/origin/eviction.ts'
import { Problem } from '../../../src/core/problem.ts'
import type { VariantKey } from '../../../src/url/keyring.ts'
import { listKeys, openBench, putText } from '../../support/bench-project.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { openMemoryStore } from '../../support/memory-store.ts'
import { openTestOrigin, testKey } from '../../support/origin.ts'

const DAY_MS = 86_400_000

const setUp = (maxBytes: number, onList = (): void => {}) => {
  const clock = createManualClock()
  const store = openMemoryStore({ now: clock.date })
  const { keyring } = openBench()
  const events: AnswerEvent[] = []
  const key = (name: string): VariantKey => testKey(keyring, name) as VariantKey
  let isSecond = false
  const eviction = createEviction({
    store: {
      ...store,
      list: (options) => {
        if (!isSecond) onList()
        isSecond = !isSecond // it is measured, and then gone through
        return store.list(options)
      },
    },
    keyring,
    maxBytes,
    inactiveMs: DAY_MS,
    clock,
    tell: (event) => void events.push(event),
  })
  const put = (name: string, bytes: number): Promise<void> => putText(store, key(name), '.'.repeat(bytes))
  return { clock, store, events, key, eviction, put }
}

describe('a folder that only serve fills', () => {
  it('loses what was asked for longest ago, until it fits', async () => {
    const { clock, store, key, eviction, put, events } = setUp(1_000)
    for (const name of ['a', 'b', 'c', 'd']) {
      await put(name, 300)
      await clock.advance(60_000)
    }
    eviction.noteUse(key('a'))
    await eviction.sweep()
    expect(await listKeys(store)).toEqual([key('a'), key('c'), key('d')].sort())
    expect(events).toEqual([{ kind: 'evicted', results: 1, sizeBytes: 300 }])
    await eviction.sweep()
    expect(events).toHaveLength(1)
  })

  it('keeps most even where all is of the same age', async () => {
    const { store, eviction, put } = setUp(1_000)
    for (let i = 0; i < 12; i++) await put(`${i}`, 100)
    await eviction.sweep()
    expect(await listKeys(store)).toHaveLength(9)
  })

  it('loses what nobody asked for in time, however little there is', async () => {
    const { clock, store, key, eviction, put } = setUp(1_000_000)
    await put('old', 10)
    await put('used', 10)
    await clock.advance(DAY_MS - 1_000)
    eviction.noteUse(key('used'))
    await put('new', 10)
    await clock.advance(2_000)
    await eviction.sweep()
    expect(await listKeys(store)).toEqual([key('new'), key('used')].sort())
    await eviction.close()
  })

  it.each([
    [DAY_MS - 1, 1],
    [DAY_MS, 0],
  ])('%i ms after it was stored has %i results of one', async (ms, count) => {
    const { clock, store, eviction, put } = setUp(1_000)
    await put('a', 10)
    await clock.advance(ms)
    await eviction.sweep()
    expect(await listKeys(store)).toHaveLength(count)
  })

  it('may be as large as it may be, and is swept when a twentieth of that has come', async () => {
    const { store, eviction, put } = setUp(1_000)
    for (let i = 0; i < 10; i++) await put(`${i}`, 100)
    await eviction.sweep()
    expect(await listKeys(store)).toHaveLength(10)
    await put('more', 1)
    eviction.noteStored(49)
    for (let turns = 0; turns < 100; turns++) await Promise.resolve()
    expect(await listKeys(store)).toHaveLength(11)
    eviction.noteStored(1)
    await expect.poll(() => listKeys(store)).toHaveLength(9)
  })

  it('is listed once for all who want it swept, not again before a twentieth has come, and not once it is closed', async () => {
    let listings = 0
    const { clock, store, key, eviction, put } = setUp(1_000, () => listings++)
    await put('a', 1)
    await clock.advance(0)
    listings = 0
    await Promise.all([eviction.sweep(), eviction.sweep()])
    expect(listings).toBe(1)
    for (const bytes of [30, 20]) eviction.noteStored(bytes)
    await eviction.sweep()
    expect(listings).toBe(2)
    eviction.noteStored(30)
    await clock.advance(0)
    expect(listings).toBe(2)
    const last = eviction.sweep()
    let isOver = false
    last.catch(() => {}).finally(() => (isOver = true))
    await eviction.close()
    expect(isOver).toBe(true)
    await clock.advance(600_000)
    expect([listings, await listKeys(store)]).toEqual([3, [key('a')]])
  })

  it('loses nothing that is not a result', async () => {
    const { clock, store, eviction } = setUp(1)
    await putText(store, 'index.html', 'a page')
    await putText(store, '.imgsizes/ledger/x', 'a part')
    await clock.advance(DAY_MS * 2)
    await eviction.sweep()
    expect(await listKeys(store)).toEqual(['.imgsizes/ledger/x', 'index.html'])
  })

  it('stays within bounds while it is being filled', async () => {
    const source = openMemoryStore()
    const output = openMemoryStore()
    const config = { serve: { fill: 'one', cache: { maxBytes: 1_000 } } } as const
    const { get, key, settle, events } = openTestOrigin({ source, output, config })
    for (let i = 0; i < 200; i++) {
      await putText(source, `${i}.jpg`, 'x'.repeat(80))
      expect((await get(key(`${i}.jpg`))).status).toBe(200)
    }
    await settle()
    let bytes = 0
    for await (const { key: name, sizeBytes } of output.list()) if (!name.startsWith('.')) bytes += sizeBytes
    expect(bytes).toBeLessThan(2_500)
    expect(events.some(({ kind }) => kind === 'evicted')).toBe(true)
    expect(events.filter(({ kind }) => kind === 'bug')).toEqual([])
  })

  it('has ages by the clock of its store, and a hit makes a result young', async () => {
    const clock = createManualClock()
    const AHEAD_MS = DAY_MS * 9
    const dated = openMemoryStore({ now: () => clock.date() + AHEAD_MS })
    const output = { ...dated, clockOffsetMs: () => AHEAD_MS }
    const config = { serve: { fill: 'one', cache: { maxBytes: 1_000, inactive: '1d' } } } as const
    const { get, key, settle } = openTestOrigin({ output, config, clock })
    for (const name of ['old.jpg', 'hit.jpg']) await putText(output, key(name), 'stored before')
    await clock.advance(DAY_MS - 1_000)
    expect(await listKeys(output)).toHaveLength(2)
    expect((await get(key('hit.jpg'))).status).toBe(200)
    await clock.advance(600_000)
    expect(await listKeys(output)).toEqual([key('hit.jpg')])
    await clock.advance(DAY_MS)
    expect(await listKeys(output)).toEqual([])
    await putText(output, key('left.jpg'), 'stored before')
    await settle()
    await clock.advance(DAY_MS * 2)
    expect(await listKeys(output)).toEqual([key('left.jpg')])
  })

  it('loses what was asked for longest ago where the disk is full before', async () => {
    const source = openMemoryStore()
    const disk = openMemoryStore()
    const countBytes = async (): Promise<number> => {
      let bytes = 0
      for await (const { key, sizeBytes } of disk.list()) if (!key.startsWith('.')) bytes += sizeBytes
      return bytes
    }
    const put: typeof disk.put = async (key, bytes, options) => {
      const isFull = !key.startsWith('.') && (await countBytes()) + bytes.length > 2_000
      if (isFull) throw new Problem('store-full', 'No room.')
      return disk.put(key, bytes, options)
    }
    const config = { serve: { fill: 'one', cache: { maxBytes: 1_000_000 } } } as const
    const { get, key, settle, events } = openTestOrigin({ source, output: { ...disk, put }, config })
    for (let i = 0; i < 30; i++) {
      await putText(source, `${i}.jpg`, 'x'.repeat(80))
      expect((await get(key(`${i}.jpg`))).status).toBe(200)
      await expect.poll(() => events.filter(({ kind }) => kind === 'stored')).toHaveLength(i + 1)
    }
    await settle()
    const results = (await listKeys(disk)).filter((name) => !name.startsWith('.'))
    expect(results.length).toBeGreaterThan(15)
    expect(results).toContain(key('29.jpg'))
    expect(events.filter(({ kind }) => kind === 'store-failed' || kind === 'bug')).toEqual([])
  })

  it('is not one that build has written to', async () => {
    const bench = openBench()
    await expect(refuseWithBuild(bench.ledger)).resolves.toBeUndefined()
    await putText(bench.source, 'a.jpg', 'a')
    await bench.build()
    await expect(refuseWithBuild(bench.ledger)).rejects.toMatchObject({ code: 'config-invalid' })
    const snapshot = { ...(await openBench().ledger.open()), isWhole: () => false }
    const unread = { ...bench.ledger, open: async () => snapshot }
    await expect(refuseWithBuild(unread)).rejects.toMatchObject({ code: 'ledger-unread' })
  })
})
