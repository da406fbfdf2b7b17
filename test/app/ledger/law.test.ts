import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { prune } from '../../../src/app/batch/prune.ts'
import { createLedger } from '../../../src/app/ledger/ledger.ts'
import { md5 } from '../../../src/app/results.ts'
import type { ConfigInput } from '../../../src/config/config-input.ts'
import { Problem } from '../../../src/core/problem.ts'
import { parseSourceKey } from '../../../src/core/source-key.ts'
import type { WritableStore } from '../../../src/store/port.ts'
import type { Clock } from '../../../src/waiting/clock.ts'
import { orAborted } from '../../../src/waiting/signals.ts'
import {
  type Bench,
  createTextRenderer,
  getText,
  listKeys,
  openBench,
  picture,
  putText,
  SECRET,
} from '../../support/bench-project.ts'
import { asDatedStore } from '../../support/dated-store.ts'
import { asGatedStore, type Gate } from '../../support/gated-store.ts'
import { openMemoryStore } from '../../support/memory-store.ts'
import { openTestOrigin } from '../../support/origin.ts'
import { collect } from '../../support/streams.ts'

/**
 * The laws Ledger, Mark, Stale and Crash: two builds, or a build and a prune, and serves work on one output while the
 * source is replaced and processes are killed, every store operation being a point where another may step in. The
 * secret may be new to the builds, so that they copy, or the headers, so that they touch.
 * Afterwards one undisturbed build leaves every result equal to the current source, and every alias to its result.
 */

/** Other stories each time: seconds of them in every run of the tests, or as many as one likes. */
const RUNS = Number(process.env.IMGSIZES_TEST_RUNS ?? 40)

const SOURCES = ['a.jpg', 'a.jpg-2.jpg']
// Most happens to one source, where writers meet.
const BUSY = fc.constantFrom('a.jpg', 'a.jpg', 'a.jpg', 'a.jpg-2.jpg')

const REQUEST = fc.record({ source: BUSY, width: fc.constantFrom(320, 777) })

class Killed extends Error {}

/** A process in a story: every step that it takes is behind its gate. */
interface Actor {
  readonly gate: Gate
  /** Does its work, or as much of it as it comes to before it is killed. */
  run(work: () => Promise<void>): Promise<void>
}

const createActor = (scheduler: fc.Scheduler, killAfter: number): Actor => {
  let steps = 0
  let die = (_: Killed): void => {}
  // A process that is gone waits for nobody: what hangs on its next step goes no further.
  const death = new Promise<never>((_, reject) => {
    die = reject
  })
  return {
    gate: async (name) => {
      await scheduler.schedule(Promise.resolve(), name)
      if (++steps <= killAfter) return
      const killed = new Killed(name)
      die(killed)
      throw killed
    },
    run: async (work) => {
      try {
        await Promise.race([work(), death])
      } catch (error) {
        if (!(error instanceof Killed)) throw error
      }
    },
  }
}

const NOW = 1_700_000_000_000

/** The path under which pages of old ask for a result, and the name that it is stored under besides. */
const pathOf = (source: string, width: number | string): string =>
  `/unsafe/w:${width}/plain/local:///${source}@webp`
const aliasOf = (source: string, transformText: string): string =>
  `cache/${md5(new TextEncoder().encode(pathOf(source, transformText.split('w')[0] ?? '')))}`

const SERVE: Partial<ConfigInput> = {
  serve: { fill: 'one' },
  dialects: [{ type: 'imgproxy', unsigned: true, cacheKeys: { folder: 'cache/' } }],
}

/** Of a serve in a story: it stands still, its waits are over whenever the story has come to them. */
const clockOf = (gate: Gate): Clock => ({
  now: () => NOW,
  date: () => NOW,
  random: () => 0.5,
  wait: (_, signal) => {
    const waited = gate('wait')
    return signal === undefined ? waited : orAborted(waited, signal)
  },
  alarm: () => () => {},
})

/** A serve that is asked for one picture by its old address, and stops: the real one, but for its socket. */
const serveOnce = async (
  stores: { source: WritableStore; output: WritableStore },
  gate: Gate,
  request: { source: string; width: number },
): Promise<void> => {
  const { getRaw, origin, events } = openTestOrigin({
    ...stores,
    config: SERVE,
    renderer: createTextRenderer(() => gate('render')),
    clock: clockOf(gate),
  })
  const response = await getRaw(pathOf(request.source, request.width))
  await response.arrayBuffer()
  await origin.close(AbortSignal.timeout(60_000))
  await gate('the end') // which a killed one does not come to
  expect([200, 404]).toContain(response.status)
  expect(events.filter(({ kind }) => kind === 'bug' || kind === 'store-failed')).toEqual([])
}

