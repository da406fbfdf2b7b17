import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PlannedSource } from '../../../src/app/batch/plan.ts'
import { narrowToShare } from '../../../src/app/batch/shares.ts'
import { isInRange } from '../../../src/core/byte-order.ts'
import { parseSourceKey } from '../../../src/core/source-key.ts'
import { getText, openBench, putText } from '../../support/bench-project.ts'
import { asCountingStore } from '../../support/counting-store.ts'
import { asGatedStore } from '../../support/gated-store.ts'
import { openMemoryStore } from '../../support/memory-store.ts'

/** Names of which some are beginnings of others, by a folder and by a sign that sorts before "/". */
const segment = fc.string({ unit: fc.constantFrom('a', 'b', '-', '.', '0'), minLength: 1, maxLength: 3 })
const source = fc
  .array(segment, { minLength: 1, maxLength: 3 })
  .map((segments) => segments.join('/'))
  .filter((text) => parseSourceKey(text) !== undefined && !/(^|\/)\./.test(text))
const sources = fc.uniqueArray(source, { minLength: 1, maxLength: 14 })

/** Any name, or one of the site's. */
const bound = fc.oneof(source, fc.nat())

const CONFIG = { include: ['**'] }

const RUNS = Number(process.env.IMGSIZES_TEST_RUNS ?? 80)

/** What of a plan can be compared: whose it is, what is to be done, and what stands. */
const toTexts = (plans: readonly PlannedSource[]): readonly string[] =>
  plans
    .map(({ group, steps }) =>
      JSON.stringify([
        group.key,
        group.results.map(({ key }) => key),
        group.known,
        steps.map(({ kind }) => kind),
      ]),
    )
    .sort()

/** A site of which some originals are built, some replaced since, some gone, and some new. */
const openSite = async (names: readonly string[]) => {
  const stores = { source: openMemoryStore(), output: openMemoryStore() }
  const bench = () => openBench({ ...stores, config: CONFIG })
  for (const [i, name] of names.entries()) if (i % 5 !== 4) await putText(stores.source, name, name)
  await bench().build()
  for (const [i, name] of names.entries()) {
    if (i % 3 === 1) await putText(stores.source, name, `${name} anew`)
    if (i % 7 === 3) await stores.source.deleteAll([name])
    if (i % 5 === 4) await putText(stores.source, name, name)
  }
  return { ...stores, bench }
}

describe('a plan of a range', () => {
  it('is what a plan of everything says of its sources', async () => {
    await fc.assert(
      fc.asyncProperty(
        sources,
        fc.record({ after: bound, upTo: bound }, { requiredKeys: [] }),
        async (names, bounds) => {
          const range = Object.fromEntries(
            Object.entries(bounds).map(([end, at]) => [
              end,
              typeof at === 'string' ? at : (names[at % names.length] ?? ''),
            ]),
          )
          const { bench } = await openSite(names)
          const isSelected = (key: string): boolean => isInRange(key, range)
          const all = (await bench().plan()).plans
          const there = all.filter(({ group }) => group.source !== undefined && isSelected(group.key))
          const found = (await bench().plan({ selection: { range, isSelected } })).plans
          expect(toTexts(found.filter(({ group }) => group.source !== undefined))).toEqual(toTexts(there))
          expect(found.every(({ group }) => isSelected(group.key))).toBe(true)
        },
      ),
      { numRuns: RUNS },
    )
  })

  it('lists and reads what lies in it, and no more', async () => {
    const stores = { source: asCountingStore(openMemoryStore()), output: asCountingStore(openMemoryStore()) }
    const names = Array.from({ length: 1_000 }, (_, i) => `${String(i >> 6).padStart(2, '0')}/${i}.jpg`)
    for (const name of names) await putText(stores.source, name, name)
    await openBench(stores).build()
    const asked: string[] = []
    const gate = async (name: string): Promise<void> => void asked.push(name)
    const bench = openBench({
      source: asGatedStore(stores.source, gate),
      output: asGatedStore(stores.output, gate),
    })
    stores.output.reset()
    const isSelected = (key: string): boolean => key.startsWith('07/')
    const { counts } = await bench.plan({ selection: { range: { prefix: '07/' }, isSelected } })
    expect(counts).toMatchObject({ sources: 64, present: 256, missing: 0, stale: 0 })
    expect(asked.filter((name) => name === 'list on').length).toBeLessThan(64 + 256 + 10)
    expect(stores.output.requests.bytes).toBeLessThan(20_000)
  })
})

