import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AppEvent } from '../../../src/app/event.ts'
import { createLedger, type Ledger } from '../../../src/app/ledger/ledger.ts'
import { isManifestName, isPartName } from '../../../src/app/ledger/names.ts'
import { emptyEntry, type LedgerEntry } from '../../../src/plan/ledger-entry.ts'
import { spansOfRange, spansOfSources } from '../../../src/plan/source-span.ts'
import type { WritableStore } from '../../../src/store/port.ts'
import { listKeys } from '../../support/bench-project.ts'
import { asCountingStore } from '../../support/counting-store.ts'
import { asGatedStore } from '../../support/gated-store.ts'
import { openMemoryStore } from '../../support/memory-store.ts'
import { collect } from '../../support/streams.ts'

const MINUTE_MS = 60_000
const START = 1_700_000_000_000

const nameOf = (i: number): string =>
  `photos/${String(i % 97).padStart(2, '0')}/${String(i).padStart(6, '0')}.jpg`

/** A statement that tells of its writer and its number. */
const say = (source: string, text: string, message = 'm'): LedgerEntry => ({
  ...emptyEntry(source),
  failures: [{ fingerprint: text, code: 'c', message, attempt: 'a' }],
})

/** Longer than what is read of a part to see its header. */
const LONG = randomBytes(4096).toString('base64')

const heardIn = async (entries: AsyncIterable<LedgerEntry>): Promise<Set<string>> => {
  const heard = new Set<string>()
  for await (const { source, failures } of entries)
    for (const { fingerprint } of failures) heard.add(`${source} ${fingerprint}`)
  return heard
}

interface Clock {
  now: number
}

let ids = 0
const openLedger = (store: WritableStore, clock: Clock, events: AppEvent[] = []): Ledger =>
  createLedger({
    store,
    prefix: '.imgsizes/',
    now: () => clock.now,
    newId: () => `id${String(ids++).padStart(8, '0')}`,
    tell: (event) => void events.push(event),
  })

const record = async (ledger: Ledger, entries: readonly LedgerEntry[]): Promise<void> => {
  const recorder = ledger.record()
  for (const entry of entries) await recorder.add(entry)
  await recorder.flush()
}

const listParts = (store: WritableStore) => listKeys(store, '.imgsizes/ledger/')

class Killed extends Error {}