/** A prune without guards. */
const pruneBench = async (
  bench: Bench,
  { now, olderThanMs, extras }: { now: number; olderThanMs: number; extras: boolean },
): Promise<void> => {
  const input = { ...bench.planInput(), ledger: bench.ledger, now: () => now, dryRun: false }
  await prune({ ...input, olderThanMs, maxShare: 1, extras, allowEmpty: true })
}

const pruneAll = async (stores: { source: WritableStore; output: WritableStore }): Promise<void> => {
  try {
    await pruneBench(openBench(stores), { now: NOW, olderThanMs: 0, extras: true })
  } catch (error) {
    if (!(error instanceof Problem)) throw error
  }
}

/** What stores show of an object: on S3 its MD5, or where it is encrypted anything; a folder's dates; or nothing. */
const SHOWN: Readonly<Record<string, () => WritableStore>> = {
  MD5s: () => openMemoryStore(),
  'anything that is new each time': () =>
    openMemoryStore({ showMark: () => randomUUID().replaceAll('-', '') }),
  dates: () => asDatedStore(openMemoryStore()),
  nothing: () => openMemoryStore({ showMark: () => '' }),
}

const CHANGES: Readonly<Record<string, Partial<ConfigInput>>> = {
  nothing: {},
  'the secret': { secret: ['a-new-secret-of-our-own', SECRET] },
  'the headers': { cacheControl: 'public, max-age=1' },
}

