import { describe, expect, it } from 'vitest'
import type { AppEvent } from '../../../src/app/event.ts'
import { createStoreClock } from '../../../src/app/ledger/store-clock.ts'
import { listKeys, openBench, putText } from '../../support/bench-project.ts'
import { openMemoryStore } from '../../support/memory-store.ts'

const NOW = 1_700_000_000_000
const DAY_MS = 86_400_000
const YEAR_MS = 365 * DAY_MS

describe('who works by the clock of the store', () => {
  const openSite = async () => {
    const stores = { source: openMemoryStore(), output: openMemoryStore() }
    const told: AppEvent[] = []
    /** A machine whose clock is off by so much, `storeNow` by that of the store. */
    const machine = (storeNow: number, aheadMs: number) => {
      const output = { ...stores.output, clockOffsetMs: () => -aheadMs }
      const tell = (event: AppEvent) => void told.push(event)
      const now = createStoreClock({ store: output, now: () => storeNow + aheadMs, tell })
      const bench = openBench({ ...stores, output, now })
      const pruneOlderThan = (olderThanMs: number) => bench.prune({ now, olderThanMs, allowEmpty: true })
      return { bench, pruneOlderThan }
    }
    await putText(stores.source, 'a.jpg', 'one')
    await machine(NOW, 0).bench.build()
    await stores.source.deleteAll(['a.jpg'])
    const left = async () => (await listKeys(stores.output, 'a.jpg/')).length
    return { machine, left, told }
  }

  it('ends no orphan’s week though it is thirty years behind', async () => {
    const { machine, left, told } = await openSite()
    await machine(NOW + DAY_MS, -30 * YEAR_MS).pruneOlderThan(7 * DAY_MS)
    await machine(NOW + 2 * DAY_MS, 0).pruneOlderThan(7 * DAY_MS)
    expect(await left()).toBe(4)
    await machine(NOW + 9 * DAY_MS, 0).pruneOlderThan(7 * DAY_MS)
    expect(await left()).toBe(0)
    expect(told).toMatchObject([
      {
        kind: 'warning',
        problem: { code: 'clock-differs', message: expect.stringContaining('10950 days behind') },
      },
    ])
  })

  it('deletes what is old though who saw it first is a year ahead', async () => {
    const { machine, left, told } = await openSite()
    await machine(NOW, YEAR_MS).pruneOlderThan(7 * DAY_MS)
    expect(await left()).toBe(4)
    await machine(NOW + 2_000, 0).pruneOlderThan(1_000)
    expect(await left()).toBe(0)
    expect(told).toMatchObject([{ problem: { message: expect.stringContaining('365 days ahead of') } }])
  })

  it('is told of nothing while the clocks agree to a minute', async () => {
    const { machine, told } = await openSite()
    await machine(NOW, 50_000).bench.build()
    expect(told).toEqual([])
  })
})
