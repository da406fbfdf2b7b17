import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { hasWork } from '../../../src/app/batch/plan-counts.ts'
import { Problem, type ProblemCode } from '../../../src/core/problem.ts'
import type { SourceKey } from '../../../src/core/source-key.ts'
import type { WritableStore } from '../../../src/store/port.ts'
import {
  type Bench,
  type BenchOptions,
  createTextRenderer,
  getText,
  listKeys,
  openBench,
  putText,
  renderBy,
  SECRET,
} from '../../support/bench-project.ts'
import { asDatedStore } from '../../support/dated-store.ts'
import { asGatedStore } from '../../support/gated-store.ts'
import { createLatch } from '../../support/latch.ts'
import { openMemoryStore } from '../../support/memory-store.ts'

const DAY_MS = 86_400_000

/** One place, several runs: each `again` is a new process over the same stores. */
const site = async (options: BenchOptions = {}) => {
  const source = options.source ?? openMemoryStore()
  const output = options.output ?? openMemoryStore()
  for (const key of ['a.jpg', 'b/c.png']) await putText(source, key, `picture ${key}`)
  const again = (more: BenchOptions = {}): Bench => openBench({ ...options, ...more, source, output })
  return { source, output, again }
}

const stored = (bench: Bench) => bench.events.filter((event) => event.kind === 'result-stored').length

it('a picture of a build is followed by others until they are rendered, and the last one by none', async () => {
  const followed: (boolean | undefined)[] = []
  const both = createLatch()
  const renderer = renderBy(async (plain, request, options = {}) => {
    if (both.waiting === 1) both.open()
    await both.pass() // as while headers are read, and for their turn
    options.onBegin?.()
    followed.push(options.isFollowed?.())
    return plain(request)
  })
  const { again } = await site({ renderer })
  await again().build()
  expect(followed).toEqual([true, false])
})

it('a build that has nothing to do writes nothing', async () => {
  const { output, again } = await site()
  await again().build()
  const written = await listKeys(output)
  await again().build()
  expect(await listKeys(output)).toEqual(written)
})

it('results of an original that was replaced while it was read have the version of what was read', async () => {
  const store = openMemoryStore()
  let isReplaced = false
  const source: WritableStore = {
    ...store,
    get: async (key, options) => {
      if (key === 'a.jpg' && !isReplaced) await putText(store, key, 'picture A.jpg')
      isReplaced ||= key === 'a.jpg'
      return store.get(key, options)
    },
  }
  const { again } = await site({ source, config: { versions: true } })
  await again().build()
  const { counts } = await again().plan()
  expect([isReplaced, hasWork(counts)]).toEqual([true, false])
})

describe('a build that is told to end', () => {
  it('finishes what is being made, and leaves to the next what waits for its turn', async () => {
    const end = new AbortController()
    let turns = 0
    const renderer = renderBy(async (plain, request, options = {}) => {
      if (turns++ > 0)
        return new Promise((_, reject) => {
          options.waitSignal?.addEventListener('abort', () => reject(end.signal.reason))
        })
      options.onBegin?.()
      setTimeout(() => end.abort(new Error('the end')), 20)
      await new Promise((resolve) => end.signal.addEventListener('abort', resolve))
      return plain(request)
    })
    const { again } = await site({ renderer })
    const stopped = again()
    await stopped.build({ stop: end.signal })
    expect(stored(stopped)).toBe(4)
    expect(stopped.events.filter(({ kind }) => kind === 'source-failed')).toEqual([])
    expect((await again().plan()).counts).toMatchObject({ present: 4, missing: 4, failing: 0 })
  })

  it.each(['the originals', 'the ledger'])(
    'does not wait for a listing of %s that never comes',
    async (what) => {
      const end = new AbortController()
      const asSilent = (store: WritableStore): WritableStore => ({
        ...store,
        async *list({ signal } = {}) {
          setTimeout(() => end.abort(new Error('the end')), 20)
          await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
        },
      })
      const memory = openMemoryStore()
      const stopped = openBench(
        what === 'the ledger' ? { output: asSilent(memory) } : { source: asSilent(memory) },
      )
      await stopped.build({ stop: end.signal })
      expect(stopped.events).toEqual([])
    },
  )
})

