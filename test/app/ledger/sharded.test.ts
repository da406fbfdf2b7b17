import { describe, expect, it } from 'vitest'
import { prune } from '../../../src/app/batch/prune.ts'
import { narrowToShare } from '../../../src/app/batch/shares.ts'
import { parseSourceKey } from '../../../src/core/source-key.ts'
import { listKeys, openBench, putText } from '../../support/bench-project.ts'
import { openMemoryStore } from '../../support/memory-store.ts'

describe('shards', () => {
  it('write parts of the ledger of their own, which the prune after them puts together', async () => {
    let now = 1_700_000_000_000
    const source = openMemoryStore()
    const output = openMemoryStore()
    const keys = Array.from({ length: 20 }, (_, i) => `${i}.jpg`)
    for (const key of keys) await putText(source, key, key)
    const rendered: string[] = []
    const build = async (index: number): Promise<void> => {
      const bench = openBench({ source, output, now: () => now })
      await bench.build({ selection: narrowToShare({}, await bench.shares.find({ index, count: 3 })) })
      for (const event of bench.events) if (event.kind === 'result-stored') rendered.push(event.key)
    }
    const countParts = async (): Promise<number> => (await listKeys(output, '.imgsizes/ledger/')).length
    // Twice, the second time at once, and each time of other bytes.
    for (const index of [1, 2, 3]) await build(index)
    await Promise.all([3, 2, 1].map(build))
    expect(rendered).toHaveLength(20 * 4)
    for (let round = 0; round < 4; round++) {
      now += 3_600_000
      for (const key of keys) await putText(source, key, `${key} ${round}`)
      await Promise.all([1, 2, 3].map(build))
    }
    const pruneNow = () => {
      now += 3_600_000
      const { planInput, ledger } = openBench({ source, output, now: () => now })
      const rules = { olderThanMs: 0, maxShare: 1, extras: false, allowEmpty: false, dryRun: false }
      return prune({ ...planInput(), ...rules, ledger, now: () => now })
    }
    await pruneNow()
    await pruneNow()
    // Of twenty that were written.
    expect(await countParts()).toBeLessThan(6)
    const { counts } = await openBench({ source, output, now: () => now }).plan()
    expect(counts).toMatchObject({ present: 80, missing: 0, stale: 0, orphans: 0 })
  })

  it('of a stored plan list nothing and merge nothing: the prune that follows them does', async () => {
    let now = 1_700_000_000_000
    const source = openMemoryStore()
    const output = openMemoryStore()
    const keys = ['a.jpg', 'b.jpg'].flatMap((text) => parseSourceKey(text) ?? [])
    const countParts = async (): Promise<number> => (await listKeys(output, '.imgsizes/ledger/')).length
    for (let round = 0; round < 6; round++) {
      now += 3_600_000
      for (const key of keys) await putText(source, key, `${key} ${round}`)
      await Promise.all(
        keys.map((key) =>
          openBench({ source, output, now: () => now }).build({ selection: { keys: [key] } }),
        ),
      )
    }
    const pruneNow = (dryRun: boolean) => {
      now += 25 * 3_600_000
      const { planInput, ledger } = openBench({ source, output, now: () => now })
      const rules = { olderThanMs: 0, maxShare: 1, extras: false, allowEmpty: false }
      return prune({ ...planInput(), ...rules, ledger, now: () => now, dryRun })
    }
    const before = await countParts()
    expect(before).toBeGreaterThan(8)
    await pruneNow(true)
    expect(await countParts()).toBe(before)
    await pruneNow(false) // the merge, beside what it replaces
    await pruneNow(false)
    expect(await countParts()).toBeLessThan(before)
    const { counts } = await openBench({ source, output, now: () => now }).plan()
    expect(counts).toMatchObject({ present: 8, missing: 0, stale: 0, orphans: 0 })
  })
})
