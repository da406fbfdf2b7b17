import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { AppEvent } from '../../../src/app/event.ts'
import { createLedger } from '../../../src/app/ledger/ledger.ts'
import { mergeSmallRuns, writePart } from '../../../src/app/ledger/merge.ts'
import { isManifestName, isPartName, type LedgerOptions } from '../../../src/app/ledger/names.ts'
import { openFile, PartGone, readPart } from '../../../src/app/ledger/parts.ts'
import { findStanding } from '../../../src/app/ledger/standing.ts'
import { Problem } from '../../../src/core/problem.ts'
import { emptyEntry, type LedgerEntry } from '../../../src/plan/ledger-entry.ts'
import { encodePart } from '../../../src/plan/ledger-part.ts'
import { spansOfSources } from '../../../src/plan/source-span.ts'
import type { WritableStore } from '../../../src/store/port.ts'
import { listKeys } from '../../support/bench-project.ts'
import { asCountingStore } from '../../support/counting-store.ts'
import { openMemoryStore } from '../../support/memory-store.ts'
import { collect } from '../../support/streams.ts'

const MINUTE_MS = 60_000
const START = 1_700_000_000_000
const HEADERS = { contentType: 'application/gzip', cacheControl: '', metadata: {} }
const AWAY = new Problem('store-unavailable', 'It is away.')

const say = (source: string, text = 'x'): LedgerEntry => ({
  ...emptyEntry(source),
  failures: [{ fingerprint: text, code: 'c', message: 'm', attempt: 'a' }],
})

/** A ledger in a store whose calls may be changed, at a time that the test sets. */
const open = (change: (inner: WritableStore) => Partial<WritableStore> = () => ({})) => {
  const clock = { now: START }
  const inner = openMemoryStore({ now: () => clock.now })
  const store = { ...inner, ...change(inner) }
  const events: AppEvent[] = []
  let ids = 0
  const options: LedgerOptions = {
    store,
    prefix: '.imgsizes/',
    now: () => clock.now,
    newId: () => `id${String(ids++).padStart(4, '0')}`,
    tell: (event) => void events.push(event),
  }
  const names = (is: (name: string) => boolean = () => true) =>
    listKeys(inner, '.imgsizes/ledger/').then((all) => all.filter(is))
  const passOver = (_: string, error: unknown): void => {
    if (!(error instanceof Problem)) throw error
  }
  return {
    clock,
    inner,
    store,
    events,
    options,
    names,
    /** Writes a part of each of these, one a second. */
    write: async (...parts: readonly (readonly LedgerEntry[])[]) => {
      for (const entries of parts) {
        clock.now += 1_000
        await writePart(options, entries)
      }
    },
    stand: () => findStanding(options, new Map(), { onUnread: passOver }),
    merge: (damaged = new Set<string>()) => mergeSmallRuns(options, new Map(), damaged),
    /** All that a reader hears now: a source and what is said of it, in order. */
    hear: async () => {
      const snapshot = await createLedger(options).open()
      const entries = await collect(snapshot.entries())
      return entries.flatMap(({ source, failures }) =>
        failures.map(({ fingerprint }) => `${source} ${fingerprint}`),
      )
    },
  }
}

const throwAll = (_: string, error: unknown): never => {
  throw error
}

const EIGHT = Array.from({ length: 8 }, (_, i) => [say(`${i}.jpg`)])
const HEARD = EIGHT.map((_, i) => `${i}.jpg x`)