describe('a ledger of many writers', () => {
  it('loses nothing that was said, whoever merges, deletes, or is killed meanwhile', async () => {
    const writer = fc.record({
      flushes: fc.integer({ min: 1, max: 12 }),
      killAfter: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat({ max: 150 })),
      skewMs: fc.constantFrom(0, 0, -3 * MINUTE_MS, 40 * MINUTE_MS, -300 * MINUTE_MS),
      merges: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(writer, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat({ max: 200 }), { maxLength: 3 }),
        async (scheduler, writers, readings) => {
          const inner = openMemoryStore()
          const clock: Clock = { now: START }
          const said = new Set<string>()
          const through = (killAfter: number): WritableStore => {
            let operations = 0
            return asGatedStore(inner, async (name) => {
              await scheduler.schedule(Promise.resolve(), name)
              clock.now += MINUTE_MS / 2
              if (++operations > killAfter) throw new Killed(name)
            })
          }
          const write = async (
            { flushes, killAfter, skewMs, merges }: (typeof writers)[number],
            number: number,
          ): Promise<void> => {
            const store = through(killAfter)
            const ledger = openLedger(store, {
              get now() {
                return clock.now + skewMs
              },
            })
            for (let i = 0; i < flushes; i++) {
              const entry = say(`${(i * 5 + number) % 7}.jpg`, `${number} ${i}`, LONG)
              await record(ledger, [entry])
              said.add(`${entry.source} ${number} ${i}`)
            }
            if (!merges) return
            const snapshot = await ledger.open()
            const merge = snapshot.startMerge()
            for await (const entry of snapshot.entries()) await merge?.add(entry)
            await merge?.finish()
            await snapshot.deleteSpent()
          }
          const read = async (delay: number): Promise<void> => {
            for (let i = 0; i < delay; i++) await scheduler.schedule(Promise.resolve(), 'time goes by')
            const before = new Set(said)
            const snapshot = await openLedger(through(Number.POSITIVE_INFINITY), clock).open()
            const heard = await heardIn(snapshot.entries())
            for (const each of before) expect(heard, each).toContain(each)
          }
          const killed = (error: unknown): void => {
            if (!(error instanceof Killed)) throw error
          }
          await scheduler.waitFor(
            Promise.all([...writers.map((each, i) => write(each, i).catch(killed)), ...readings.map(read)]),
          )
          const heard = await heardIn((await openLedger(inner, clock).open()).entries())
          for (const each of said) expect(heard, each).toContain(each)
        },
      ),
      { numRuns: Number(process.env.IMGSIZES_TEST_RUNS ?? 60) },
    )
  })

  it('stays few parts, and to look one source up stays a few reads, however many there were', async () => {
    const clock: Clock = { now: START }
    const store = asCountingStore(openMemoryStore())
    const workers = Array.from({ length: 10 }, () => openLedger(store, clock))
    const most = { names: 0, read: 0 }
    let number = 0
    for (let minute = 0; minute < 40; minute++) {
      for (const worker of workers) {
        clock.now += MINUTE_MS / workers.length
        await record(
          worker,
          Array.from({ length: 4 }, () => say(nameOf((number++ * 7919) % 100_000), `${minute}`)),
        )
      }
      if (minute % 10 !== 9) continue
      store.reset()
      const wanted = nameOf(((number - 1) * 7919) % 100_000)
      const snapshot = await openLedger(store, clock).open()
      expect(await collect(snapshot.entries(spansOfSources([wanted])))).toHaveLength(1)
      most.read = Math.max(most.read, store.requests.read)
      most.names = Math.max(most.names, (await listParts(store)).length)
    }
    // 400 parts were written, 10 a minute; merged ones are kept for ten minutes.
    expect(most.names).toBeLessThan(150)
    expect(most.read).toBeLessThan(30)
    const heard = await heardIn((await openLedger(store, clock).open()).entries())
    expect(heard.size).toBe(number)
  })

  it('stays few parts for twenty workers all day long, of whom one is killed at its work every hour', async () => {
    const clock: Clock = { now: START }
    const store = asCountingStore(openMemoryStore())
    const workers = Array.from({ length: 20 }, () => openLedger(store, clock))
    let kills = 0
    /** It looks at its eighth part whether to merge, and dies before it can say that it has. */
    const openDoomed = (): Ledger => {
      let puts = 0
      const gate = async (name: string): Promise<void> => {
        if (!/^put .*(?<!answered)$/.test(name) || ++puts <= 10) return
        kills++
        throw new Killed(name)
      }
      return openLedger(asGatedStore(store, gate), clock)
    }
    const said = new Set<string>()
    const write = async (worker: Ledger): Promise<void> => {
      const entry = say(nameOf((said.size * 7919) % 100_000), `${said.size}`)
      said.add(`${entry.source} ${said.size}`)
      await record(worker, [entry])
    }
    const hours: number[] = []
    const looks: number[] = []
    for (let hour = 0; hour < 24; hour++) {
      clock.now += 60 * MINUTE_MS
      const doomed = openDoomed()
      const isAt = async (): Promise<void> => {
        for (let i = 0; i < 8; i++) await write(doomed).catch(ignoreKilled)
      }
      await Promise.all([isAt(), ...workers.map(write)])
      looks.push(store.requests.list)
      store.reset()
      hours.push((await listParts(store)).length)
    }
    // 670 parts were written, 28 an hour; each worker looks whether to merge at every eighth of its own.
    expect(Math.max(...hours.slice(0, 12))).toBeLessThan(9 * 28)
    expect(kills).toBeGreaterThan(3)
    expect(Math.max(...hours.slice(12))).toBeLessThan(1.2 * Math.max(...hours.slice(0, 12)))
    // At their eighth part all come at once; who came second then goes by a number of his own.
    expect(Math.max(...looks.slice(8))).toBeLessThan(20)
    expect(await heardIn((await openLedger(store, clock).open()).entries())).toEqual(said)
  })
})