describe('a build whose listing breaks off', () => {
  it('ends once what is being made is stored and recorded', async () => {
    const memory = openMemoryStore()
    const names = Array.from({ length: 40 }, (_, i) => `${String(i).padStart(2, '0')}.jpg`)
    for (const name of names) await putText(memory, name, name)
    const source: WritableStore = {
      ...memory,
      async *list(options) {
        yield* memory.list(options)
        throw new Problem('store-unavailable', 'It is gone.')
      },
    }
    let underWay = 0
    const renderer = createTextRenderer(async () => {
      underWay++
      await new Promise((resolve) => setTimeout(resolve, 20))
      underWay--
    })
    const broken = openBench({ source, renderer })
    await expect(broken.build()).rejects.toMatchObject({ code: 'store-unavailable' })
    expect([underWay, stored(broken) > 0]).toEqual([0, true])
    expect(await listKeys(broken.output, '.imgsizes/ledger/')).toHaveLength(1)
  })
})

describe.each([
  ['a bucket', (): BenchOptions => ({})],
  [
    'a folder',
    (): BenchOptions => ({
      source: asDatedStore(openMemoryStore()),
      output: asDatedStore(openMemoryStore()),
    }),
  ],
])('build into %s', (_, stores) => {
  it('makes everything expected, and then has nothing to do', async () => {
    const { again } = await site(stores())
    const before = await again().plan()
    expect(before.counts).toMatchObject({ sources: 2, expected: 8, missing: 8, present: 0 })
    const first = again()
    await first.build()
    expect(stored(first)).toBe(8)
    const { counts } = await again().plan()
    expect(counts).toMatchObject({ expected: 8, present: 8, orphans: 0, extra: 0 })
    expect(hasWork(counts)).toBe(false)
    const second = again()
    await second.build()
    expect(stored(second)).toBe(0)
  })

  it('makes again only what a replaced original shows, whatever its date', async () => {
    const { source, again } = await site(stores())
    await again().build()
    await putText(source, 'a.jpg', 'another one')
    const { counts } = await again().plan()
    expect(counts).toMatchObject({ present: 4, stale: 4, missing: 0 })
    const bench = again()
    await bench.build()
    expect(stored(bench)).toBe(4)
    expect(
      bench.events.filter((event) => event.kind === 'result-stored').every((event) => event.replaced),
    ).toBe(true)
    expect(hasWork((await again().plan()).counts)).toBe(false)
  })

  it('makes again only the format whose encoder was changed', async () => {
    const { again } = await site(stores())
    await again().build()
    const { counts } = await again({ config: { encoders: { webp: { effort: 6 } } } }).plan()
    expect(counts).toMatchObject({ stale: 4, present: 4 })
  })

  it('leaves what no size asks for as orphans, and prunes them when they are old enough', async () => {
    const { output, again } = await site(stores())
    await again().build()
    const fewer = { config: { sizes: { content: { widths: [320] } } } }
    const bench = again(fewer)
    await bench.build()
    const { counts } = await again(fewer).plan()
    expect(counts).toMatchObject({ expected: 4, present: 4, orphans: 4 })
    const later = 1_700_000_000_000 + 6 * DAY_MS
    expect(await again(fewer).prune({ olderThanMs: 7 * DAY_MS, now: () => later })).toMatchObject({
      deleted: 0,
      kept: 4,
    })
    const dry = await again(fewer).prune({ olderThanMs: 5 * DAY_MS, now: () => later, dryRun: true })
    expect(dry).toMatchObject({ deleted: 4, kept: 0 })
    expect((await again(fewer).plan()).counts.orphans).toBe(4)
    expect(await again(fewer).prune({ olderThanMs: 5 * DAY_MS, now: () => later })).toMatchObject({
      deleted: 4,
    })
    const keys = await listKeys(output)
    expect(keys.filter((key) => !key.startsWith('.imgsizes/'))).toHaveLength(4)
  })

  it('records nothing in a dry run, and the clock of an orphan ends with the result', async () => {
    const now = 1_700_000_000_000
    const { output, again } = await site(stores())
    await again().build()
    const fewer = { config: { sizes: { content: { widths: [320] } } } }
    const ledgerOf = () => listKeys(output, '.imgsizes/ledger/')
    const before = await ledgerOf()
    await again(fewer).prune({ dryRun: true })
    expect(await ledgerOf()).toEqual(before)
    expect(await again(fewer).prune()).toMatchObject({ deleted: 4 })
    // Stored again by somebody who tells nobody: an orphan from now on, not from then.
    await putText(output, 'a.jpg/640w.q80.qF6REvediB0G4T6S.jpg', 'again')
    await again().source.deleteAll(['a.jpg'])
    const later = () => now + 30 * DAY_MS
    expect(await again(fewer).prune({ olderThanMs: 7 * DAY_MS, now: later })).toMatchObject({
      deleted: 0,
      kept: 3,
    })
  })

  it('prunes at once what a clock that is ahead has recorded as an orphan of tomorrow', async () => {
    const { again } = await site(stores())
    await again().build()
    const fewer = { config: { sizes: { content: { widths: [320] } } } }
    await again({ ...fewer, now: () => 1_700_000_000_000 + DAY_MS }).build()
    expect(await again(fewer).prune({ olderThanMs: 1 })).toMatchObject({ deleted: 0, kept: 4 })
    expect(await again(fewer).prune()).toMatchObject({ deleted: 4, kept: 0 })
  })

  it('refuses to prune for an empty source, a missing one, or too large a share', async () => {
    const { source, output, again } = await site(stores())
    await again().build()
    await source.deleteAll(['a.jpg'])
    await expect(again().prune({ maxShare: 0.2 })).rejects.toMatchObject({ code: 'prune-share' })
    await source.deleteAll(['b/c.png'])
    await expect(again().prune()).rejects.toMatchObject({ code: 'prune-empty' })
    expect((await listKeys(output)).filter((key) => !key.startsWith('.imgsizes/'))).toHaveLength(8)
    expect(await again().prune({ allowEmpty: true })).toMatchObject({ deleted: 8 })
  })

  it('never touches what is not ours', async () => {
    const { output, again } = await site(stores())
    await putText(output, 'index.html', 'hello')
    await putText(output, 'a.jpg/640w.q80.AAAAAAAAAAAAAAAA.webp', 'forged')
    await again().build()
    await again().source.deleteAll(['a.jpg'])
    const result = await again().prune()
    expect(result).toMatchObject({ deleted: 4, foreign: 2 })
    expect(await getText(output, 'index.html')).toBe('hello')
  })

  it.each([
    ['is deleted before its turn has not failed', true, ['source-gone']],
    ['is listed, but cannot be found, has failed', false, ['source-failed']],
  ])('a picture that %s', async (_, isDeleted, told) => {
    const source = openMemoryStore()
    const gated = asGatedStore(source, async (operation) => {
      if (operation === 'get a.jpg' && isDeleted) await source.deleteAll(['a.jpg'])
    })
    const missing: Partial<WritableStore> = isDeleted
      ? {}
      : { get: async (key, options) => (key === 'a.jpg' ? undefined : gated.get(key, options)) }
    const { again } = await site({
      ...stores(),
      source: { ...gated, ...missing, head: async () => undefined },
    })
    const bench = again()
    await bench.build()
    expect(
      bench.events.flatMap((event) => ('source' in event && event.source === 'a.jpg' ? event.kind : [])),
    ).toEqual(['source-planned', ...told])
    expect(stored(bench)).toBe(4)
  })

  it('remembers a failure until the source changes, and goes on with the others', async () => {
    const { source, again } = await site(stores())
    await putText(source, 'a.jpg', 'broken')
    const first = again()
    await first.build()
    expect(first.events.filter((event) => event.kind === 'source-failed')).toMatchObject([
      { source: 'a.jpg', problem: { code: 'image-corrupt' } },
    ])
    expect(stored(first)).toBe(4)
    const { counts } = await again().plan()
    expect(counts).toMatchObject({ failing: 1, missing: 0, present: 4, expected: 8 })
    expect(hasWork(counts)).toBe(false)
    const second = again()
    await second.build()
    expect(second.events.some((event) => event.kind === 'source-read')).toBe(false)
    const retry = again()
    await retry.build({ rules: { ...retry.rules, retryFailed: true } })
    expect(retry.events.some((event) => event.kind === 'source-failed')).toBe(true)
    await putText(source, 'a.jpg', 'mended')
    await again().build()
    expect((await again().plan()).counts).toMatchObject({ failing: 0, present: 8 })
  })

  it('shows a damaged source where that is wanted, and a change of mind touches its results alone', async () => {
    const { source, again } = await site(stores())
    await putText(source, 'a.jpg', 'cut off')
    const show = { config: { limits: { damaged: 'show' as const } } }
    const shown = again(show)
    await shown.build()
    expect(shown.events.filter((event) => event.kind === 'source-damaged')).toEqual([
      { kind: 'source-damaged', source: 'a.jpg', message: 'It is broken.' },
    ])
    expect(stored(shown)).toBe(8)
    expect((await again(show).plan()).counts).toMatchObject({ present: 8, stale: 0, failing: 0 })
    expect((await again().plan()).counts).toMatchObject({ present: 4, stale: 4 })
    await again().build()
    expect((await again().plan()).counts).toMatchObject({ present: 4, stale: 0, failing: 1 })
    const shownAgain = again(show)
    await shownAgain.build()
    expect(stored(shownAgain)).toBe(0)
  })

  it('remembers a mistake of ours at one picture, and comes to rest', async () => {
    const renderer = renderBy(() =>
      Promise.reject(new Problem('render-bug', 'imgsizes failed at the picture: x.')),
    )
    const { again } = await site(stores())
    const first = again({ renderer })
    await first.build()
    expect(first.events.filter((event) => event.kind === 'source-failed')).toHaveLength(2)
    const { counts } = await again().plan()
    expect([counts.failing, hasWork(counts)]).toEqual([2, false])
  })

  it('tries a picture that kills its process once more, alone, and comes to rest', async () => {
    const atOnce: number[] = []
    let running = 0
    const renderer = renderBy(async (_, { bytes }, options) => {
      options?.onBegin?.()
      atOnce.push(++running)
      await setImmediate()
      running--
      throw new Problem('render-crashed', `The process died of ${bytes.length} bytes.`)
    })
    const { again } = await site(stores())
    const first = again({ renderer })
    await first.build()
    expect(atOnce).toEqual([1, 2, 1, 1])
    expect(first.events.filter((event) => event.kind === 'source-failed')).toHaveLength(2)
    const { counts } = await again().plan()
    expect([counts.failing, hasWork(counts)]).toEqual([2, false])
  })

  it('forgives a death that was not the fault of the picture', async () => {
    let deaths = 0
    const renderer = renderBy((plain, ...given) =>
      deaths++ === 0 ? Promise.reject(new Problem('render-crashed', 'The process died.')) : plain(...given),
    )
    const { again } = await site(stores())
    const first = again({ renderer })
    await first.build()
    expect(first.events.filter((event) => event.kind === 'source-failed')).toEqual([])
    expect((await again().plan()).counts).toMatchObject({ failing: 0, present: 8 })
  })

  it('copies under a new secret, and the old keys are orphans', async () => {
    const { again } = await site(stores())
    await again().build()
    const rotated = { config: { secret: ['a-secret-that-is-brand-new', SECRET] } }
    expect((await again(rotated).plan()).counts).toMatchObject({ copy: 8, missing: 0 })
    const bench = again(rotated)
    await bench.build()
    expect(bench.events.filter((event) => event.kind === 'result-copied')).toHaveLength(8)
    expect(bench.events.some((event) => event.kind === 'source-read')).toBe(false)
    expect((await again(rotated).plan()).counts).toMatchObject({ present: 8, copy: 0, orphans: 8 })
    expect(await again(rotated).prune()).toMatchObject({ deleted: 8 })
    expect((await again(rotated).plan()).counts).toMatchObject({ present: 8, orphans: 0 })
  })

  it('gives a changed picture a new URL where versions are on', async () => {
    const { source, again } = await site(stores())
    const versioned = { config: { versions: true } }
    await again(versioned).build()
    expect((await again(versioned).plan()).counts).toMatchObject({ present: 8, orphans: 0 })
    await putText(source, 'a.jpg', 'another one')
    expect((await again(versioned).plan()).counts).toMatchObject({ present: 4, missing: 4, orphans: 4 })
    await again(versioned).build()
    expect((await again(versioned).plan()).counts).toMatchObject({ present: 8, missing: 0, orphans: 4 })
  })

  it('is narrowed without making an orphan', async () => {
    const { again } = await site(stores())
    await again().build()
    const bench = again()
    const narrowed = {
      rules: { ...bench.rules, isNarrowed: true },
      selection: { isSelected: (key: SourceKey) => key === 'a.jpg' },
    }
    expect((await bench.plan(narrowed)).counts).toMatchObject({ sources: 1, present: 4, orphans: 0 })
  })

  it('renders what nobody vouches for once the ledger is gone, unless the object says it itself', async () => {
    const { output, again } = await site(stores())
    await again().build()
    await output.deleteAll((await listKeys(output)).filter((key) => key.startsWith('.imgsizes/')))
    const { counts } = await again().plan()
    expect(counts).toMatchObject(output.keepsHeaders ? { present: 8 } : { stale: 8 })
  })
})