describe('a merge of small parts', () => {
  it('comes at the eighth, keeps all that was said, and counts how many more may come', async () => {
    const ledger = open()
    await ledger.write(...EIGHT.slice(1))
    expect([await ledger.merge(), (await ledger.names()).length]).toEqual([8, 7])
    await ledger.write(EIGHT[0] ?? [])
    expect(await ledger.merge()).toBe(0)
    expect((await ledger.names(isManifestName)).length).toBe(1)
    const { runs, replaced, manifests } = await ledger.stand()
    expect([runs.length, replaced.size, manifests.length]).toEqual([1, 8, 1])
    expect(await ledger.hear()).toEqual(HEARD)
    expect(runs[0]?.[0]).toMatchObject({ range: { first: '0.jpg', last: '7.jpg' }, isUnfinished: false })
  })

  it('is left to whoever has claimed it, for ten minutes', async () => {
    const ledger = open()
    await ledger.write(...EIGHT)
    const [first = ''] = await ledger.names()
    await ledger.inner.put(`${first}.claim`, Buffer.of(), { headers: HEADERS })
    const since = ledger.clock.now
    ledger.clock.now = since + 10 * MINUTE_MS
    expect(await ledger.merge()).toBeUndefined()
    expect(await ledger.names(isManifestName)).toEqual([])
    ledger.clock.now++
    expect(await ledger.merge()).toBeDefined()
    expect(await ledger.names(isManifestName)).toHaveLength(1)
    expect(await ledger.hear()).toEqual(HEARD)
  })

  it('deletes what was replaced more than ten minutes ago, and claims of what counts no more', async () => {
    const ledger = open()
    await ledger.write(...EIGHT)
    const old = await ledger.names()
    await ledger.merge()
    const replacedAt = ledger.clock.now
    const claims = () => ledger.names((name) => name.endsWith('.claim'))
    expect(await claims()).toEqual([`${old[0]}.claim`])
    const snapshotAt = async (now: number) => {
      ledger.clock.now = now
      await (await createLedger(ledger.options).open()).deleteSpent()
      return (await ledger.names()).filter((name) => old.includes(name)).length
    }
    await ledger.inner.put(`${(await ledger.stand()).runs[0]?.[0]?.name}.claim`, Buffer.of(), {
      headers: HEADERS,
    })
    expect(await snapshotAt(replacedAt + 10 * MINUTE_MS)).toBe(8)
    expect(await claims()).toHaveLength(1)
    expect(await snapshotAt(replacedAt + 10 * MINUTE_MS + 1)).toBe(0)
    expect([await ledger.hear(), (await claims()).length]).toEqual([HEARD, 1])
  })

  it('deletes with the next merge what was replaced more than ten minutes ago', async () => {
    const ledger = open()
    await ledger.write(...EIGHT)
    const old = await ledger.names()
    const left = async () => (await ledger.names()).filter((name) => old.includes(name)).length
    for (const [minutes, count] of [
      [0, 8],
      [9, 8],
      [2, 0],
    ] as const) {
      ledger.clock.now += minutes * MINUTE_MS
      await ledger.write(...EIGHT)
      await ledger.merge()
      expect(await left()).toBe(count)
    }
  })

  it('begins again where a part is gone, and leaves nothing of its own where it cannot be told of', async () => {
    let isGone = false
    let lists = 0
    const ledger = open((inner) => ({
      open: async (key, options) => (isGone && key.includes('id0003') ? undefined : inner.open(key, options)),
      list: (options) => {
        if (lists++ === 1) throw AWAY
        return inner.list(options)
      },
    }))
    await ledger.write(...EIGHT)
    await expect(ledger.merge()).rejects.toBe(AWAY)
    expect((await ledger.names()).length).toBe(8)
    const known = new Map()
    await findStanding(ledger.options, known, { onUnread: throwAll })
    for (const [name, { part, header }] of known) {
      const { start: _, ...rest } = part
      known.set(name, { part: rest, header })
    }
    isGone = true
    await mergeSmallRuns(ledger.options, known, new Set())
    isGone = false
    expect([(await ledger.names()).length, await ledger.hear()]).toEqual([8, HEARD])
  })

  it('that is killed before its manifest is written leaves parts that tell nothing new', async () => {
    const ledger = open((inner) => ({
      put: async (key, bytes, options) => {
        if (isManifestName(key)) throw new Error('killed')
        return inner.put(key, bytes, options)
      },
    }))
    await ledger.write(...EIGHT)
    await expect(ledger.merge()).rejects.toThrow('killed')
    const { runs, replaced } = await ledger.stand()
    expect([
      runs.length,
      runs.flat().filter(({ isUnfinished }) => isUnfinished).length,
      replaced.size,
    ]).toEqual([9, 1, 0])
    expect(await ledger.hear()).toEqual(HEARD)
  })

  it('names when each was replaced, however many merges ago', async () => {
    const ledger = open()
    await ledger.write(...EIGHT)
    await ledger.merge()
    const first = ledger.clock.now
    const [manifest = ''] = await ledger.names(isManifestName)
    ledger.clock.now += 5 * MINUTE_MS
    await ledger.write(...EIGHT.map(([entry]) => [say(entry?.source ?? '', 'y')]))
    await ledger.merge()
    const { replaced, manifests } = await ledger.stand()
    const times = [...replaced.values()]
    expect(times.filter((time) => time === first)).toHaveLength(8)
    expect(times.filter((time) => time === ledger.clock.now)).toHaveLength(10)
    expect([replaced.has(manifest), manifests.length, manifests.includes(manifest)]).toEqual([true, 1, false])
    const store = asCountingStore(ledger.store)
    await findStanding({ ...ledger.options, store }, new Map(), { onUnread: throwAll })
    expect(store.requests).toMatchObject({ list: 1, read: 1 })
    expect((await ledger.hear()).sort()).toEqual(HEARD.flatMap((text) => [text, text.replace('x', 'y')]))
  })

  it('leaves large runs for later, and what a merge that has not ended wrote', async () => {
    const ledger = open()
    const long = Array.from({ length: 400 }, (_, i) =>
      say(`z${String(i).padStart(3, '0')}`, randomBytes(300).toString('base64')),
    )
    await ledger.write(long)
    await writePart(ledger.options, [say('unfinished.jpg')], { merged: true })
    await ledger.write(...EIGHT)
    await ledger.merge()
    const { runs } = await ledger.stand()
    const sizes = runs.map((run) => run.map(({ range }) => range.first).join())
    expect(sizes.sort()).toEqual(['0.jpg', 'unfinished.jpg', 'z000'])
    const kept = runs.flat().find(({ range }) => range.first === 'unfinished.jpg')
    expect(kept?.isUnfinished).toBe(true)
  })

  it('takes a damaged part along no more, once it has met it, and merges the others', async () => {
    const ledger = open()
    await ledger.write(...EIGHT, [say('8.jpg')])
    const [name = ''] = await ledger.names()
    const bytes = (await ledger.inner.get(name))?.bytes ?? new Uint8Array()
    await ledger.inner.put(
      name,
      bytes.map((byte, i) => (i === bytes.length - 12 ? byte ^ 255 : byte)),
      { headers: HEADERS },
    )
    const damaged = new Set<string>()
    await ledger.merge(damaged)
    expect([
      [...damaged],
      await ledger.names(isManifestName),
      await ledger.names((each) => each.endsWith('.claim')),
    ]).toEqual([[name], [], []])
    expect(await ledger.names(isPartName)).toHaveLength(9)
    await ledger.merge(damaged)
    expect(await ledger.names(isManifestName)).toHaveLength(1)
    expect([(await ledger.stand()).replaced.has(name), (await ledger.stand()).replaced.size]).toEqual([
      false,
      8,
    ])
  })

  it('that meets a store that is away leaves all as it was, and fails', async () => {
    const given = { isAway: false }
    const ledger = open((inner) => ({
      open: async (key, options) => {
        if (given.isAway && options?.range?.start !== 0) throw AWAY
        if (given.isAway && key.includes('id0003')) throw AWAY
        return inner.open(key, options)
      },
    }))
    await ledger.write(...EIGHT)
    given.isAway = true
    await expect(ledger.merge()).rejects.toBe(AWAY)
    given.isAway = false
    expect([(await ledger.names()).length, await ledger.hear()]).toEqual([8, HEARD])
  })
})

