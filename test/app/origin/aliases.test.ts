import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { listPurge, listPurgedAliases, purge } from '../../../src/app/batch/purge.ts'
import type { BuildInput } from '../../../src/app/batch/source-steps.ts'
import { createAliases } from '../../../src/app/origin/aliases.ts'
import { md5 } from '../../../src/app/results.ts'
import { Problem } from '../../../src/core/problem.ts'
import type { SourceKey } from '../../../src/core/source-key.ts'
import { WRITE_WITHIN_MS } from '../../../src/plan/alias.ts'
import { EVERYTHING } from '../../../src/plan/source-span.ts'
import type { WritableStore } from '../../../src/store/port.ts'
import {
  type Bench,
  getText,
  listKeys,
  openBench,
  picture,
  putText,
  SECRET,
} from '../../support/bench-project.ts'
import { asDatedStore } from '../../support/dated-store.ts'
import { IMGPROXY, signImgproxy as signed } from '../../support/foreign-urls.ts'
import { asGatedStore } from '../../support/gated-store.ts'
import { createLatch } from '../../support/latch.ts'
import { until } from '../../support/listening.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { openMemoryStore } from '../../support/memory-store.ts'
import { openTestOrigin, type TestOrigin, type TestOriginOptions } from '../../support/origin.ts'
import { collect } from '../../support/streams.ts'

const aliasOf = (path: string): string => `cache/${md5(Buffer.from(path))}`

/** Of a size that is configured, and of one that is not. */
const EXPECTED = signed('/w:320/plain/local:///a.jpg@webp')
const EXTRA = signed('/w:77/plain/local:///a.jpg@webp')

const DIALECT = {
  type: 'imgproxy',
  ...IMGPROXY,
  cacheKeys: { folder: 'cache/' },
} as const

type Stores = Pick<TestOriginOptions, 'source' | 'output'>

/** One place over time: each `serve` and each `bench` is a process of its own. */
const openSite = async ({ source = openMemoryStore(), output = openMemoryStore() }: Stores = {}) => {
  let now = 1_700_000_000_000
  const options = (more: TestOriginOptions = {}): TestOriginOptions => ({
    source,
    output,
    now: () => now,
    ...more,
    config: { dialects: [DIALECT], serve: { fill: 'one' }, ...more.config },
  })
  await putText(source, 'a.jpg', 'one')
  const serve = (more?: TestOriginOptions): TestOrigin => {
    const opened = options(more)
    const clock = {
      now: () => now,
      date: () => now,
      random: () => 0.5,
      alarm: () => () => {}, // nothing is ever late
      wait: async (ms: number, signal?: AbortSignal) => {
        await new Promise((resolve) => setTimeout(resolve, Math.min(ms, 5)))
        signal?.throwIfAborted()
      },
    }
    return openTestOrigin({ ...opened, clock })
  }
  return {
    source,
    output,
    serve,
    /** Asks, and waits until everything is stored. */
    ask: async (...paths: readonly string[]): Promise<void> => {
      const { getRaw, settle } = serve()
      for (const path of paths) expect((await getRaw(path)).status).toBe(200)
      await settle()
    },
    bench: (more?: TestOriginOptions): Bench => openBench(options(more)),
    build: async (more?: TestOriginOptions, changes?: Partial<BuildInput>): Promise<Bench> => {
      const bench = openBench(options(more))
      await bench.build(changes)
      return bench
    },
    killedBuild: async (when: string): Promise<void> => {
      const state = { isKilled: false }
      const gate = async (operation: string) => {
        const isIt =
          operation.startsWith('put cache/') && operation.endsWith('answered') === (when === 'after')
        if (isIt) state.isKilled = true
        if (state.isKilled) throw new Error('killed')
      }
      const build = openBench(options({ output: asGatedStore(output, gate) })).build()
      await expect(build).rejects.toThrow('killed')
    },
    wait: (minutes: number): void => {
      now += minutes * 60_000
    },
    prune: (bench: Bench) => bench.prune({ now: () => now, extras: true, allowEmpty: true }),
    text: (key: string) => getText(output, key),
    names: () => listKeys(output, 'cache/'),
  }
}

const aliasEvents = ({ events }: Bench) => events.filter(({ kind }) => kind.startsWith('alias-'))

const known = async ({ ledger }: Bench) =>
  (await collect((await ledger.open()).entries())).flatMap(({ aliases }) => aliases)

