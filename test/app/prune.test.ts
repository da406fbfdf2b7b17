import { describe, expect, it } from 'vitest'
import { prune } from '../../src/app/prune.ts'
import { openMemoryStore } from '../../src/store/memory.ts'
import { type Bench, getText, listKeys, openBench, picture, putText } from '../support/bench-project.ts'
import { asDatedStore } from '../support/dated-store.ts'
import { asGatedStore, type Gate } from '../support/gated-store.ts'

const pruneNow = (bench: Bench) =>
  prune({
    ...bench.planInput(),
    ledger: bench.ledger,
    now: () => 1_700_000_000_000,
    dryRun: false,
    olderThanMs: 0,
    maxShare: 1,
    extras: true,
    allowEmpty: true,
  })

describe.each([
  ['ETags', () => openMemoryStore()],
  ['dates', () => asDatedStore(openMemoryStore())],
] as const)('prune of a store that shows %s', (_, openStore) => {
  const open = (config = {}) => {
    const stores = { source: openStore(), output: openStore() }
    const bench = () => openBench({ ...stores, config })
    /** Prunes, with something in between the look at everything and the deleting. */
    const pruneWith = async (meanwhile: () => Promise<void>) => {
      let lists = 0
      let isOver = false
      const gate: Gate = async (operation) => {
        if (operation === 'list') lists++
        if (isOver || (lists < 3 && operation !== 'delete')) return
        isOver = true
        await meanwhile()
      }
      const counts = await pruneNow(
        openBench({ ...stores, output: asGatedStore(stores.output, gate), config }),
      )
      expect(isOver).toBe(true)
      return counts
    }
    const shown = async () => {
      const keys = (await listKeys(stores.output)).filter((key) => !key.startsWith('.imgsizes/'))
      return Promise.all(keys.map((key) => getText(stores.output, key)))
    }
    return { ...stores, bench, pruneWith, shown }
  }
  const of = (text: string) => [picture(text, '80', 'webp')]
  const one = { formats: ['webp' as const], sizes: { one: { widths: [320] } } }

  it('leaves the results of an original that was restored and built since it was listed', async () => {
    const { source, bench, pruneWith, shown } = open(one)
    await putText(source, 'a.jpg', 'one')
    await putText(source, 'b.jpg', 'two')
    await bench().build()
    await source.deleteAll(['a.jpg', 'b.jpg'])
    const { deleted } = await pruneWith(async () => {
      await putText(source, 'a.jpg', 'one')
      await bench().build()
    })
    expect(deleted).toBe(1)
    expect(await shown()).toEqual(of('one'))
  })

  it('leaves those of a version that has come back', async () => {
    const { source, bench, pruneWith, shown } = open({ ...one, versions: true })
    await putText(source, 'a.jpg', 'one')
    await bench().build()
    await putText(source, 'a.jpg', 'two')
    await bench().build()
    const { deleted } = await pruneWith(async () => {
      await putText(source, 'a.jpg', 'one')
      await bench().build()
    })
    expect(deleted).toBe(1)
    expect(await shown()).toEqual(of('one'))
  })

  it('deletes what is gone still, and has forgotten since when it was an orphan', async () => {
    const { source, output, bench, pruneWith, shown } = open(one)
    await putText(source, 'a.jpg', 'one')
    await bench().build()
    await source.deleteAll(['a.jpg'])
    expect(await pruneWith(async () => {})).toMatchObject({ deleted: 1, kept: 0 })
    expect(await shown()).toEqual([])
    await putText(source, 'a.jpg', 'one')
    await bench().build()
    await source.deleteAll(['a.jpg'])
    const { plans } = await bench().plan()
    expect(plans.flatMap(({ steps }) => steps)).toEqual([
      expect.not.objectContaining({ since: expect.anything() }),
    ])
    expect(await listKeys(output, 'a.jpg/')).toHaveLength(1)
  })
})

it('deletes as large a share as it may, and nothing where one source more would go', async () => {
  const stores = { source: openMemoryStore(), output: openMemoryStore() }
  const names = ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg']
  for (const name of names) await putText(stores.source, name, name)
  await openBench(stores).build()
  await stores.source.deleteAll(['a.jpg'])
  const pruneShare = (maxShare: number) => {
    const bench = openBench(stores)
    const input = { ...bench.planInput(), ledger: bench.ledger, now: () => 1_700_000_000_000 }
    const rules = { dryRun: false, olderThanMs: 0, extras: false, allowEmpty: false }
    return prune({ ...input, ...rules, maxShare })
  }
  await expect(pruneShare(0.24)).rejects.toMatchObject({ code: 'prune-share' })
  expect(await pruneShare(0.25)).toMatchObject({ deleted: 4 })
})