describe('a manifest that was written though its write is said to have failed', () => {
  const openDoubtful = () =>
    open((inner) => ({
      put: async (key, bytes, options) => {
        const result = await inner.put(key, bytes, options)
        if (isManifestName(key)) throw new Problem('store-timeout', 'Nobody knows.')
        return result
      },
    }))

  it('loses nothing of what a process that writes has merged', async () => {
    const ledger = openDoubtful()
    await ledger.write(...EIGHT)
    await expect(ledger.merge()).rejects.toMatchObject({ code: 'store-timeout' })
    expect((await ledger.stand()).replaced.size).toBe(8)
    expect(await ledger.hear()).toEqual(HEARD)
  })

  it('loses nothing of what a run that lists everything has merged', async () => {
    const ledger = openDoubtful()
    await ledger.write(...EIGHT)
    ledger.clock.now += 11 * MINUTE_MS
    const snapshot = await createLedger(ledger.options).open()
    const merge = snapshot.startMerge()
    for await (const entry of snapshot.entries()) await merge?.add(entry)
    await merge?.finish()
    expect(await ledger.hear()).toEqual(HEARD)
  })
})

describe('the merge of a run that lists everything', () => {
  const mergeAll = async (
    ledger: ReturnType<typeof open>,
    meanwhile: () => Promise<void> = async () => {},
  ) => {
    ledger.clock.now += 11 * MINUTE_MS
    const snapshot = await createLedger(ledger.options).open()
    const merge = snapshot.startMerge()
    for await (const entry of snapshot.entries()) await merge?.add(entry)
    await meanwhile()
    await merge?.finish()
    return merge !== undefined
  }

  it('is worth it from six on, where they are a quarter of the largest', async () => {
    const ledger = open()
    await ledger.write(...EIGHT.slice(0, 5))
    expect(await mergeAll(ledger)).toBe(false)
    const large = Array.from({ length: 300 }, (_, i) =>
      say(`z${String(i).padStart(3, '0')}`, randomBytes(300).toString('base64')),
    )
    await ledger.write(large)
    expect(await mergeAll(ledger)).toBe(false)
    await ledger.write(...EIGHT.slice(5))
    const medium = large.slice(0, 100)
    await ledger.write(medium)
    expect([await mergeAll(ledger), (await ledger.stand()).runs.length]).toEqual([true, 1])
    expect(await mergeAll(ledger)).toBe(false)
  })

  it('leaves its parts out where one was merged and deleted by others in between', async () => {
    const ledger = open()
    await ledger.write(...EIGHT)
    const { open: read } = ledger.store
    let gone = ''
    ledger.store.open = async (key, options) => (key === gone ? undefined : read(key, options))
    // Listed and not there, again and again.
    await mergeAll(ledger, async () => {
      await ledger.write([say('9.jpg')])
      gone = (await ledger.names(isPartName)).at(-1) ?? ''
    })
    expect(gone).not.toBe('')
    gone = ''
    expect([(await ledger.names(isPartName)).length, await ledger.hear()]).toEqual([9, [...HEARD, '9.jpg x']])
    expect(ledger.events).toEqual([])
  })

  it('is told where the ledger cannot be read any more, and leaves all as it was', async () => {
    const ledger = open()
    await ledger.write(...EIGHT)
    const { list } = ledger.inner
    let isAway = false
    ledger.store.list = (options) => {
      if (isAway) throw AWAY
      return list(options)
    }
    await mergeAll(ledger, async () => {
      isAway = true
    })
    expect(ledger.events).toMatchObject([{ kind: 'ledger-unread' }])
    isAway = false
    expect([await ledger.names(isPartName), await ledger.hear()]).toMatchObject([{ length: 8 }, HEARD])
  })
})

