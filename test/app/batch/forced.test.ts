import { describe, expect, it } from 'vitest'
import { createForcedBuilds, type Forcing, openForcedRun } from '../../../src/app/batch/forced.ts'
import { narrowToShare } from '../../../src/app/batch/shares.ts'
import { parseSourceKey } from '../../../src/core/source-key.ts'
import { createIsForced, isSameScope, parseForced } from '../../../src/plan/forced.ts'
import { createTextRenderer, getText, openBench, putText } from '../../support/bench-project.ts'
import { openMemoryStore } from '../../support/memory-store.ts'

const NAMES = ['a/1.jpg', 'a/2.jpg', 'b/3.jpg', 'b/4.jpg'].flatMap((text) => parseSourceKey(text) ?? [])
const MARK = '.imgsizes/forced.json'
const HOUR_MS = 3_600_000

/** A site that is built, on a clock that moves as little as it may between one object and the next. */
const openSite = async () => {
  const clock = { now: 1_700_000_000_000 }
  const now = () => ++clock.now
  const stores = { source: openMemoryStore({ now }), output: openMemoryStore({ now }) }
  for (const name of NAMES) await putText(stores.source, name, name)
  const open = () => openBench({ ...stores, now })
  await open().build()
  /** What it rendered, by source and transform. */
  const run = async (changes: Parameters<ReturnType<typeof open>['build']>[0] = {}, bench = open()) => {
    await bench.build(changes)
    return bench.events.flatMap((event) =>
      event.kind === 'result-stored' ? [event.key.replace(/\.q80.*\./, ' ')] : [],
    )
  }
  const force = (forcing: Forcing, changes: Parameters<typeof run>[0] = {}) =>
    run({ rules: { ...open().rules, force: true }, forcing, ...changes })
  const countLeft = async () => (await open().plan()).counts.stale
  return { ...stores, clock, open, run, force, countLeft, readMark: () => getText(stores.output, MARK) }
}

describe('a forced build', () => {
  it('that comes to its end leaves nothing, and is forgotten by the next build of everything', async () => {
    const { run, force, countLeft, readMark } = await openSite()
    expect(await force({})).toHaveLength(16)
    expect(await countLeft()).toBe(0)
    expect(await readMark()).toContain('"imgsizes":"forced"')
    expect(await run()).toEqual([])
    expect(await readMark()).toBeUndefined()
  })

  it('that was killed is seen by plan, and finished by the next build, of all or of a part', async () => {
    const { open, run, force, countLeft, readMark, ...stores } = await openSite()
    let renders = 0
    const renderer = createTextRenderer(async () => {
      if (++renders > 2) throw new Error('killed')
    })
    const killed = openBench({ ...stores, renderer, now: () => ++stores.clock.now })
    const rules = { ...killed.rules, force: true }
    await expect(killed.build({ rules, forcing: {}, threads: 1 })).rejects.toThrow('killed')
    const left = await countLeft()
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThan(16)
    const { plans } = await open().plan()
    const steps = plans.flatMap((plan) => plan.steps).filter(({ kind }) => kind === 'render')
    expect(steps.every((step) => step.kind === 'render' && step.why === 'forced')).toBe(true)
    // Named ones are what somebody wants now, and no more.
    expect(await run({ selection: { keys: NAMES } })).toEqual([])
    const inPart = await run({ selection: { range: { prefix: 'b/4' } } })
    expect(await countLeft()).toBe(left - inPart.length)
    expect(await run()).toHaveLength(left - inPart.length)
    expect(await countLeft()).toBe(0)
    expect(await readMark()).toBeDefined()
    await run()
    expect(await readMark()).toBeUndefined()
  })

  it('of a stored plan shows which of its shares was lost, and renders those of the others once', async () => {
    const { run, force, countLeft } = await openSite()
    const share = (id: string, ...keys: number[]) =>
      force({ id }, { selection: { keys: keys.flatMap((i) => NAMES[i] ?? []) } })
    await share('one', 0)
    await share('one', 2, 3)
    expect(await countLeft()).toBe(4)
    expect(new Set((await run()).map((text) => text.slice(0, 7)))).toEqual(new Set(['a/2.jpg']))
    expect(await countLeft()).toBe(0)
    // The next campaign is another, though nobody has looked in between.
    await share('two', 0, 1)
    expect(await countLeft()).toBe(8)
    await share('two', 2, 3)
    expect(await countLeft()).toBe(0)
  })

  it('in ranges shows which range was lost', async () => {
    const { open, run, force, countLeft, clock } = await openSite()
    const share = async (index: number) =>
      force(
        { isShare: true },
        { selection: narrowToShare({}, await open().shares.find({ index, count: 2 })) },
      )
    const first = await share(1)
    clock.now += HOUR_MS
    expect(await countLeft()).toBe(16 - first.length)
    await share(2)
    expect(await countLeft()).toBe(0)
    clock.now += 25 * HOUR_MS
    await share(2)
    expect(await run()).toEqual(first)
  })

  it('of a part shows what of that part is left, whatever others there are', async () => {
    const { run, force, countLeft, clock, output, readMark } = await openSite()
    const none = { selection: { range: { prefix: 'nothing' } } }
    await force({ only: 'a/*.jpg', size: 'content', format: 'original' }, none)
    expect(await countLeft()).toBe(4)
    await force({ format: 'webp' }, none)
    expect(await countLeft()).toBe(4 + 8)
    clock.now += HOUR_MS
    await force({ format: 'webp' }, none)
    expect(JSON.parse((await readMark()) ?? '').builds).toHaveLength(2)
    expect(await run()).toHaveLength(4 + 8)
    await run()
    expect(await readMark()).toBeUndefined()
    await force({ size: 'no such size' }, none)
    expect(await countLeft()).toBe(0)
    await putText(output, MARK, '{')
    expect(await countLeft()).toBe(0)
  })

  it('is told of where its note cannot be read, and stops no other', async () => {
    const { open, run, output } = await openSite()
    await putText(output, MARK, '{')
    const bench = open()
    expect(await run({}, bench)).toEqual([])
    expect(bench.events).toContainEqual(
      expect.objectContaining({
        kind: 'warning',
        problem: expect.objectContaining({ code: 'forced-damaged' }),
      }),
    )
    for (const text of [
      '',
      '[]',
      '{"imgsizes":"shards","version":1,"builds":[]}',
      '{"imgsizes":"forced","version":2,"builds":[]}',
      'null',
    ])
      expect(() => parseForced('f', { text, modifiedAt: 1 })).toThrow('cannot be read')
    for (const build of [{ since: 'x' }, { only: 1 }, { format: 'bmp' }, { id: 7 }])
      expect(() =>
        parseForced('f', {
          text: JSON.stringify({ imgsizes: 'forced', version: 1, builds: [build] }),
          modifiedAt: 1,
        }),
      ).toThrow('cannot be read')
  })
})

