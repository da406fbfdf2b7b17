import { describe, expect, it } from 'vitest'
import { createWanted } from '../../../src/app/warm/wanted.ts'
import { warm } from '../../../src/app/warm/warm.ts'
import { compileMatch } from '../../../src/config/match.ts'
import type { Format } from '../../../src/core/format.ts'
import { Problem } from '../../../src/core/problem.ts'
import type { SourceKey } from '../../../src/core/source-key.ts'
import { formatTransform, parseTransform } from '../../../src/core/transform.ts'
import type { VariantKey } from '../../../src/url/keyring.ts'
import { versionOf } from '../../../src/url/version.ts'
import {
  type Bench,
  type BenchOptions,
  createTextRenderer,
  getText,
  listKeys,
  openBench,
  picture,
  putText,
  renderBy,
} from '../../support/bench-project.ts'
import { toTransform } from '../../support/parsed.ts'

const keyOf = ({ keyring }: Bench, source: string, text: string, format: Format = 'webp'): VariantKey =>
  keyring.keyOf({ source: source as SourceKey, transform: toTransform(text), format })

/** Warms what was asked for, `[source, transform, hits]`, and gives the events of that. */
const warmUp = async (
  bench: Bench,
  asked: readonly (readonly [source: string, transform: string, hits?: number])[],
  threads = 2,
) => {
  const { config, keyring, events } = bench
  const input = bench.planInput()
  const wanted = createWanted({
    counted: asked.map(([source, text, hits = 1]) => ({ text: keyOf(bench, source, text), hits })),
    keyring,
    versions: config,
    expectation: input.expectation,
    isIncluded: compileMatch(config.include),
  })
  const before = events.length
  await warm({
    ...input,
    rules: { ...bench.rules, isNarrowed: true },
    wanted,
    ledger: bench.ledger,
    renderer: bench.renderer,
    keyring,
    threads,
    now: () => 1_700_000_000_000,
    ticks: () => 0,
  })
  return events.slice(before)
}

const stored = (events: Bench['events']) =>
  events.flatMap((event) => (event.kind === 'result-stored' ? [event.key] : []))

const results = async ({ output }: Bench) =>
  (await listKeys(output)).filter((key) => !key.startsWith('.imgsizes/'))

const openSite = async (options: BenchOptions = {}): Promise<Bench> => {
  const bench = openBench(options)
  for (const name of ['a.jpg', 'b.jpg', 'c.jpg']) await putText(bench.source, name, `of ${name}`)
  return bench
}