describe('a part that cannot be read', () => {
  /** Three parts, longer than what is read of them to see their headers. */
  const LONG = ['a', 'b', 'c'].map((source) => [say(source, randomBytes(8_192).toString('base64'))])
  const openFailing = async () => {
    const given: { fail?: (key: string, start: number) => Error | 'gone' | undefined } = {}
    const ledger = open((inner) => ({
      open: async (key, options) => {
        const failure = given.fail?.(key, options?.range?.start ?? 0)
        if (failure instanceof Error) throw failure
        return failure === 'gone' ? undefined : inner.open(key, options)
      },
    }))
    await ledger.write(...LONG)
    const [, second = ''] = await ledger.names()
    return Object.assign(ledger, { given, second })
  }
  const sourcesOf = async (entries: AsyncIterable<LedgerEntry>) =>
    (await collect(entries)).map(({ source }) => source)

  it.each(['store-denied', 'store-unavailable'] as const)(
    'for now (%s) is told once, not believed, and keeps all from being deleted',
    async (code) => {
      const { given, options, events, names, clock, ...ledger } = await openFailing()
      await ledger.write(...EIGHT)
      await ledger.merge()
      clock.now += 11 * MINUTE_MS
      await ledger.write([say('z', randomBytes(8_192).toString('base64'))])
      const before = await names()
      const last = before.at(-1)
      const failure = new Problem(code, 'No.')
      given.fail = (key, start) => (key === last && start > 0 ? failure : undefined)
      const snapshot = await createLedger(options).open()
      for (let i = 0; i < 2; i++) expect(await sourcesOf(snapshot.entries())).not.toContain('z')
      expect(events).toMatchObject([{ kind: 'ledger-unread', problem: { subject: last, cause: failure } }])
      expect(snapshot.isWhole()).toBe(false)
      await snapshot.deleteSpent()
      expect(await names()).toEqual(before)
    },
  )

  it('and is damaged is told each time, and counts as read', async () => {
    const { given, second, options, events } = await openFailing()
    given.fail = (key, start) =>
      key === second && start > 0 ? new Problem('ledger-damaged', 'No.') : undefined
    const snapshot = await createLedger(options).open()
    expect([await sourcesOf(snapshot.entries()), snapshot.isWhole()]).toEqual([['a', 'c'], true])
    expect(events).toMatchObject([{ kind: 'warning', problem: { code: 'ledger-damaged' } }])
  })

  it.each([
    new Problem('ledger-too-new', 'No.'),
    new Problem('store-missing', 'No.'),
    new TypeError('a bug'),
  ])('by %s ends the run', async (failure) => {
    const { given, second, options } = await openFailing()
    given.fail = (key, start) => (key === second && start > 0 ? failure : undefined)
    const snapshot = await createLedger(options).open()
    await expect(collect(snapshot.entries())).rejects.toBe(failure)
    given.fail = () => failure
    await expect(createLedger(options).open()).rejects.toBe(failure)
  })

  it('because it went away is looked for elsewhere, and nothing is told twice', async () => {
    const { given, second, options, write, inner } = await openFailing()
    const snapshot = await createLedger(options).open()
    const reading = snapshot.entries()[Symbol.asyncIterator]()
    const sources = [(await reading.next()).value?.source]
    await write(LONG[1] ?? [])
    await inner.deleteAll([second])
    for (let next = await reading.next(); !next.done; next = await reading.next())
      sources.push(next.value.source)
    expect(sources).toEqual(['a', 'b', 'c'])
    given.fail = undefined as never
    expect(await sourcesOf(snapshot.entries(spansOfSources(['b', 'c'])))).toEqual(['b', 'c'])
  })

  it('is looked for five times in a row, and as often again after each entry', async () => {
    const { given, second, options, names } = await openFailing()
    let gone = new Map((await names()).map((name) => [name, 5]))
    given.fail = (key, start) => {
      const left = gone.get(key) ?? 0
      if (start === 0 || left === 0) return undefined
      gone.set(key, left - 1)
      return 'gone'
    }
    const snapshot = await createLedger(options).open()
    expect(await sourcesOf(snapshot.entries())).toEqual(['a', 'b', 'c'])
    gone = new Map([[second, 6]])
    await expect(collect(snapshot.entries())).rejects.toThrow(PartGone)
  })

  it('in the last ten minutes is not merged by a run that lists everything, nor what a merge has not ended', async () => {
    const { clock, options, write } = open()
    await write(...EIGHT)
    clock.now += 10 * MINUTE_MS - 7_000
    const isMerging = async () => (await createLedger(options).open()).startMerge() !== undefined
    // Two are old enough, then three: six are needed.
    expect(await isMerging()).toBe(false)
    clock.now += 5_001
    expect(await isMerging()).toBe(true)
    const unfinished = open()
    for (const entries of EIGHT) await writePart(unfinished.options, entries, { merged: true })
    unfinished.clock.now += 23 * 60 * MINUTE_MS
    expect((await createLedger(unfinished.options).open()).startMerge()).toBeUndefined()
    unfinished.clock.now += 61 * MINUTE_MS
    expect((await createLedger(unfinished.options).open()).startMerge()).toBeDefined()
  })
})