const KINDS: readonly (readonly [string, () => Stores])[] = [
  ['a bucket', () => ({})],
  ['a folder', () => ({ source: asDatedStore(openMemoryStore()), output: asDatedStore(openMemoryStore()) })],
]

describe.each(KINDS)('serve stores an alias in %s', (_, stores) => {
  it('of what it renders, after the result, with its bytes and headers', async () => {
    const { output, serve } = await openSite(stores())
    const order: string[] = []
    const gate = async (operation: string) => {
      if (operation.startsWith('put ') && !operation.includes('.imgsizes')) order.push(operation)
    }
    const { getRaw, settle, events, key } = serve({ output: asGatedStore(output, gate) })
    await getRaw(EXTRA)
    await settle()
    const native = key('a.jpg', '77w.q80')
    expect(order).toEqual([`put ${native}`, `put ${native} answered`, ...putOf(aliasOf(EXTRA))])
    const [alias, result] = [await output.get(aliasOf(EXTRA)), await output.get(native)]
    expect(alias?.bytes).toEqual(result?.bytes)
    expect(alias?.headers).toEqual(result?.headers)
    expect(events.filter(({ kind }) => kind === 'alias-stored')).toHaveLength(1)
  })

  it('of what a build has made', async () => {
    const { ask, build, text, names } = await openSite(stores())
    await build()
    await ask(EXPECTED)
    expect(await names()).toEqual([aliasOf(EXPECTED)])
    expect(await text(aliasOf(EXPECTED))).toBe(picture('one', '80', 'webp'))
  })

  it('for every spelling that was signed, once each', async () => {
    const { serve, output, names } = await openSite(stores())
    const puts: string[] = []
    const gate = async (operation: string) => {
      if (operation.startsWith('put cache/') && !operation.endsWith('answered')) puts.push(operation)
    }
    const { getRaw, settle } = serve({ output: asGatedStore(output, gate) })
    const paths = [EXTRA, signed('/w:77/cb:2/plain/local:///a.jpg@webp')]
    await Promise.all([...paths, ...paths, EXTRA.replace('w:77', 'w%3A77')].map((path) => getRaw(path)))
    await Promise.all(paths.map((path) => getRaw(path)))
    await settle()
    expect([...(await names())].sort()).toEqual(paths.map(aliasOf).sort())
    expect(puts).toHaveLength(2)
  })

  it('again when it is asked for and gone', async () => {
    const { ask, output, names, serve, wait } = await openSite(stores())
    await ask(EXTRA)
    await output.deleteAll([aliasOf(EXTRA)])
    const { getRaw, settle } = serve()
    await getRaw(EXTRA)
    wait(2)
    await settle()
    expect(await names()).toEqual([aliasOf(EXTRA)])
  })

  it('never over what others have put there, and lays no claim to it', async () => {
    const { ask, output, text, build, bench, prune } = await openSite(stores())
    await putText(output, aliasOf(EXTRA), 'of long ago')
    await ask(EXTRA)
    expect(await known(bench())).toEqual([])
    await build()
    await prune(bench())
    expect(await text(aliasOf(EXTRA))).toBe('of long ago')
  })

  it('for GET alone, for no error, and for no URL of ours', async () => {
    const { serve, names } = await openSite(stores())
    const { get, key, getRaw, settle } = serve()
    expect((await getRaw(EXTRA, { method: 'HEAD' })).status).toBe(200)
    expect((await getRaw(signed('/w:5/plain/local:///none.jpg'))).status).toBe(404)
    expect((await getRaw('/wrong/w:5/plain/local:///a.jpg')).status).toBe(403)
    expect((await get(key('a.jpg', '77w.q80'))).status).toBe(200) // has no other name
    await settle()
    expect(await names()).toEqual([])
  })

  it('of no answer that differs by Accept, and of no link that ends', async () => {
    const { serve, names } = await openSite(stores())
    const { getRaw, settle } = serve({ config: { dialects: [{ ...DIALECT, autoFormat: ['webp'] }] } })
    await getRaw(signed('/w:5/plain/local:///a.jpg'), { headers: { accept: 'image/webp' } })
    await getRaw(signed('/w:5/plain/local:///a.jpg'))
    await getRaw(signed('/w:5/exp:1900000000/plain/local:///a.jpg@jpg'))
    await settle()
    expect(await names()).toEqual([])
  })

  it('though the store fails at first, and without anybody waiting', async () => {
    const { serve, output, names } = await openSite(stores())
    let failures = 2
    const gate = async (operation: string) => {
      if (operation.startsWith('put cache/') && !operation.endsWith('answered') && failures-- > 0)
        throw new Problem('store-unavailable', 'Not now.')
    }
    const { getRaw, settle, events } = serve({ output: asGatedStore(output, gate) })
    expect((await getRaw(EXTRA)).status).toBe(200)
    await settle()
    expect(await names()).toEqual([aliasOf(EXTRA)])
    expect(events.filter(({ kind }) => kind === 'store-retried')).toHaveLength(2)
  })

  it('never over what others have put there since it looked', async () => {
    const { serve, output, text } = await openSite(stores())
    const gate = async (operation: string) => {
      if (operation === `head ${aliasOf(EXTRA)} answered`) await putText(output, aliasOf(EXTRA), 'of another')
    }
    const { getRaw, settle } = serve({ output: asGatedStore(output, gate) })
    await getRaw(EXTRA)
    await settle()
    expect(await text(aliasOf(EXTRA))).toBe('of another')
  })

  it('only once the ledger says so', async () => {
    const { serve, output, names } = await openSite(stores())
    const gate = async (operation: string) => {
      if (operation.startsWith('put .imgsizes/ledger')) throw new Problem('store-denied', 'Never.')
    }
    const { getRaw, origin } = serve({ output: asGatedStore(output, gate) })
    await getRaw(EXTRA)
    await expect(origin.close(AbortSignal.timeout(200))).rejects.toThrow()
    expect(await names()).toEqual([])
  })
})