describe('the notes of forced builds', () => {
  const open = (options: { readonly skewMs?: number } = {}) => {
    const clock = { now: 1_700_000_000_000 }
    const store = openMemoryStore({ now: () => clock.now })
    return { clock, ...createForcedBuilds({ store, prefix: '.imgsizes/', ...options }) }
  }
  const never = () => false

  it('outlive the end of an earlier build of the same', async () => {
    const { clock, begin, read, end } = open()
    await begin({}, never)
    const earlier = await read()
    clock.now++
    await begin({}, never)
    await end(earlier)
    expect(await read()).toEqual([{ since: clock.now }])
    await end(await read())
    expect(await read()).toEqual([])
  })

  it('have dates as those of results', async () => {
    const { clock, begin, read } = open({ skewMs: 5 })
    await begin({}, never)
    expect(await read()).toEqual([{ since: clock.now - 5 }])
  })

  it.each([
    ['a share of the same build', { isShare: true }, { isShare: true }, 0, false],
    ['a share that begins a day later', { isShare: true }, { isShare: true }, 24 * HOUR_MS, true],
    ['one that is no share', { isShare: true }, {}, 0, true],
    ['a share beside one of a stored plan', { id: 'one' }, { isShare: true }, 0, true],
    ['one of the same plan, however late', { id: 'one' }, { id: 'one' }, 48 * HOUR_MS, false],
    ['one of another plan', { id: 'one' }, { id: 'two' }, 0, true],
  ] as const)('begin anew with %s: %j, %j after %i ms is %s', async (_, first, second, ms, isNew) => {
    const { clock, ...forced } = open()
    const run = async (forcing: Forcing) =>
      openForcedRun({
        forced,
        forcing,
        rules: { ...openBench().rules, force: true },
        selection: {},
        now: () => clock.now,
        tell: () => {},
      })
    await run(first)
    const since = clock.now
    clock.now += ms || 1
    await run(second)
    expect((await forced.read())[0]?.since).toBe(isNew ? clock.now : since)
  })

  it('stay where a source could not be looked at', async () => {
    const { clock, ...forced } = open()
    await forced.begin({}, never)
    const end = async (plan: object) => {
      const { rules } = openBench()
      const run = await openForcedRun({ forced, rules, selection: {}, now: () => 0, tell: () => {} })
      run.observe({ steps: [], ...plan } as never)
      run.observe({ steps: [] } as never)
      await run.finish()
      return (await forced.read()).length
    }
    expect(await end({ problem: {} })).toBe(1)
    expect(await end({ steps: [{ kind: 'render', why: 'forced' }] })).toBe(1)
    expect(await end({ steps: [{ kind: 'render', why: 'original' }] })).toBe(0)
  })
})

it('is of what was stored before it, by its own time where the file has one', () => {
  const text = JSON.stringify({ imgsizes: 'forced', version: 1, builds: [{ since: 5 }, {}] })
  const builds = parseForced('f', { text, modifiedAt: 9 })
  expect(builds.map(({ since }) => since)).toEqual([5, 9])
  const isForced = createIsForced(builds, () => () => true)
  const times = [8, 9].map((storedAt) => isForced(NAMES[0] as never, {} as never, storedAt))
  expect(times).toEqual([true, false])
})

it.each([
  [{ only: 'b/**' }, false],
  [{ size: 'card' }, false],
  [{ format: 'avif' as const }, false],
  [{}, true],
])('two forced builds are the same again where all that narrows them is: with %j', (other, isSame) => {
  const scope = { only: 'a/**', size: 'content', format: 'webp' as const }
  expect(isSameScope(scope, { ...scope, ...other })).toBe(isSame)
})