describe('a process that writes', () => {
  const countLists = (id?: string) => {
    let lists = 0
    const ledger = open((inner) => ({
      list: (options) => {
        lists++
        return inner.list(options)
      },
    }))
    let ids = 0
    const newId = id === undefined ? ledger.options.newId : () => `${id}${ids++}`
    const process = createLedger({ ...ledger.options, newId })
    const recorder = process.record()
    const write = async (count: number): Promise<number> => {
      lists = 0
      for (let i = 0; i < count; i++) {
        ledger.clock.now += 1_000
        await recorder.add(say(`${i}.jpg`))
        await recorder.flush()
      }
      return lists
    }
    return { ...ledger, process, write }
  }

  it('looks whether to merge at its eighth part, or as soon as it has seen that there are enough', async () => {
    const { write, process } = countLists()
    expect([await write(7), await write(1)]).toEqual([0, 2])
    const other = countLists()
    await other.write(5)
    await other.process.open()
    expect([await other.write(2), await other.write(1)]).toEqual([0, 2])
    await process.open()
  })

  it('that another has forestalled goes by a number of its own', async () => {
    const looksOf = async (process: string): Promise<number> => {
      const { write, names, inner } = countLists(process)
      await write(7)
      const [first = ''] = await names()
      await inner.put(`${first}.claim`, Buffer.of(), { headers: HEADERS })
      expect(await write(1)).toBe(1)
      for (let parts = 1; ; parts++) if ((await write(1)) > 0) return parts
    }
    const looks = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(looksOf))
    expect([Math.min(...looks), new Set(looks).size > 1]).toEqual([8, true])
    expect(Math.max(...looks)).toBeLessThanOrEqual(16)
  })

  it('merges one at a time', async () => {
    let puts = 0
    let release = (): void => {}
    const ledger = open((inner) => ({
      put: async (key, bytes, options) => {
        if (key.endsWith('.claim')) {
          puts++
          await new Promise<void>((end) => {
            release = end
          })
        }
        return inner.put(key, bytes, options)
      },
    }))
    const { record } = createLedger(ledger.options)
    const [one, two] = [record(), record()]
    for (let i = 0; i < 7; i++) {
      await one.add(say(`${i}.jpg`))
      await one.flush()
    }
    await one.add(say('8.jpg'))
    const merging = one.flush()
    for (let i = 0; i < 50 && puts === 0; i++) await new Promise(setImmediate)
    await two.add(say('9.jpg'))
    await two.flush()
    expect(puts).toBe(1)
    release()
    await merging
  })
})