describe.each(Object.entries(SHOWN))('over a store that shows %s', (_, openStore) => {
  it('one undisturbed build puts everything right after any interleaving', async () => {
    const kill = fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 0, max: 60 }))
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.tuple(kill, kill, kill, kill),
        fc.array(
          fc.tuple(
            fc.constantFrom(...SOURCES),
            fc.constantFrom('two', 'one', 'six', 'gone'),
            fc.nat({ max: 25 }),
          ),
          {
            maxLength: 5,
          },
        ),
        fc.tuple(REQUEST, REQUEST),
        fc.record({
          isBuilt: fc.boolean(),
          isServed: fc.boolean(),
          isPruning: fc.boolean(),
          changed: fc.constantFrom(...Object.keys(CHANGES)),
          isTakenBack: fc.boolean(),
        }),
        async (
          scheduler,
          [killA, killB, ...killServes],
          replacements,
          requests,
          { isBuilt, isServed, isPruning, changed, isTakenBack },
        ) => {
          const source = openStore()
          const output = openStore()
          const config = CHANGES[changed] ?? {}
          for (const key of SOURCES) await putText(source, key, 'one')
          if (isBuilt) await openBench({ source, output }).build()
          if (isServed) await serveOnce({ source, output }, async () => {}, requests[0])

          const through = (gate: Gate) => ({
            source: asGatedStore(source, gate),
            output: asGatedStore(output, gate),
          })
          const builds = [killA, killB].map((killAfter, index) => {
            const { gate, run } = createActor(scheduler, killAfter)
            const stores = through(gate)
            if (isPruning && index === 1) return run(() => pruneAll(stores))
            return run(() =>
              openBench({ ...stores, config, renderer: createTextRenderer(() => gate('render')) }).build(),
            )
          })
          const serves = requests.map((request, index) => {
            const { gate, run } = createActor(scheduler, killServes[index] ?? 0)
            return run(() => serveOnce(through(gate), gate, request))
          })
          const replacing = (async () => {
            for (const [key, text, delay] of replacements) {
              for (let i = 0; i < delay; i++) await scheduler.schedule(Promise.resolve(), 'time goes by')
              await scheduler.schedule(Promise.resolve(), `replace ${key}`)
              if (text === 'gone') await source.deleteAll([key])
              else await putText(source, key, text)
            }
          })()
          await scheduler.waitFor(Promise.all([...builds, ...serves, replacing]))

          if (isTakenBack) await putText(source, 'a.jpg', 'one')
          // Whatever was about to be written is by then.
          const later = () => NOW + 11 * 60_000
          const last = openBench({ source, output, config, now: later })
          await last.build()
          const resultOf = new Map<string, string>()
          for await (const { key, variant, transformText, secretIndex } of last.results.list({})) {
            const original = await source.get(variant.source)
            const name = aliasOf(variant.source, transformText)
            if (variant.format === 'webp' && (secretIndex === 0 || !resultOf.has(name)))
              resultOf.set(name, key)
            // An orphan, for prune.
            if (original === undefined || secretIndex !== 0) continue
            const shown = new TextDecoder().decode((await output.get(key))?.bytes)
            const quality = transformText.split('q')[1] ?? ''
            expect(shown, key).toBe(
              picture(new TextDecoder().decode(original.bytes), quality, variant.format),
            )
          }
          for (const name of await listKeys(output, 'cache/')) {
            const key = resultOf.get(name) ?? 'a result that is gone'
            const original = SOURCES.find((each) => key.startsWith(`${each}/`))
            if (original !== undefined && (await source.head(original)) === undefined) continue
            expect(await getText(output, name), key).toBe(await getText(output, key))
          }
          const { counts } = await last.plan()
          expect(counts).toMatchObject({
            missing: 0,
            stale: 0,
            copy: 0,
            touch: 0,
            drop: 0,
            present: counts.expected,
          })
          const idle = openBench({ source, output, config, now: later })
          await idle.build()
          expect(idle.events.filter(({ kind }) => kind !== 'source-planned')).toEqual([])
        },
      ),
      { numRuns: RUNS },
    )
  })

  it.each([
    ['the secret', 'by the ledger'],
    ['the secret', 'beside the bytes'],
    ['the headers', 'by the ledger'],
    ['the headers', 'beside the bytes'],
  ])(
    'of bytes that another build has put where this one copies because of %s nothing false is said %s',
    async (changed, where) => {
      const source = openStore()
      const output = openStore()
      const config = CHANGES[changed] ?? {}
      await putText(source, 'a.jpg', 'one')
      await openBench({ source, output }).build()
      const seen: string[] = []
      let isOvertaken = false
      const overtake: Gate = async (operation) => {
        seen.push(operation)
        // Without marks the plan has read it once.
        const isRead = /^get a\.jpg\/[^ ]*$/.test(operation) && seen.indexOf(operation) < seen.length - 1
        if (isOvertaken || !(isRead || /^copy a\.jpg\/[^ ]*$/.test(operation))) return
        isOvertaken = true
        await putText(source, 'a.jpg', 'two')
        await openBench({ source, output, ...(changed === 'the headers' && { config }) }).build()
      }
      await openBench({ source, output: asGatedStore(output, overtake), config }).build()
      await putText(source, 'a.jpg', 'one')
      if (where === 'beside the bytes') await output.deleteAll(await listKeys(output, '.imgsizes/'))
      const last = openBench({ source, output, config })
      await last.build()
      for await (const { key, variant, secretIndex } of last.results.list({}))
        if (secretIndex === 0) expect(await getText(output, key)).toBe(picture('one', '80', variant.format))
      expect(isOvertaken).toBe(output.keepsHeaders || changed === 'the secret')
    },
  )
})

const DAY_MS = 24 * 3_600_000
const WEEK_MS = 7 * DAY_MS

/** What a run is about: whether it wants the wider size, what it does, when it dies. */
const ACTOR = fc.record({
  isWide: fc.boolean(),
  isPruning: fc.boolean(),
  killAfter: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat({ max: 40 })),
  /** Of its clock. */
  skewMs: fc.constantFrom(0, 0, 0, DAY_MS / 2, -DAY_MS / 2),
})

const ROUND = fc.record({
  days: fc.constantFrom(0, 1, 6, 8, 30),
  isGone: fc.constantFrom(false, false, true),
  actors: fc.array(ACTOR, { minLength: 1, maxLength: 2 }),
})