describe('a build that can store or record nothing', () => {
  const openDenied = async (isDenied: (folder: string) => boolean, code: ProblemCode) => {
    const memory = openMemoryStore()
    const output: WritableStore = {
      ...memory,
      probe: async ({ into = '' } = {}) => {
        if (isDenied(into)) throw new Problem(code, 'You may not.')
      },
    }
    let renders = 0
    const renderer = renderBy(async (plain, request) => {
      renders++
      return plain(request)
    })
    const { again } = await site({ output, renderer })
    return { again, renders: () => renders }
  }

  it.each(['.imgsizes/', '.imgsizes/ledger/'])('ends before anything is rendered: %s', async (denied) => {
    const { again, renders } = await openDenied((folder) => folder === denied, 'store-denied')
    await expect(again().build()).rejects.toMatchObject({ code: 'store-denied' })
    expect(renders()).toBe(0)
  })

  it('begins all the same where that may pass, and does not ask where there is nothing to do', async () => {
    const passing = await openDenied(() => true, 'store-unavailable')
    await passing.again().build()
    expect(passing.renders()).toBe(2)
    let isDenied = false
    const built = await openDenied(() => isDenied, 'store-denied')
    await built.again().build()
    isDenied = true
    await built.again().build()
    expect(built.renders()).toBe(2)
  })
})