describe('what stands', () => {
  it('is listed again where a part went away in between, five times at most', async () => {
    let gone = 0
    let lists = 0
    const ledger = open((inner) => ({
      list: (options) => {
        lists++
        return inner.list(options)
      },
      open: async (key, options) => (gone-- > 0 ? undefined : inner.open(key, options)),
    }))
    await ledger.write([say('a.jpg')])
    gone = 4
    expect([(await ledger.stand()).runs.length, lists]).toEqual([1, 5])
    gone = 5
    await expect(ledger.stand()).rejects.toThrow(PartGone)
  })

  it('is asked for once, and of what was read before nothing is read again', async () => {
    const ledger = open()
    const store = asCountingStore(ledger.store)
    await ledger.write(...EIGHT)
    const known = new Map()
    const look = () => findStanding({ ...ledger.options, store }, known, { onUnread: throwAll })
    await look()
    expect([store.requests.list, store.requests.read]).toEqual([1, 8])
    const [first = ''] = await ledger.names()
    await ledger.inner.deleteAll([first])
    expect((await look()).runs).toHaveLength(7)
    expect([store.requests.read, known.size, known.has(first)]).toEqual([8, 7, false])
  })

  it('has of two manifests the newer one, of which one run may be named by both', async () => {
    const ledger = open()
    const part = async (text: string) => {
      const summary = await writePart(ledger.options, [say(text)], { merged: true })
      return { ...summary, first: text, last: text, name: summary.name.slice('.imgsizes/ledger/'.length) }
    }
    const [a, b, old] = [await part('a'), await part('b'), await part('old')]
    const manifest = async (name: string, header: object) => {
      const { bytes } = await encodePart([], { replaces: [], ...header })
      await ledger.inner.put(`.imgsizes/ledger/${name}.manifest.ndjson.gz`, bytes, { headers: HEADERS })
    }
    const [early, late] = [START + 5_000, START + 9_000].map((time) => time.toString(36).padStart(9, '0'))
    await manifest(`${early}-m`, { runs: [[a, { ...b, name: 'deleted.ndjson.gz' }], [old]] })
    await manifest(`${late}-m`, { replaces: [old.name, 'gone.ndjson.gz'], runs: [[a, b]] })
    const { runs, replaced } = await ledger.stand()
    expect(runs.map((run) => run.map(({ range }) => range.first))).toEqual([['a', 'b']])
    // Without its own time, a file was replaced when the manifest was made.
    expect([...replaced]).toEqual([[`.imgsizes/ledger/${old.name}`, START + 9_000]])
  })
})