describe('parts of the ledger that a merge replaces', () => {
  const recordAll = async (ledger: Ledger, clock: Clock, count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      clock.now += 1_000
      await record(ledger, [say(`${i}.jpg`, 'x', LONG)]).catch(ignoreKilled)
    }
  }

  it('are kept for ten minutes, for those who have listed them, and go with a later merge', async () => {
    const clock: Clock = { now: START }
    const store = openMemoryStore()
    const ledger = openLedger(store, clock)
    await recordAll(ledger, clock, 1)
    const [first = ''] = await listParts(store)
    await recordAll(ledger, clock, 29)
    expect((await listParts(store)).filter(isManifestName).length).toBeGreaterThan(1)
    expect(await listParts(store)).toContain(first)
    clock.now += 11 * MINUTE_MS
    await recordAll(ledger, clock, 16)
    expect(await listParts(store)).not.toContain(first)
  })

  it('are not those that a killed merge has written, for a day', async () => {
    const clock: Clock = { now: START }
    const store = openMemoryStore({ now: () => clock.now })
    let isDead = false
    const killed = asGatedStore(store, async (name) => {
      isDead ||= name.startsWith('put ') && isManifestName(name)
      if (isDead) throw new Killed(name)
    })
    await recordAll(openLedger(killed, clock), clock, 8)
    expect(isDead).toBe(true)
    const unfinished = (await listParts(store)).findLast(isPartName) ?? ''
    for (let hour = 0; hour < 3; hour++) {
      clock.now += 60 * MINUTE_MS
      await recordAll(openLedger(store, clock), clock, 20)
    }
    expect(await listParts(store)).toContain(unfinished)
    clock.now += 25 * 60 * MINUTE_MS
    await recordAll(openLedger(store, clock), clock, 20)
    clock.now += 11 * MINUTE_MS
    await recordAll(openLedger(store, clock), clock, 20)
    expect(await listParts(store)).not.toContain(unfinished)
  })
})

const ignoreKilled = (error: unknown): void => {
  if (!(error instanceof Killed)) throw error
}

describe('a run that lists everything', () => {
  const fill = async () => {
    const clock: Clock = { now: START }
    const ledger = openLedger(openMemoryStore(), clock)
    for (let i = 0; i < 6; i++) await record(ledger, [say(`${i}.jpg`, 'old')])
    return { clock, ledger, heard: async () => [...(await heardIn((await ledger.open()).entries()))].sort() }
  }
  /** A merge that keeps what is said of some sources. */
  const mergeKeeping = async (ledger: Ledger, isKept: (source: string) => boolean): Promise<boolean> => {
    const snapshot = await ledger.open()
    const merge = snapshot.startMerge()
    for await (const entry of snapshot.entries()) if (isKept(entry.source)) await merge?.add(entry)
    await merge?.finish()
    return merge !== undefined
  }

  it('leaves out nothing that was said in the ten minutes before', async () => {
    const { clock, ledger, heard } = await fill()
    clock.now += 10 * MINUTE_MS
    expect(await mergeKeeping(ledger, () => false)).toBe(false)
    expect(await heard()).toHaveLength(6)
    clock.now += 1
    await record(ledger, [say('young.jpg', 'x')])
    expect(await mergeKeeping(ledger, (source) => source === '3.jpg')).toBe(true)
    expect(await heard()).toEqual(['3.jpg old', 'young.jpg x'])
  })

  it('leaves everything as it is where it has not read all', async () => {
    const { clock, ledger, heard } = await fill()
    clock.now += 11 * MINUTE_MS
    const snapshot = await ledger.open()
    const merge = snapshot.startMerge()
    for await (const entry of snapshot.entries()) {
      await merge?.add(entry)
      break
    }
    await merge?.finish()
    expect(await heard()).toHaveLength(6)
  })
})

