import { expect, it } from 'vitest'
import { countStale, formatPlan, type StaleCounts } from '../../src/cli/plan-report.ts'
import { chooseStyle } from '../../src/cli/terminal.ts'
import { emptyEntry } from '../../src/plan/ledger-entry.ts'
import type { WritableStore } from '../../src/store/port.ts'
import { type Bench, listKeys, openBench, putText } from '../support/bench-project.ts'
import { asDatedStore } from '../support/dated-store.ts'
import { openMemoryStore } from '../support/memory-store.ts'

const openSite = async () => {
  const source = openMemoryStore()
  for (const name of ['a.jpg', 'b.jpg']) await putText(source, name, name)
  const output = asDatedStore(openMemoryStore())
  await openBench({ source, output }).build()
  return { source, output }
}

const explain = async (bench: Bench) => {
  const { counts, plans } = await bench.plan()
  const stale: StaleCounts = {}
  for (const plan of plans) countStale(stale, plan)
  const style = chooseStyle({}, false)
  const text = formatPlan(counts, { stale, next: 'imgsizes build', style, isVerbose: false })
  return { stale, row: text.split('\n').find((line) => line.startsWith('  stale')) }
}

const forget = async (output: WritableStore): Promise<void> =>
  void (await output.deleteAll(await listKeys(output, '.imgsizes/')))

it('says that an original was replaced, and that options changed, each with its number', async () => {
  const { source, output } = await openSite()
  await putText(source, 'a.jpg', 'another')
  const { stale, row } = await explain(
    openBench({ source, output, config: { encoders: { webp: { effort: 1 } } } }),
  )
  expect(stale).toEqual({ original: 4, options: 2 })
  expect(row).toBe('  stale    6  to be rendered again: the original changed (4), options changed (2)')
})

it('says that there is no record of what results were made from', async () => {
  const { source, output } = await openSite()
  await forget(output)
  expect((await explain(openBench({ source, output }))).row).toBe(
    '  stale    8  to be rendered again: no record of what it was made from',
  )
})

it('says that serve has made them in a hurry', async () => {
  const { source, output } = await openSite()
  await forget(output)
  const bench = openBench({ source, output })
  const recorder = bench.ledger.record()
  for (const { group } of (await bench.plan()).plans)
    for (const { key, transformText: transform, variant } of group.results) {
      const { format } = variant
      const original = await bench.originals.read(group.key)
      const origin = { transform, format, recipe: 'quick', encoder: '', maker: 'serve' } as const
      const record = await bench.results.put(key, new Uint8Array([1]), {
        origin: { ...origin, fingerprint: original?.fingerprint ?? '' },
      })
      if (record !== undefined) await recorder.add({ ...emptyEntry(group.key), results: [record] })
    }
  await recorder.flush()
  expect((await explain(openBench({ source, output }))).row).toBe(
    '  stale    8  to be rendered again: made by serve with quick settings',
  )
})