it('build into a bucket touches headers and renders nothing when Cache-Control changes, also back again', async () => {
  const { output, again } = await site()
  await again({ config: { cacheControl: 'no-cache' } }).build()
  for (const cacheControl of ['public, max-age=60', 'no-cache', 'public, max-age=60']) {
    const changed = { config: { cacheControl } }
    expect((await again(changed).plan()).counts).toMatchObject({ touch: 8, stale: 0 })
    const bench = again(changed)
    await bench.build()
    expect(bench.events.some((event) => event.kind === 'source-read')).toBe(false)
    const [key = ''] = (await listKeys(output)).filter((each) => !each.startsWith('.imgsizes/'))
    expect((await output.head(key))?.headers.cacheControl).toBe(cacheControl)
    expect((await again(changed).plan()).counts).toMatchObject({ touch: 0, present: 8 })
  }
  await output.deleteAll((await listKeys(output)).filter((each) => each.startsWith('.imgsizes/ledger/')))
  const changed = { config: { cacheControl: 'no-cache' } }
  await again(changed).build()
  expect((await again(changed).plan()).counts).toMatchObject({ touch: 0, present: 8 })
})

it('an original that came shorter than it is listed fails, and is tried again', async () => {
  const { source, output, again } = await site()
  const cutting = {
    ...source,
    get: async (...asked: Parameters<typeof source.get>) => {
      const object = await source.get(...asked)
      return object && { ...object, bytes: object.bytes.subarray(0, -9) }
    },
  }
  const cut = openBench({ source: cutting, output })
  await cut.build()
  expect(stored(cut)).toBe(0)
  expect(cut.events.filter((event) => event.kind === 'source-failed')).toMatchObject(
    ['a.jpg', 'b/c.png'].map((key) => ({ source: key, problem: { code: 'store-unavailable' } })),
  )
  expect((await again().plan()).counts).toMatchObject({ failing: 0, missing: 8 })
})