describe('a look into a large ledger', () => {
  const fill = async (sources: number) => {
    const clock: Clock = { now: START }
    const store = asCountingStore(openMemoryStore())
    const ledger = openLedger(store, clock)
    const names = Array.from({ length: sources }, (_, i) => nameOf(i)).sort()
    const recorder = ledger.record()
    for (const name of names) await recorder.add(say(name, 'x'))
    await recorder.flush()
    return { store, clock, names }
  }

  it('costs the same for one source, whatever its size', async () => {
    const costs = []
    for (const sources of [20_000, 60_000]) {
      const { store, clock, names } = await fill(sources)
      store.reset()
      const snapshot = await openLedger(store, clock).open()
      const wanted = names[sources >> 1] ?? ''
      expect(await collect(snapshot.entries(spansOfSources([wanted])))).toEqual([say(wanted, 'x')])
      costs.push({ ...store.requests })
    }
    for (const { list, read, bytes } of costs) {
      expect(list).toBe(1)
      expect(read).toBeLessThan(30)
      expect(bytes).toBeLessThan(100_000)
    }
    expect(costs[1]?.read).toBeLessThanOrEqual((costs[0]?.read ?? 0) + 6)
  })

  it('reads of parts that nobody has merged their headers alone, once, where they do not tell of the source', async () => {
    const clock: Clock = { now: START }
    const store = asCountingStore(openMemoryStore())
    const PARTS = 100
    for (let part = 0; part < PARTS; part++) {
      const numbers = Array.from({ length: 50 }, (_, i) => i * PARTS + part)
      await record(
        openLedger(store, clock),
        numbers.map((i) => say(nameOf(i), 'x', LONG)),
      )
    }
    const ledger = openLedger(store, clock)
    const read = async (i: number): Promise<number> => {
      store.reset()
      const snapshot = await ledger.open()
      expect(await collect(snapshot.entries(spansOfSources([nameOf(i)])))).toHaveLength(1)
      return store.requests.read
    }
    expect(await read(777)).toBeLessThan(PARTS + 10)
    expect(await read(888)).toBeLessThan(10)
  })

  it('reads nothing more of small merged parts, once it has seen their headers, for a source that is in none', async () => {
    const clock: Clock = { now: START }
    const store = asCountingStore(openMemoryStore())
    const writer = openLedger(store, clock)
    for (let part = 0; part < 60; part++)
      await record(
        writer,
        Array.from({ length: 20 }, (_, i) => say(nameOf(2 * (i * 60 + part)), 'x', LONG)),
      )
    const ledger = openLedger(store, clock)
    const reads: number[] = []
    for (const i of [701, 903, 1105]) {
      store.reset()
      const snapshot = await ledger.open()
      expect(await collect(snapshot.entries(spansOfSources([nameOf(i)])))).toEqual([])
      reads.push(store.requests.read)
    }
    expect(reads[0]).toBeGreaterThan(3)
    expect(reads.slice(1)).toEqual([0, 0])
  })

  it('finds what a scan would, of any sources, prefix or range, in any order of keys', async () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', '/', '-', '0', '\u{10000}', '\uffe6'),
      minLength: 1,
      maxLength: 4,
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(text, { minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 12 }),
        fc.array(text, { maxLength: 5 }),
        fc.record({ prefix: text, after: text, upTo: text }, { requiredKeys: [] }),
        async (parts, wanted, range) => {
          const clock: Clock = { now: START }
          const ledger = openLedger(openMemoryStore(), clock)
          for (const part of parts)
            await record(
              ledger,
              part.map((source) => say(source, 'x')),
            )
          const snapshot = await ledger.open()
          const all = await collect(snapshot.entries())
          const sorted = all.map(({ source }) => source).filter((source) => wanted.includes(source))
          expect(await collect(snapshot.entries(spansOfSources(sorted)))).toEqual(
            all.filter(({ source }) => wanted.includes(source)),
          )
          const found = await collect(snapshot.entries(spansOfRange(range)))
          const { isInRange } = await import('../../../src/core/byte-order.ts')
          for (const entry of all) if (isInRange(entry.source, range)) expect(found).toContainEqual(entry)
          expect(all.filter((entry) => found.some(({ source }) => source === entry.source))).toEqual(found)
        },
      ),
      { numRuns: 80 },
    )
  })

  it('reads each byte once where it reads everything', async () => {
    const { store, clock, names } = await fill(30_000)
    store.reset()
    const snapshot = await openLedger(store, clock).open()
    expect(await collect(snapshot.entries())).toHaveLength(names.length)
    const sizes = new Map<string, number>()
    for await (const { key, sizeBytes } of store.list({ prefix: '.imgsizes/ledger/' }))
      sizes.set(key, sizeBytes)
    const total = [...sizes.values()].reduce((sum, size) => sum + size, 0)
    expect(store.requests.bytes).toBeLessThanOrEqual(total)
  })
})