describe('a part', () => {
  const openPart = async (entries: readonly LedgerEntry[], change?: Parameters<typeof open>[0]) => {
    const ledger = open(change)
    await ledger.write(entries)
    const [name = ''] = await ledger.names()
    const sizeBytes = (await ledger.inner.head(name))?.sizeBytes ?? 0
    const store = asCountingStore(ledger.store)
    return { ...ledger, store, name, sizeBytes, file: () => openFile(store, { name, sizeBytes }) }
  }
  const MANY = Array.from({ length: 1_000 }, (_, i) =>
    say(String(i).padStart(4, '0'), randomBytes(60).toString('hex')),
  )
  const sourcesOf = (entries: readonly LedgerEntry[]) => entries.map(({ source }) => source)

  it('is read in as few pieces as hold what is asked for', async () => {
    const { store, file } = await openPart(MANY)
    const { part } = await file()
    if (part === undefined) throw new Error('it is a part')
    const look = async (...sources: readonly string[]) => {
      store.reset()
      const found = await collect(readPart(store, part, { spans: spansOfSources(sources) }))
      return [sourcesOf(found), store.requests.read]
    }
    expect(await look('0500')).toEqual([['0500'], 1])
    expect(await look('0500', '0501')).toEqual([['0500', '0501'], 1])
    expect(await look('0200', '0300')).toEqual([['0200', '0300'], 1])
    expect(await look('0200', '0900')).toEqual([['0200', '0900'], 2])
    expect(await look('zzz')).toEqual([[], 0])
    expect((await look('0000'))[0]).toEqual(['0000'])
    const { index: _, filter: __, start: ___, ...named } = part
    store.reset()
    expect(await collect(readPart(store, named, { spans: spansOfSources(['zzz']) }))).toEqual([])
    expect(store.requests.read).toBe(0)
    expect(await look('0500x')).toEqual([[], 0])
    store.reset()
    expect(sourcesOf(await collect(readPart(store, part, {})))).toEqual(sourcesOf(MANY))
    // Its beginning was read with its header.
    expect(store.requests.bytes).toBe(part.sizeBytes - (part.start?.length ?? 0))
  })

  it('is asked again where it breaks off, three times', async () => {
    let breaks = 0
    const change: Parameters<typeof open>[0] = (inner) => ({
      open: async (key, options) => {
        if (breaks-- > 0) throw AWAY
        return inner.open(key, options)
      },
    })
    const { file } = await openPart([say('a')], change)
    breaks = 2
    expect((await file()).part?.range).toEqual({ first: 'a', last: 'a' })
    breaks = 3
    await expect(file()).rejects.toBe(AWAY)
    expect(breaks).toBe(0)
  })

  it('is not asked again after an abort, nor where the store denies it, nor where it is gone', async () => {
    let asked = 0
    let failure: Problem | undefined = AWAY
    const stop = new AbortController()
    const { name, sizeBytes, store } = await openPart([say('a')], () => ({
      open: async () => {
        asked++
        if (failure === AWAY) stop.abort(new Error('stopped'))
        if (failure !== undefined) throw failure
        return undefined
      },
    }))
    await expect(openFile(store, { name, sizeBytes }, stop.signal)).rejects.toThrow('stopped')
    failure = new Problem('store-denied', 'May not.')
    await expect(openFile(store, { name, sizeBytes })).rejects.toBe(failure)
    failure = undefined
    await expect(openFile(store, { name, sizeBytes })).rejects.toThrow(PartGone)
    expect(asked).toBe(3)
  })

  it('has a header that may be longer than what is read first', async () => {
    const far = Array.from({ length: 3_000 }, (_, i) => say(`${randomBytes(40).toString('hex')}${i}`))
    const entries = far.sort((a, b) => (a.source < b.source ? -1 : 1))
    const { store, name, sizeBytes } = await openPart(entries)
    store.reset()
    const { part } = await openFile(store, { name, sizeBytes, headerBytes: 16 })
    expect(part?.range).toEqual({ first: entries[0]?.source, last: entries.at(-1)?.source })
    expect(store.requests.read).toBeLessThan(8)
  })

  it('never takes the name of another', async () => {
    const { options, inner, names } = open()
    const twins = { ...options, newId: () => 'one' }
    await writePart(twins, [say('a')])
    const [name = ''] = await names()
    const before = await inner.get(name)
    await expect(writePart(twins, [say('b')])).rejects.toThrow('newId')
    expect([await inner.get(name), await names()]).toEqual([before, [name]])
  })

  it('is damaged where its members would be longer than it is, or where it has none', async () => {
    const { inner, name, store } = await openPart(MANY)
    const bytes = (await inner.get(name))?.bytes ?? new Uint8Array()
    const whole = await openFile(store, { name, sizeBytes: bytes.length })
    const members = bytes.length - (whole.part?.headerBytes ?? 0)
    await expect(openFile(store, { name, sizeBytes: members })).rejects.toMatchObject({
      code: 'ledger-damaged',
    })
    expect((await openFile(store, { name, sizeBytes: members + 1 })).part?.headerBytes).toBe(1)
    const empty = await encodePart([], { replaces: [] })
    await inner.put(name, empty.bytes, { headers: HEADERS })
    await expect(openFile(store, { name, sizeBytes: empty.bytes.length })).rejects.toMatchObject({
      code: 'ledger-damaged',
    })
  })
})