const putOf = (key: string): readonly string[] => [`put ${key}`, `put ${key} answered`]

describe.each(KINDS)('in %s', (_, stores) => {
  it('a new original gives the alias new bytes, or takes it along with an extra', async () => {
    const { source, ask, build, bench, text, names, wait } = await openSite(stores())
    await ask(EXPECTED, EXTRA)
    await putText(source, 'a.jpg', 'two')
    const first = await build()
    expect(await names()).toEqual([aliasOf(EXPECTED)])
    expect(await text(aliasOf(EXPECTED))).toBe(picture('two', '80', 'webp'))
    expect(
      aliasEvents(first)
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual(['alias-deleted', 'alias-stored'])
    wait(11)
    // What another may have written meanwhile is looked at once more.
    expect((await known(bench())).length).toBeGreaterThan(2)
    expect(aliasEvents(await build()).map(({ kind }) => kind)).not.toContain('alias-stored')
    expect(await known(bench())).toMatchObject([{ isDone: true }, { isDone: true }])
    expect(aliasEvents(await build())).toEqual([])
  })

  it('a build has no work with aliases that are right', async () => {
    const { ask, build, bench } = await openSite(stores())
    await build()
    await ask(EXPECTED, EXTRA)
    const { counts } = await bench().plan()
    expect(counts).toMatchObject({ foreign: 2, missing: 0, stale: 0 })
    expect(aliasEvents(await build())).toEqual([])
  })

  it('an alias that was deleted by hand comes back when it is asked for, and not before', async () => {
    const { source, output, ask, build, bench, names, text } = await openSite(stores())
    await ask(EXPECTED)
    await output.deleteAll([aliasOf(EXPECTED)])
    await putText(source, 'a.jpg', 'two')
    await build()
    expect(await names()).toEqual([])
    expect((await known(bench())).some(({ isDone }) => isDone)).toBe(true)
    await ask(EXPECTED)
    expect(await text(aliasOf(EXPECTED))).toBe(picture('two', '80', 'webp'))
  })

  it('a slow writer’s old bytes are found and replaced', async () => {
    const { source, output, serve, build, text } = await openSite(stores())
    const pause = createLatch()
    const gate = async (name: string) => {
      if (name.startsWith('put cache/') && !name.endsWith('answered')) await pause.pass()
    }
    const { getRaw, settle } = serve({ output: asGatedStore(output, gate) })
    await getRaw(EXPECTED)
    const settled = settle()
    await until(() => pause.waiting > 0)
    await putText(source, 'a.jpg', 'two')
    await build()
    pause.open()
    await settled
    expect(await text(aliasOf(EXPECTED))).toBe(picture('one', '80', 'webp'))
    await build()
    expect(await text(aliasOf(EXPECTED))).toBe(picture('two', '80', 'webp'))
  })

  it.each(['before', 'after'])(
    'a build killed %s it writes an alias leaves the rest to the next',
    async (when) => {
      const { source, ask, build, text, killedBuild } = await openSite(stores())
      await ask(EXPECTED)
      await putText(source, 'a.jpg', 'two')
      await killedBuild(when)
      await build()
      expect(await text(aliasOf(EXPECTED))).toBe(picture('two', '80', 'webp'))
    },
  )

  it('what a killed build wrote never passes for what another has made since', async () => {
    const { source, ask, build, text, killedBuild } = await openSite(stores())
    const pause = createLatch()
    const gate = async (name: string) => {
      if (name === 'list') await pause.pass()
    }
    // This one has read the ledger before there was an alias, and knows of none.
    const unaware = build({ source: asGatedStore(source, gate) })
    await until(() => pause.waiting > 0)
    await ask(EXPECTED)
    await putText(source, 'a.jpg', 'two')
    await killedBuild('after')
    await putText(source, 'a.jpg', 'one')
    pause.open()
    await unaware
    expect(await text(aliasOf(EXPECTED))).toBe(picture('two', '80', 'webp'))
    await build()
    expect(await text(aliasOf(EXPECTED))).toBe(picture('one', '80', 'webp'))
  })

  it('prune takes the aliases of what it deletes, and those alone', async () => {
    const { source, output, ask, bench, prune, names, wait, build } = await openSite(stores())
    await putText(source, 'b.jpg', 'b')
    const other = signed('/w:77/plain/local:///b.jpg@webp')
    await ask(EXPECTED, EXTRA, other)
    const stranger = `cache/${'0'.repeat(32)}`
    await putText(output, stranger, 'not ours')
    await source.deleteAll(['b.jpg'])
    expect(await prune(bench())).toMatchObject({ deleted: 2, foreign: 4 }) // an extra and an orphan
    expect(await names()).toEqual([aliasOf(EXPECTED), stranger].sort())
    wait(11)
    await build()
    expect(await names()).toEqual([aliasOf(EXPECTED), stranger].sort())
    expect(aliasEvents(await build())).toEqual([])
  })

  it.each([
    ['everything', {}],
    ['its source by name', { keys: ['a.jpg' as SourceKey] }],
  ])('an alias whose result and source are gone is deleted by the next build of %s', async (_, selection) => {
    const { source, output, ask, names, build } = await openSite(stores())
    await ask(EXTRA)
    await source.deleteAll(['a.jpg'])
    await putText(source, 'b.jpg', 'another')
    await output.deleteAll((await listKeys(output)).filter((key) => key.startsWith('a.jpg/')))
    await build({}, { selection })
    expect(await names()).toEqual([])
  })

  it('purge takes them along, with or without results', async () => {
    const { output, ask, names, bench } = await openSite(stores())
    const purgeAll = async (isChosen: (source: SourceKey) => boolean) => {
      const { results, ledger } = bench()
      const input = { results, ledger, now: () => 1_700_000_000_000, tell: () => {} }
      const keys = await listPurge(input, { isChosen, prefix: '' })
      await purge(input, { keys, aliases: await listPurgedAliases(input, { isChosen, spans: EVERYTHING }) })
      return keys.length
    }
    await ask(EXPECTED, EXTRA)
    await purgeAll((source) => source === 'b.jpg')
    expect(await names()).toHaveLength(2)
    expect(await purgeAll((source) => source === 'a.jpg')).toBe(2)
    expect(await names()).toEqual([])
    await ask(EXTRA)
    await output.deleteAll((await listKeys(output)).filter((key) => key.startsWith('a.jpg/')))
    expect(await purgeAll((source) => source === 'a.jpg')).toBe(0)
    expect(await names()).toEqual([])
  })

  it('a new secret leaves them where they are, and prune too', async () => {
    const { ask, build, bench, prune, text, names, output } = await openSite(stores())
    await build()
    await ask(EXPECTED)
    const secret = ['a-secret-that-is-brand-new', SECRET]
    const rotated = await build({ config: { secret } })
    expect(aliasEvents(rotated)).toEqual([])
    await prune(bench({ config: { secret } }))
    expect((await listKeys(output)).filter((key) => key.startsWith('a.jpg/'))).toHaveLength(4)
    expect(await names()).toEqual([aliasOf(EXPECTED)])
    expect(await text(aliasOf(EXPECTED))).toBe(picture('one', '80', 'webp'))
  })

  it('a build of some sizes leaves the others’ aliases alone', async () => {
    const { ask, bench, names } = await openSite(stores())
    await ask(EXPECTED, EXTRA)
    const { build, rules, results } = bench()
    const none = { ...results, listPages: async function* () {} }
    await build({ rules: { ...rules, isNarrowed: true }, results: none })
    expect(await names()).toHaveLength(2)
  })

  it('a result found wrong is made again, and its alias', async () => {
    const { ask, build, text, output, serve } = await openSite(stores())
    await ask(EXPECTED)
    const key = serve().key('a.jpg', '320w.q80')
    await putText(output, aliasOf(EXPECTED), 'wrong')
    const isCondemned = (each: string) => each === key
    await build({}, { isCondemned, selection: { keys: ['a.jpg' as SourceKey] } })
    expect(await text(aliasOf(EXPECTED))).toBe(picture('one', '80', 'webp'))
  })
})

it('changed headers are given to aliases too', async () => {
  const { ask, build, output } = await openSite()
  await build()
  await ask(EXPECTED)
  await build({ config: { cacheControl: 'public, max-age=5' } })
  const alias = await output.head(aliasOf(EXPECTED))
  expect(alias?.headers).toMatchObject({ cacheControl: 'public, max-age=5', contentType: 'image/webp' })
})

it('what is known of aliases survives the merging of the ledger’s parts', async () => {
  const { source, ask, build, bench, wait, names, text } = await openSite()
  await ask(EXPECTED, EXTRA)
  for (let round = 0; round < 12; round++) {
    wait(60)
    await putText(source, 'b.jpg', `round ${round}`)
    await build()
  }
  expect(await listKeys(bench().output, '.imgsizes/ledger')).not.toHaveLength(13)
  await putText(source, 'a.jpg', 'two')
  wait(60)
  await build()
  expect(await names()).toEqual([aliasOf(EXPECTED)])
  expect(await text(aliasOf(EXPECTED))).toBe(picture('two', '80', 'webp'))
  wait(60)
  await build()
  await source.deleteAll(['a.jpg'])
  await bench().output.deleteAll((await listKeys(bench().output)).filter((key) => key.startsWith('a.jpg/')))
  await build()
  for (let round = 0; round < 12; round++) {
    wait(60)
    await putText(source, 'b.jpg', `another ${round}`)
    await build()
  }
  expect(await known(bench())).toEqual([]) // nothing stands: nothing is remembered
})

/** A ledger as it was written before there were aliases. */
it('an older ledger is read as it was', async () => {
  const { build, bench } = await openSite()
  await build()
  const { counts } = await bench().plan()
  expect(counts).toMatchObject({ missing: 0, stale: 0 })
  const output: WritableStore = bench().output
  for (const name of await listKeys(output, '.imgsizes/ledger')) {
    const part = await output.get(name)
    expect(part && gunzipSync(part.bytes).toString()).not.toContain('"a":')
  }
})

it.each([
  [WRITE_WITHIN_MS - 1, 'alias-stored', 1],
  [WRITE_WITHIN_MS, 'store-failed', 2],
])('a second name that was recorded %i ms ago: %s', async (waitedMs, kind, looksInAll) => {
  const clock = createManualClock()
  const told: string[] = []
  const written: string[] = []
  let looks = 0
  let isHurried = false
  const head = async () => void looks++
  const alias = async (_: unknown, name: string) => {
    written.push(name)
    return 'stored' as const
  }
  const recorded = () => clock.advance(waitedMs)
  const aliases = createAliases({
    results: { store: { head } as Partial<WritableStore> as WritableStore, alias },
    uploads: { outcome: async () => undefined },
    batches: { add: async () => {}, recorded, hurry: () => (isHurried = true) } as never,
    clock,
    tell: (event) => told.push(event.kind),
  })
  const result = { key: 'k', variant: { source: 'a.jpg', format: 'webp' }, transformText: '5w.q80' } as never
  aliases.note('name', result, 'etag')
  await until(() => told.length > 0)
  expect([told, written]).toEqual([[kind], kind === 'alias-stored' ? ['name'] : []])
  await clock.advance(0)
  aliases.note('name', result, 'etag') // it is known to be there for a minute, or tried again
  await aliases.close(new AbortController().signal)
  expect([looks, isHurried]).toEqual([looksInAll, true])
})