describe('a ledger whose parts are not as they should be', () => {
  const headers = { contentType: 'application/gzip', cacheControl: '', metadata: {} }

  it('takes a part whose header names no members for damaged, and reads the others', async () => {
    const store = openMemoryStore()
    const events: AppEvent[] = []
    const ledger = openLedger(store, { now: START }, events)
    await record(ledger, [say('a', 'x')])
    const part = gzipSync('{"imgsizes":"ledger","version":1,"replaces":[]}\n["b",{}]\n')
    await store.put('.imgsizes/ledger/000000001-b.ndjson.gz', part, { headers })
    expect(await heardIn((await ledger.open()).entries())).toEqual(new Set(['a x']))
    expect(events).toMatchObject([{ kind: 'warning', problem: { code: 'ledger-damaged' } }])
  })

  it('never merges away a part that it cannot read to its end, and merges the others', async () => {
    const clock: Clock = { now: START }
    const store = openMemoryStore()
    const events: AppEvent[] = []
    const ledger = openLedger(store, clock, events)
    await record(
      ledger,
      Array.from({ length: 500 }, (_, i) => say(nameOf(i), 'x')),
    )
    const [damaged = ''] = await listParts(store)
    const whole = (await store.get(damaged))?.bytes ?? new Uint8Array()
    await store.put(
      damaged,
      whole.map((byte, i) => (i === whole.length - 30 ? byte ^ 255 : byte)),
      { headers },
    )
    for (let i = 0; i < 40; i++) {
      clock.now += 15 * MINUTE_MS
      await record(ledger, [say('d', `${i}`)])
    }
    expect(await listParts(store)).toContain(damaged)
    expect((await listParts(store)).length).toBeLessThan(25)
    await collect((await ledger.open()).entries())
    expect(events).toContainEqual(
      expect.objectContaining({
        kind: 'warning',
        problem: expect.objectContaining({ code: 'ledger-damaged' }),
      }),
    )
    await store.put(damaged, whole, { headers })
    const heard = await heardIn((await openLedger(store, clock).open()).entries())
    expect(heard.size).toBe(540)
  })

  it('goes on where a part vanishes while it is read, as merging does', async () => {
    const clock: Clock = { now: START }
    const store = openMemoryStore()
    const ledger = openLedger(store, clock)
    const names = Array.from({ length: 2100 }, (_, i) => `${String(i).padStart(4, '0')}.jpg`)
    for (let start = 0; start < names.length; start += 300)
      await record(
        ledger,
        names.slice(start, start + 300).map((name) => say(name, `${start}`, LONG)),
      )
    const before = await listParts(store)
    const reading = (await ledger.open()).entries()[Symbol.asyncIterator]()
    const heard = [await reading.next(), await reading.next()]
    await record(ledger, [say('z', 'x', LONG.repeat(100))])
    clock.now += 60 * MINUTE_MS
    for (let i = 0; i < 9; i++) await record(ledger, [say('z', `${i}`)])
    expect((await listParts(store)).filter((name) => before.includes(name))).toEqual([])
    for (let next = await reading.next(); !next.done; next = await reading.next()) heard.push(next)
    const sources = heard.flatMap((next) => (next.done ? [] : [next.value.source]))
    expect(sources.filter((source) => source !== 'z')).toEqual(names)
  })
})