describe('warming', () => {
  it('makes what was asked for and nothing else, and nothing the second time', async () => {
    const bench = await openSite()
    const asked = [
      ['a.jpg', '320w.q80'],
      ['b.jpg', '99w.q50'],
    ] as const
    const made = [keyOf(bench, 'a.jpg', '320w.q80'), keyOf(bench, 'b.jpg', '99w.q50')]
    expect(new Set(stored(await warmUp(bench, asked)))).toEqual(new Set(made))
    expect(await results(bench)).toEqual(made)
    expect(await getText(bench.output, made[1] ?? '')).toBe(picture('of b.jpg', '50', 'webp'))
    expect(stored(await warmUp(bench, asked))).toEqual([])
  })

  it('leaves a finished plan empty: what no size asks for is an extra, which prune keeps', async () => {
    const bench = await openSite()
    await bench.build()
    const { counts: before } = await bench.plan()
    await warmUp(bench, [
      ['a.jpg', '320w.q80'],
      ['a.jpg', '99w.q50'],
    ])
    const { counts } = await bench.plan()
    expect(counts).toEqual({ ...before, extra: 1 })
    const kept = await results(bench)
    await bench.prune({ now: () => 1_800_000_000_000 })
    expect(await results(bench)).toEqual(kept)
    expect(kept).toContain(keyOf(bench, 'a.jpg', '99w.q50'))
  })

  it('makes what a size asks for as a build would: nothing is left of it to build', async () => {
    const bench = await openSite()
    await warmUp(bench, [['a.jpg', '320w.q80']])
    const { counts } = await bench.plan()
    expect(counts).toMatchObject({ expected: 12, present: 1, missing: 11, stale: 0, extra: 0, orphans: 0 })
  })

  it('makes again what shows an original that was replaced', async () => {
    const bench = await openSite()
    const asked = [
      ['a.jpg', '320w.q80'],
      ['a.jpg', '99w.q50'],
    ] as const
    await warmUp(bench, asked)
    await putText(bench.source, 'a.jpg', 'another a')
    expect(stored(await warmUp(bench, asked))).toHaveLength(2)
    expect(await getText(bench.output, keyOf(bench, 'a.jpg', '99w.q50'))).toBe(
      picture('another a', '50', 'webp'),
    )
  })

  it('takes the source asked for most first, by the sum of its variants', async () => {
    const bench = await openSite()
    const events = await warmUp(
      bench,
      [
        ['a.jpg', '1w.q80', 7],
        ['b.jpg', '1w.q80', 5],
        ['b.jpg', '2w.q80', 5],
        ['c.jpg', '1w.q80', 9],
      ],
      1,
    )
    const order = events.flatMap((event) => (event.kind === 'source-planned' ? [event.source] : []))
    expect(order).toEqual(['b.jpg', 'c.jpg', 'a.jpg'])
  })

  it('makes the current version, once, of whichever versions were asked for', async () => {
    const bench = await openSite({ config: { versions: true } })
    const object = await bench.source.head('a.jpg')
    const version = versionOf(object?.mark ?? '', '')
    await warmUp(bench, [
      ['a.jpg', '320w.q80'],
      ['a.jpg', '99w.q50.v-0123456789'],
      ['a.jpg', '99w.q50'],
    ])
    expect(await results(bench)).toEqual([
      keyOf(bench, 'a.jpg', `320w.q80.v-${version}`),
      keyOf(bench, 'a.jpg', `99w.q50.v-${version}`),
    ])
    const { counts } = await bench.plan()
    expect(counts).toMatchObject({ present: 1, extra: 1, stale: 0, drop: 0, orphans: 0 })
  })

  it('leaves out a version that was asked for where keys have none', async () => {
    const bench = await openSite()
    const old = parseTransform('320w.q80.v-0123456789')
    expect(old && formatTransform(old)).toBe('320w.q80.v-0123456789')
    await warmUp(bench, [['a.jpg', '320w.q80.v-0123456789']])
    expect(await results(bench)).toEqual([keyOf(bench, 'a.jpg', '320w.q80')])
  })

  it('leaves extras whose headers follow the configuration, and which stay extras to prune', async () => {
    const { source, output } = await openSite()
    const open = (cacheControl = 'no-cache') => openBench({ source, output, config: { cacheControl } })
    await open().build()
    await warmUp(open(), [['a.jpg', '99w.q50']])
    const { counts: before } = await open().plan()
    const changed = open('max-age=5')
    const { expected = 0, extra } = before
    expect((await changed.plan()).counts).toMatchObject({ expected, touch: expected + 1, extra: 0 })
    expect(await changed.prune({ extras: true, dryRun: true })).toMatchObject({ deleted: extra })
    await changed.build()
    expect((await output.head(keyOf(changed, 'a.jpg', '99w.q50')))?.headers.cacheControl).toBe('max-age=5')
    expect((await open('max-age=5').plan()).counts).toEqual(before)
  })

  it('makes extras of originals that are not included, and nothing of excluded or missing ones', async () => {
    const bench = await openSite({ config: { include: ['a*'], exclude: ['c*'] } })
    const events = await warmUp(bench, [
      ['b.jpg', '320w.q80'],
      ['c.jpg', '320w.q80'],
      ['d.jpg', '320w.q80'],
      ['d.jpg', '330w.q80'],
    ])
    expect(await results(bench)).toEqual([keyOf(bench, 'b.jpg', '320w.q80')])
    const gone = events.flatMap((event) =>
      event.kind === 'source-gone' ? [[event.source, event.results]] : [],
    )
    expect(gone).toEqual([
      ['d.jpg', 2],
      ['c.jpg', 1],
    ])
    expect((await bench.plan()).counts).toMatchObject({ extra: 1, orphans: 0, missing: 4 })
  })

  it('goes on after a source that fails, and remembers it', async () => {
    const bench = await openSite()
    await putText(bench.source, 'bad.jpg', 'broken')
    const asked = [
      ['bad.jpg', '99w.q50', 9],
      ['a.jpg', '99w.q50'],
    ] as const
    const events = await warmUp(bench, asked)
    expect(events).toContainEqual(expect.objectContaining({ kind: 'source-failed', source: 'bad.jpg' }))
    expect(await results(bench)).toEqual([keyOf(bench, 'a.jpg', '99w.q50')])
    const again = await warmUp(bench, asked)
    expect(again.some((event) => event.kind === 'source-failed')).toBe(false)
  })

  it('holds nothing against a source of which one extra cannot be made', async () => {
    const renderer = renderBy(async (plain, job, options) => {
      const report = await plain(job, options)
      const outputs = report.outputs.map((output, index) =>
        job.outputs[index]?.transform.quality === 50 ? new Problem('output-too-large', 'Too large.') : output,
      )
      return { ...report, outputs }
    })
    const bench = await openSite({ renderer })
    const events = await warmUp(bench, [
      ['a.jpg', '99w.q50'],
      ['a.jpg', '99w.q60'],
    ])
    expect(events).toContainEqual(expect.objectContaining({ kind: 'source-failed', source: 'a.jpg' }))
    expect(await results(bench)).toEqual([keyOf(bench, 'a.jpg', '99w.q60')])
    expect((await bench.plan()).counts).toMatchObject({ missing: 12, failing: 0, extra: 1 })
  })

  it('copies what stands under the secret of before', async () => {
    const SECRETS = ['a-secret-of-tomorrow', 'correct-horse-battery-staple']
    const before = await openSite()
    await warmUp(before, [['a.jpg', '99w.q50']])
    const { source, output } = before
    const bench = openBench({ source, output, config: { secret: SECRETS } })
    const events = await warmUp(bench, [['a.jpg', '99w.q50']])
    expect(events.map(({ kind }) => kind)).toEqual(['source-planned', 'result-copied'])
    expect(await getText(output, keyOf(bench, 'a.jpg', '99w.q50'))).toBe(picture('of a.jpg', '50', 'webp'))
  })

  it('takes no more sources once it is to stop', async () => {
    const stop = new AbortController()
    const text = createTextRenderer(async () => stop.abort())
    const bench = await openSite({ renderer: text })
    const { config, keyring, ledger, renderer } = bench
    const input = bench.planInput()
    const names = ['a.jpg', 'b.jpg', 'c.jpg']
    const counted = names.map((name) => ({ text: keyOf(bench, name, '99w.q50'), hits: 1 }))
    const isIncluded = () => true
    const wanted = createWanted({
      counted,
      keyring,
      versions: config,
      expectation: input.expectation,
      isIncluded,
    })
    const rules = { ...bench.rules, isNarrowed: true }
    const rest = { rules, ledger, renderer, keyring, wanted, now: () => 1, ticks: () => 1 }
    // Without threads one source at once is taken.
    await warm({ ...input, ...rest, threads: 0, stop: stop.signal })
    expect(await results(bench)).toEqual([keyOf(bench, 'a.jpg', '99w.q50')])
    expect((await bench.plan()).counts).toMatchObject({ extra: 1 })
  })
})
