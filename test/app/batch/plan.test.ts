import { describe, expect, it } from 'vitest'
import { isGone } from '../../../src/app/batch/plan.ts'
import { Problem } from '../../../src/core/problem.ts'
import type { SourceKey } from '../../../src/core/source-key.ts'
import type { SourceGroup } from '../../../src/plan/group.ts'
import type { WritableStore } from '../../../src/store/port.ts'
import type { VariantKey } from '../../../src/url/keyring.ts'
import { aSource } from '../../plan/support.ts'
import { type BenchOptions, listKeys, openBench, putText } from '../../support/bench-project.ts'
import { asDatedStore } from '../../support/dated-store.ts'
import { openMemoryStore } from '../../support/memory-store.ts'
import { NO_OVERRIDES } from '../../support/no-overrides.ts'
import { testKey } from '../../support/origin.ts'

/** One original, of which two results are built. */
const build = async (options: BenchOptions = {}) => {
  const bench = openBench({ ...options, config: { formats: ['webp'], ...options.config } })
  await putText(bench.source, 'a.jpg', 'a cat')
  await bench.build()
  const key = testKey(bench.keyring, 'a.jpg') as VariantKey
  const learnt = async () => {
    const { counts, plans } = await bench.plan()
    const { present, stale } = counts
    return { present, stale, learned: plans.flatMap(({ learned }) => learned?.results ?? []).length }
  }
  return { bench, key, learnt }
}

const forget = async (output: WritableStore): Promise<void> => {
  await output.deleteAll(await listKeys(output, '.imgsizes/ledger/'))
}

describe('a result', () => {
  it('is believed by the ledger, of which nothing is learned, unless it is known to be wrong', async () => {
    const { bench, key, learnt } = await build()
    expect(await learnt()).toEqual({ present: 2, stale: 0, learned: 0 })
    const { counts } = await bench.plan({ isCondemned: (each) => each === key })
    expect(counts).toMatchObject({ present: 1, stale: 1 })
  })

  it('that the ledger does not know is asked itself, and that is learned', async () => {
    const { bench, learnt } = await build()
    await forget(bench.output)
    expect(await learnt()).toEqual({ present: 2, stale: 0, learned: 2 })
    const silent = await build({ output: { ...openMemoryStore(), keepsHeaders: false } })
    await forget(silent.bench.output)
    expect(await silent.learnt()).toEqual({ present: 0, stale: 2, learned: 0 })
  })

  it('of another date is believed by its bytes, and its date is learned', async () => {
    const output = asDatedStore(openMemoryStore())
    const { key, learnt } = await build({ output })
    output.redate(key)
    expect(await learnt()).toEqual({ present: 2, stale: 0, learned: 1 })
  })

  it('of another date and other bytes is asked itself', async () => {
    const output = { ...openMemoryStore({ showMark: (md5) => `t${md5}` }), marks: 'date' } as const
    const { bench, key, learnt } = await build({ output })
    const object = await output.get(key)
    const record = await bench.results.ask({
      key,
      transformText: '640w.q80',
      variant: { format: 'webp' },
    } as never)
    if (object === undefined || record === undefined) throw new Error('it was built')
    const bytes = object.bytes.toReversed()
    await bench.results.put(key, bytes, { origin: record })
    expect(await learnt()).toEqual({ present: 2, stale: 0, learned: 1 })
    await putText(output, key, 'a cat as 80.wepb')
    expect(await learnt()).toEqual({ present: 1, stale: 1, learned: 0 })
  })
})

it('nothing is expected of what is not included, and sidecars are read only where there may be one', async () => {
  const { bench } = await build({ config: { include: ['b/**'] } })
  let reads = 0
  const overrides = {
    ...NO_OVERRIDES,
    read: async () => {
      reads++
      return undefined
    },
  }
  expect([(await bench.plan({ overrides })).counts.expected, reads]).toEqual([0, 0])
})

it('an original is gone only where somebody could have seen it', () => {
  const key = 'a.jpg' as SourceKey
  const group: SourceGroup = { key, results: [] }
  const problem = new Problem('store-denied', 'May not.')
  expect(isGone({ group })).toBe(true)
  expect(isGone({ group: { ...group, isUnlisted: true } })).toBe(false)
  expect(isGone({ group, problem })).toBe(false)
  expect(isGone({ group: { ...group, source: aSource(key) } })).toBe(false)
})