describe('build into a folder', () => {
  it('reads a fresh checkout once and nothing more', async () => {
    const source = asDatedStore(openMemoryStore())
    const { again } = await site({ source, output: asDatedStore(openMemoryStore()) })
    await again().build()
    for (const key of ['a.jpg', 'b/c.png']) source.redate(key)
    const reads: string[] = []
    const counting = {
      ...source,
      get: (key: string) => {
        reads.push(key)
        return source.get(key)
      },
    }
    const bench = openBench({ source: counting, output: again().output })
    await bench.build()
    expect(reads).toEqual(['a.jpg', 'b/c.png'])
    expect(stored(bench)).toBe(0)
    await openBench({ source: counting, output: bench.output }).build()
    expect(reads).toHaveLength(2)
  })

  it('asks the bytes of results whose dates alone have changed', async () => {
    const output = asDatedStore(openMemoryStore())
    const { again } = await site({ output })
    await again().build()
    for (const key of await listKeys(output)) if (!key.startsWith('.imgsizes/')) output.redate(key)
    const bench = again()
    await bench.build()
    expect(stored(bench)).toBe(0)
    const reads: string[] = []
    const counting = {
      ...output,
      get: (key: string) => {
        if (!key.startsWith('.imgsizes/')) reads.push(key)
        return output.get(key)
      },
    }
    await openBench({ source: bench.source, output: counting }).plan()
    expect(reads).toEqual([])
  })
})
