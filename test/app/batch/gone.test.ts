import { describe, expect, it } from 'vitest'
import { Problem } from '../../../src/core/problem.ts'
import type { SourceKey } from '../../../src/core/source-key.ts'
import { compareSources } from '../../../src/plan/source-order.ts'
import type { WritableStore } from '../../../src/store/port.ts'
import { type Bench, type BenchOptions, listKeys, openBench, putText } from '../../support/bench-project.ts'
import { openMemoryStore } from '../../support/memory-store.ts'

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
    const [entry] = (await site.open().plan(named('a.jpg'))).plans
    const latest = entry?.group.known?.orphans ?? []
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

  it('are where the others are there', async () => {
    const site = await builtSite(names)
    const gone = names.slice(130)
    await site.source.deleteAll(gone)
    const bench = site.open()
    await bench.build(named(...gone))
    expect(failures(bench)).toEqual([])
    expect(await site.results()).toHaveLength(130 * 4)
  })
})

describe('a name of a result of ours', () => {
  it('is no source, by whatever name it is asked for', async () => {
    const site = await builtSite(['a.jpg'])
    const [key = ''] = await site.results()
    await putText(site.source, key, 'a result in the wrong place')
    const bench = site.open()
    await bench.build(named(key))
    expect(await site.results()).toHaveLength(4)
    expect(await bench.originals.read(key as SourceKey)).toBeUndefined()
  })
})