describe('the clock of an orphan', () => {
  const widths = (isWide: boolean) => ({
    config: { sizes: { content: { widths: isWide ? [320, 640] : [320] } } },
  })

  it('begins anew whenever a run has seen it wanted, whoever runs, dies, and whose clock is wrong', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(ROUND, { maxLength: 8 }), async (scheduler, rounds) => {
        const source = openMemoryStore()
        const output = openMemoryStore()
        const wantedAt = new Map<string, number>()
        let now = NOW
        await putText(source, 'a.jpg', 'one')
        await openBench({ source, output, ...widths(true) }).build()
        for (const { days, isGone, actors } of rounds) {
          now += days * DAY_MS
          if (isGone) await source.deleteAll(['a.jpg'])
          else await putText(source, 'a.jpg', 'one')
          const seen: string[] = []
          const act = async (
            { isWide, isPruning, skewMs }: (typeof actors)[number],
            { gate }: Actor,
          ): Promise<void> => {
            const clock = now + skewMs
            const deleting: WritableStore = {
              ...output,
              deleteAll: async (keys) => {
                for (const key of keys)
                  if (!key.startsWith('.imgsizes/'))
                    expect(now - (wantedAt.get(key) ?? 0), key).toBeGreaterThanOrEqual(WEEK_MS - DAY_MS)
                return output.deleteAll(keys)
              },
            }
            const stores = { source: asGatedStore(source, gate), output: asGatedStore(deleting, gate) }
            const bench = openBench({ ...stores, ...widths(isWide), now: () => clock })
            if (isPruning) await pruneBench(bench, { now: clock, olderThanMs: WEEK_MS, extras: false })
            else await bench.build()
            if (isGone) return
            for (const width of isWide ? [320, 640] : [320])
              for (const format of ['webp', 'jpg'] as const) {
                const transform = { resize: { kind: 'width' as const, width }, quality: 80 }
                const key = parseSourceKey('a.jpg')
                if (key !== undefined) seen.push(bench.keyring.keyOf({ source: key, transform, format }))
              }
          }
          await scheduler.waitFor(
            Promise.all(
              actors.map((each) => {
                const actor = createActor(scheduler, each.killAfter)
                return actor.run(() => act(each, actor))
              }),
            ),
          )
          for (const key of seen) wantedAt.set(key, now)
        }
        // In the end nobody wants the wider size, and it goes, a week and what the clocks were off later.
        const narrow = (later: number) =>
          openBench({ source, output, ...widths(false), now: () => now + later })
        await putText(source, 'a.jpg', 'one')
        await narrow(DAY_MS).build()
        await pruneBench(narrow(WEEK_MS + 2 * DAY_MS), {
          now: now + WEEK_MS + 2 * DAY_MS,
          olderThanMs: WEEK_MS,
          extras: false,
        })
        expect((await listKeys(output, 'a.jpg/')).filter((key) => key.includes('640w'))).toEqual([])
      }),
      { numRuns: RUNS / 2 },
    )
  })

  it('is kept in mind without a word by runs that find what they knew', async () => {
    let now = NOW
    const stores = { source: openMemoryStore(), output: openMemoryStore() }
    const bench = (isWide: boolean) => openBench({ ...stores, ...widths(isWide), now: () => now })
    const countParts = async () => (await listKeys(stores.output, '.imgsizes/ledger/')).length
    await putText(stores.source, 'a.jpg', 'one')
    await bench(true).build()
    const parts: number[] = []
    for (const isWide of [true, false, false, true, true, false, false]) {
      now += DAY_MS
      await bench(isWide).build()
      parts.push(await countParts())
    }
    expect(parts).toEqual([1, 2, 2, 3, 3, 4, 4])
  })
})

describe('ledger', () => {
  it('merges its parts as builds go by, and loses nothing', async () => {
    let now = 1_700_000_000_000
    const source = openMemoryStore()
    const output = asDatedStore(openMemoryStore())
    for (const key of SOURCES) await putText(source, key, 'one')
    const bench = () => {
      now += 3_600_000
      return openBench({ source, output, now: () => now })
    }
    for (let round = 0; round < 12; round++) {
      await putText(source, 'a.jpg', `round ${round}`)
      await bench().build()
    }
    const ledger = createLedger({
      store: output,
      prefix: '.imgsizes/',
      now: () => now,
      newId: () => 'x',
      tell: () => {},
    })
    const entries = await collect((await ledger.open()).entries())
    expect(entries.map((entry) => entry.source)).toEqual(['a.jpg-2.jpg', 'a.jpg'])
    // Twelve rounds of replacing leave far fewer statements than they made: the merge keeps what still holds.
    expect(entries.find((entry) => entry.source === 'a.jpg')?.results.length).toBeLessThan(12 * 4)
    const { counts } = await bench().plan()
    expect(counts).toMatchObject({ present: 8, missing: 0, stale: 0 })
  })
})