describe('shares of a build', () => {
  it('together do what one build does, whoever begins when, and whatever has come meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        sources,
        fc.integer({ min: 1, max: 5 }),
        fc.array(source, { maxLength: 3 }),
        async (names, count, later) => {
          const { source: originals, output, bench } = await openSite(names)
          const stored: string[] = []
          for (let index = 1; index <= count; index++) {
            const own = bench()
            await own.build({ selection: narrowToShare({}, await own.shares.find({ index, count })) })
            stored.push(...own.events.flatMap((event) => (event.kind === 'result-stored' ? [event.key] : [])))
            for (const name of later.slice(index - 1, index)) await putText(originals, name, 'late')
          }
          expect(new Set(stored).size).toBe(stored.length)
          const last = bench()
          const { counts, plans } = await last.plan()
          // What came after its share had been built is left to the next build; everything else is done.
          const left = plans.filter(({ steps }) => steps.some(({ kind }) => kind === 'render'))
          for (const { group } of left) expect(later).toContain(group.key)
          if (later.length === 0)
            expect(counts).toMatchObject({ missing: 0, stale: 0, copy: 0, touch: 0, drop: 0 })
          expect(await getText(output, '.imgsizes/shards.json')).toContain('"bounds":')
        },
      ),
      { numRuns: RUNS },
    )
  })

  it('go by the bounds of whoever was first, though several begin at once', async () => {
    const site = await openSite(Array.from({ length: 60 }, (_, i) => `${i}.jpg`))
    const { bench, output } = site
    // Another has listed, and more originals by then, before this one can say what it has found.
    let other: unknown
    const gate = async (name: string): Promise<void> => {
      if (other !== undefined || name !== 'put .imgsizes/shards.json') return
      other = {}
      for (let i = 0; i < 60; i++) await putText(site.source, `more ${i}.jpg`, 'more')
      other = await bench().shares.find({ index: 2, count: 3 })
    }
    const late = openBench({ ...site, output: asGatedStore(output, gate), config: CONFIG })
    expect(await late.shares.find({ index: 2, count: 3 })).toEqual(other)
    const found = await Promise.all([1, 2, 3].map((index) => bench().shares.find({ index, count: 3 })))
    const again = await Promise.all([1, 2, 3].map((index) => bench().shares.find({ index, count: 3 })))
    expect(again).toEqual(found)
    expect(found[0]).toEqual({ upTo: found[1]?.after })
    expect(found[2]).toEqual({ after: found[1]?.upTo })
    await output.put('.imgsizes/shards.json', new TextEncoder().encode('{'), {
      headers: { contentType: '', cacheControl: '', metadata: {} },
    })
    await expect(bench().shares.find({ index: 1, count: 3 })).rejects.toMatchObject({
      code: 'shards-damaged',
    })
  })

  it('are made even again by a build of everything, and by nothing else', async () => {
    const {
      bench,
      output,
      source: originals,
    } = await openSite(Array.from({ length: 60 }, (_, i) => `b/${i}.jpg`))
    const read = () => getText(output, '.imgsizes/shards.json')
    await bench().build()
    expect(await read()).toBeUndefined()
    await bench().shares.find({ index: 1, count: 3 })
    const before = await read()
    for (let i = 0; i < 60; i++) await putText(originals, `a/${i}.jpg`, 'more')
    const share = bench()
    await share.build({ selection: narrowToShare({}, await share.shares.find({ index: 2, count: 3 })) })
    expect(await read()).toBe(before)
    await bench().build()
    const after = await read()
    expect(after).not.toBe(before)
    await bench().build()
    expect(await read()).toBe(after)
  })

  it('of a part are what lies in both', () => {
    const isSelected = (key: string): boolean => key.endsWith('.jpg')
    const selection = narrowToShare(
      { isSelected, range: { prefix: 'a', upTo: 'a/z' } },
      { after: 'a/b', upTo: 'a/m' },
    )
    expect(selection.range).toEqual({ prefix: 'a', after: 'a/b', upTo: 'a/m' })
    const key = (text: string) =>
      parseSourceKey(text) ??
      (() => {
        throw new Error(text)
      })()
    expect(['a/b.jpg', 'a/c.png', 'a/n.jpg'].map((text) => selection.isSelected?.(key(text)))).toEqual([
      true,
      false,
      false,
    ])
    expect(narrowToShare({ range: { prefix: 'a', upTo: 'a/c' } }, { upTo: 'a/m' }).range).toEqual({
      prefix: 'a',
      upTo: 'a/c',
    })
    expect(narrowToShare({}, undefined)).toEqual({ keys: [] })
  })
})
