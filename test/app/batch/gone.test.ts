import { describe, expect, it } from 'vitest'
import { createDeleteGone } from '../../../src/app/batch/gone.ts'
import { Problem } from '../../../src/core/problem.ts'
import type { SourceKey } from '../../../src/core/source-key.ts'
import { compareSources } from '../../../src/plan/source-order.ts'
import type { WritableStore } from '../../../src/store/port.ts'
import { type Bench, type BenchOptions, listKeys, openBench, putText } from '../../support/bench-project.ts'
import { asGatedStore } from '../../support/gated-store.ts'
import { openMemoryStore } from '../../support/memory-store.ts'
import { testKey } from '../../support/origin.ts'

/** A site that was built whole; `open` is a later process over the same stores. */
const builtSite = async (names: readonly string[], options: BenchOptions = {}) => {
  const source = openMemoryStore()
  const output = openMemoryStore()
  for (const name of names) await putText(source, name, `picture ${name}`)
  const open = (more: BenchOptions = {}): Bench => openBench({ source, output, ...options, ...more })
  await open().build()
  const results = async (): Promise<readonly string[]> =>
    (await listKeys(output)).filter((key) => !key.startsWith('.imgsizes/'))
  return { source, output, open, results }
}

const named = (...keys: readonly string[]) => ({
  selection: { keys: ([...keys] as SourceKey[]).sort(compareSources) },
})

/** What the ledger says of the results of one source, and since when nobody wants them. */
const orphansOf = async (bench: Bench, key: string) => {
  const { plans } = await bench.plan(named(key))
  return plans.flatMap(({ group }) => group.known?.orphans ?? [])
}

const failures = (bench: Bench) =>
  bench.events.flatMap((event) => (event.kind === 'source-failed' ? [event.problem.code] : []))

describe('a source that is named and gone', () => {
  it('loses its results, and another one none', async () => {
    const site = await builtSite(['a.jpg', 'a.jpg/b.jpg', 'c.jpg'])
    await site.source.deleteAll(['a.jpg'])
    const bench = site.open()
    await bench.build(named('a.jpg', 'never.jpg'))
    expect((await site.results()).map((key) => key.replace(/\/[^/]+$/, ''))).toEqual([
      ...Array(4).fill('a.jpg/b.jpg'),
      ...Array(4).fill('c.jpg'),
    ])
    expect(bench.events).toContainEqual({ kind: 'source-gone', source: 'a.jpg', results: 4 })
    expect(bench.events.filter(({ kind }) => kind === 'result-dropped')).toHaveLength(4)
    expect(failures(bench)).toEqual([])
    expect((await bench.plan()).counts).toMatchObject({ orphans: 0, missing: 0 })
    expect(await orphansOf(bench, 'a.jpg')).toEqual([])
  })

  it('keeps them where the run is about a part of its sizes, or lists all', async () => {
    const site = await builtSite(['a.jpg', 'c.jpg'])
    await site.source.deleteAll(['a.jpg'])
    const bench = site.open()
    await bench.build({ ...named('a.jpg'), rules: { ...bench.rules, isNarrowed: true } })
    await bench.build()
    expect(await site.results()).toHaveLength(8)
  })

  it('is an orphan no more once it is deleted', async () => {
    const site = await builtSite(['a.jpg', 'c.jpg'])
    await site.source.deleteAll(['a.jpg'])
    await site.open().build() // which records when it was orphaned
    await site.open().build(named('a.jpg'))
    const latest = await orphansOf(site.open(), 'a.jpg')
    expect(latest.length).toBe(4)
    expect(latest.every(({ isOver }) => isOver)).toBe(true)
  })

  it('keeps them where its store fails, and the failure is told', async () => {
    const site = await builtSite(['a.jpg', 'c.jpg'])
    await site.source.deleteAll(['a.jpg'])
    const failing: WritableStore = {
      ...site.source,
      head: async () => {
        throw new Problem('store-unavailable', 'it is away')
      },
    }
    const bench = site.open({ source: failing })
    await bench.build(named('a.jpg'))
    expect(await site.results()).toHaveLength(8)
    expect(failures(bench)).toEqual(['store-unavailable'])
  })

  it('keeps them where it is back at the second look', async () => {
    const site = await builtSite(['a.jpg', 'c.jpg'])
    let looks = 0
    const back: WritableStore = {
      ...site.source,
      head: async (key) => (looks++ === 0 ? undefined : site.source.head(key)),
    }
    await site.open({ source: back }).build(named('a.jpg'))
    expect(looks).toBe(2)
    expect(await site.results()).toHaveLength(8)
    expect(await orphansOf(site.open(), 'a.jpg')).toEqual([])
  })

  it('keeps them where no original is listed at all', async () => {
    const site = await builtSite(['a.jpg'])
    await site.source.deleteAll(['a.jpg'])
    const bench = site.open()
    await bench.build(named('a.jpg'))
    expect(await site.results()).toHaveLength(4)
    expect(failures(bench)).toEqual(['prune-empty'])
  })

  it('keeps them where its source cannot be listed', async () => {
    const site = await builtSite(['a.jpg', 'c.jpg'])
    await site.source.deleteAll(['a.jpg'])
    await site.open({ source: { ...site.source, isListable: false } }).build(named('a.jpg'))
    expect(await site.results()).toHaveLength(8)
    expect(await orphansOf(site.open(), 'a.jpg')).toHaveLength(4)
  })
})

describe('very many sources that are gone', () => {
  const names = Array.from({ length: 260 }, (_, i) => `${String(i).padStart(3, '0')}.jpg`)

  it('are not believed to be where of the others too many are, as under a wrong `source`', async () => {
    const site = await builtSite(names)
    await site.source.deleteAll(names.slice(0, -1))
    let looks = 0
    const head: WritableStore['head'] = (key, options) => {
      looks++
      return site.source.head(key, options)
    }
    const bench = site.open({ source: { ...site.source, head } })
    await bench.build(named(...names))
    expect(await site.results()).toHaveLength((names.length - 100) * 4)
    // Each once, a hundred once more before they lose their results, and one sample of a hundred.
    expect(looks).toBeLessThan(names.length + 220)
    expect(new Set(failures(bench))).toEqual(new Set(['prune-share']))
  })
})

describe('results of sources that are gone, one after the other', () => {
  const numbered = (folder: string, count: number) =>
    Array.from({ length: count }, (_, i) => `${folder}${String(i).padStart(3, '0')}.jpg`)

  interface Site {
    readonly there: number
    readonly gone: number
    readonly prefix?: string
  }
  /** So many sources are there and so many are gone, with one result each; `end` is told of so many that are gone. */
  const openGone = async ({ there, gone, prefix = '' }: Site) => {
    const state = { now: 1_700_000_000_000, samples: 0, looks: 0, isAway: false }
    const source = openMemoryStore()
    const output = openMemoryStore()
    const names = numbered('g/', gone)
    const bench = openBench({
      source: asGatedStore(source, async (operation) => void (operation === 'list' && state.looks++)),
      output: asGatedStore(output, async (operation) => {
        if (operation === 'list') state.samples++
        if (state.isAway) throw new Problem('store-unavailable', 'It is away.')
      }),
    })
    for (const name of numbered('a/', there)) await putText(source, name, 'a picture')
    for (const name of [...numbered('a/', there), ...names])
      await putText(output, testKey(bench.keyring, name), 'a result')
    const { plans } = await bench.plan(named(...names))
    const recorder = bench.ledger.record()
    const roots = [{ prefix, isListable: true, place: './in', showsHidden: false }]
    const originals = { ...bench.originals, roots }
    const deleteGone = createDeleteGone({
      ...bench,
      originals,
      recorder,
      now: () => state.now,
      tell: () => {},
    })
    Object.assign(state, { samples: 0, looks: 0 })
    const end = async (count = 1): Promise<void> => {
      for (const plan of plans.splice(0, count)) expect(await deleteGone(plan)).toBe(true)
    }
    return { state, end }
  }

  it('go without a sample of the others up to a hundred, and then up to twice as many each time', async () => {
    const { state, end } = await openGone({ there: 100, gone: 701 })
    const sampledAfter: number[] = []
    for (let ended = 0; ended < 701; ended++) {
      await end()
      if (state.samples > sampledAfter.length) sampledAfter.push(ended)
    }
    expect(sampledAfter).toEqual([100, 300, 700])
  })

  it.each([
    [600_000, 1],
    [600_001, 0],
  ])('are counted anew after ten minutes: %i ms', async (ms, samples) => {
    const { state, end } = await openGone({ there: 100, gone: 101 })
    await end(100)
    state.now += ms
    await end()
    expect(state.samples).toBe(samples)
  })

  it('go where a fifth of the sample is gone as well, and no more', async () => {
    const { end } = await openGone({ there: 80, gone: 121 })
    await end(101)
    const other = await openGone({ there: 79, gone: 121 })
    await expect(other.end(101)).rejects.toMatchObject({
      code: 'prune-share',
      message: expect.stringMatching(/^21 of 100 sources/),
    })
  })

  it('stay for a minute without another sample where one was against it, and not where a store failed', async () => {
    const against = await openGone({ there: 79, gone: 130 })
    await against.end(100)
    const triedAfter = async (ms: number): Promise<number> => {
      against.state.now += ms
      await expect(against.end()).rejects.toMatchObject({ code: 'prune-share' })
      return against.state.samples
    }
    expect([await triedAfter(0), await triedAfter(60_000), await triedAfter(1)]).toEqual([1, 1, 2])
    const failing = await openGone({ there: 100, gone: 102 })
    await failing.end(100)
    failing.state.isAway = true
    await expect(failing.end()).rejects.toMatchObject({ code: 'store-unavailable' })
    failing.state.isAway = false
    await failing.end()
    expect(failing.state.samples).toBe(2)
  })

  it('stay where their source cannot be listed, and go when it can', async () => {
    const site = await builtSite(['a.jpg', 'b.jpg'])
    await site.source.deleteAll(['a.jpg'])
    const bench = site.open()
    let fails: 'by an error' | 'in part' | undefined = 'by an error'
    const problem = new Problem('store-denied', 'May not.')
    const deleteGone = createDeleteGone({
      ...bench,
      recorder: bench.ledger.record(),
      now: () => 0,
      tell: () => {},
      originals: {
        ...bench.originals,
        list: async function* (options) {
          if (fails === 'in part') options.onUnlisted('b', problem)
          if (fails === 'by an error') throw problem
          if (fails === undefined) yield* bench.originals.list(options)
        },
      },
    })
    const [plan] = (await bench.plan(named('a.jpg'))).plans
    if (plan === undefined) throw new Error('it has results')
    await expect(deleteGone(plan)).rejects.toBe(problem)
    fails = 'in part'
    await expect(deleteGone(plan)).rejects.toBe(problem)
    fails = undefined
    expect([await deleteGone(plan), (await site.results()).length]).toEqual([true, 4])
  })

  it('go where any original is listed, which is looked up every ten minutes', async () => {
    const { state, end } = await openGone({ there: 1, gone: 3 })
    const looksAfter = async (ms: number): Promise<number> => {
      state.now += ms
      await end()
      return state.looks
    }
    expect([await looksAfter(0), await looksAfter(599_999), await looksAfter(1)]).toEqual([1, 1, 2])
  })

  it.each([
    ['', 'No original of the source is listed.'],
    ['g/', 'No original of the source g is listed.'],
  ])('stay where their source "%s" is empty', async (prefix, message) => {
    const { end } = await openGone({ there: 0, gone: 1, prefix })
    await expect(end()).rejects.toMatchObject({
      code: 'prune-empty',
      message: expect.stringContaining(message),
    })
  })
})

it('a name of a result of ours is no source, by whatever name it is asked for', async () => {
  const site = await builtSite(['a.jpg'])
  const [key = ''] = await site.results()
  await putText(site.source, key, 'a result in the wrong place')
  const bench = site.open()
  await bench.build(named(key))
  expect(await site.results()).toHaveLength(4)
  expect(await bench.originals.read(key as SourceKey)).toBeUndefined()
})
