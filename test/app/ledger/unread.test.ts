import { describe, expect, it } from 'vitest'
import { stateAlias } from '../../../src/app/aliases.ts'
import { Problem } from '../../../src/core/problem.ts'
import { emptyEntry } from '../../../src/plan/ledger-entry.ts'
import { decodeHeader } from '../../../src/plan/ledger-part.ts'
import type { WritableStore } from '../../../src/store/port.ts'
import { type Bench, getText, listKeys, openBench, picture, putText } from '../../support/bench-project.ts'
import { asDatedStore } from '../../support/dated-store.ts'
import { openMemoryStore } from '../../support/memory-store.ts'
import { collect } from '../../support/streams.ts'

const HOUR_MS = 3_600_000
const PARTS = '.imgsizes/ledger/'

/** How reading an object can fail: as it is asked for, in the middle of it, or by what it says. */
type Fault = 'refused' | 'broken off' | 'damaged'

type When = 'when its header is read' | 'after that'

const UNREAD = new Problem('store-unavailable', 'The connection was reset.')

/** The same store, with objects that cannot be read. */
const withFault = (inner: WritableStore, find: (key: string) => Fault | undefined): WritableStore => ({
  ...inner,
  open: async (key, options) => {
    const fault = find(key)
    if (fault === 'refused') throw UNREAD
    const object = await inner.open(key, options)
    if (object === undefined || fault === undefined) return object
    const bytes = new Uint8Array(await new Response(object.body).arrayBuffer())
    if (fault === 'damaged') return { ...object, body: new Blob([bytes.map((byte) => byte ^ 1)]).stream() }
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(bytes.subarray(0, bytes.length / 2)),
      pull: () => {
        throw UNREAD
      },
    })
    return { ...object, body }
  },
})

/** Of one object, from its first reading on or from its second. */
const faultOf = (key: string | undefined, fault: Fault, when: When): ((key: string) => Fault | undefined) => {
  let spared = when === 'after that' ? 1 : 0
  return (each) => (each === key && spared-- <= 0 ? fault : undefined)
}

/** The parts whose place others take. */
const listReplaced = async (store: WritableStore): Promise<readonly string[]> => {
  const replaced: string[] = []
  for (const name of (await listKeys(store, PARTS)).filter((each) => each.endsWith('.gz'))) {
    const { bytes = new Uint8Array() } = (await store.get(name)) ?? {}
    replaced.push(...(decodeHeader(name, bytes, true)?.replaces ?? []))
  }
  return replaced
}

const openSite = async (openStore: () => WritableStore, when: When = 'when its header is read') => {
  let now = 1_700_000_000_000
  const source = openStore()
  const output = openStore()
  const bench = (fault: (key: string) => Fault | undefined = () => undefined) => {
    now += HOUR_MS
    return openBench({ source, output: withFault(output, fault), now: () => now })
  }
  // Of so many the next build that sees everything makes one.
  for (let i = 0; i < 7; i++) {
    await putText(source, `${i}.jpg`, i === 0 ? 'broken' : `text ${i}`)
    // Of the first part as many as make it larger than what is read to see its header.
    for (let j = 0; j < (i === 0 && when === 'after that' ? 90 : 2); j++)
      await putText(source, `${i}/${j}.jpg`, `text ${i} ${j}`)
    await bench().build({ selection: { range: {} } })
  }
  const parts = await listKeys(output, PARTS)
  expect(parts).toHaveLength(7)
  const eventsOf = ({ events }: Bench, kind: string) => events.filter((event) => event.kind === kind)
  return { source, output, bench, parts, eventsOf, now: () => now }
}

describe('a part of the ledger', () => {
  it.each([
    ['refused', 'when its header is read'],
    ['broken off', 'when its header is read'],
    ['broken off', 'after that'],
  ] as const)('that is %s %s is said to be, and merged into nothing', async (fault, when) => {
    const { output, bench, parts, eventsOf } = await openSite(openMemoryStore, when)
    const [first] = parts
    const knows = async () => collect((await bench().ledger.open()).entries())
    const before = await knows()
    const run = bench(faultOf(first, fault, when))
    await run.build()
    expect(eventsOf(run, 'warning')).toEqual([])
    expect(eventsOf(run, 'ledger-unread')).toMatchObject([
      { problem: { code: 'ledger-unread', subject: first } },
    ])
    expect(await listReplaced(output)).toEqual([])
    const after = await knows()
    expect(after.map(({ source }) => source)).toEqual(before.map(({ source }) => source))
    for (const [i, { results, failures }] of before.entries()) {
      expect(after[i]?.results).toEqual(expect.arrayContaining([...results]))
      expect(after[i]?.failures).toEqual(expect.arrayContaining([...failures]))
    }
    const next = bench()
    expect((await next.plan()).counts).toMatchObject({ missing: 0, stale: 0, failing: 1 })
    expect(eventsOf(next, 'ledger-unread')).toEqual([])
  })

  it.each(['when its header is read', 'after that'] as const)(
    'that shows damage %s is left where it is by the merge of the others',
    async (when) => {
      const { output, bench, parts, eventsOf } = await openSite(openMemoryStore, when)
      const [first] = parts
      const run = bench(faultOf(first, 'damaged', when))
      await run.build()
      expect(eventsOf(run, 'warning')[0]).toMatchObject({
        problem: { code: 'ledger-damaged', subject: first },
      })
      expect(eventsOf(run, 'ledger-unread')).toEqual([])
      // Two days later the merged ones go.
      for (let i = 0; i < 48; i++) bench()
      await bench(faultOf(first, 'damaged', when)).build()
      const left = await listKeys(output, PARTS)
      expect(left.filter((part) => parts.includes(part))).toEqual([first])
    },
  )
})

describe.each([
  ['ETags', () => openMemoryStore()],
  ['dates', () => asDatedStore(openMemoryStore())],
  ['nothing', () => openMemoryStore({ showMark: () => '' })],
] as const)('a part of the ledger, in a store that shows %s,', (_, openStore) => {
  it('that cannot be read keeps prune from deleting', async () => {
    const { source, bench, parts, output, now } = await openSite(openStore)
    await source.deleteAll(['1.jpg'])
    const standing = await listKeys(output, '1.jpg/')
    expect(standing).toHaveLength(4)
    const pruneThrough = (fault: Fault | undefined) => {
      const run = bench((key) => (key === parts[3] ? fault : undefined))
      return run.prune({ now })
    }
    await expect(pruneThrough('broken off')).rejects.toMatchObject({ code: 'ledger-unread' })
    expect(await listKeys(output, '1.jpg/')).toEqual(standing)
    expect(await pruneThrough(undefined)).toMatchObject({ deleted: 4 })
  })

  it('that cannot be read for a while leaves no second name on an old picture', async () => {
    const { source, output, bench, eventsOf, now } = await openSite(openStore)
    const key = (await listKeys(output, '1.jpg/640w')).find((each) => each.endsWith('.webp'))
    const verified = key === undefined ? undefined : bench().keyring.verify(key)
    const known = (await collect((await bench().ledger.open()).entries())).find(
      (each) => each.source === '1.jpg',
    )
    const record = known?.results.find((each) => each.transform === '640w.q80' && each.format === 'webp')
    if (verified === undefined || record === undefined) throw new Error('no result')
    const alias = { source: verified.variant.source, name: 'cache/1', key: verified.key, ...record }
    const writer = bench()
    const recorder = writer.ledger.record()
    const before = await listKeys(output, PARTS)
    await recorder.add({ ...emptyEntry(alias.source), ...stateAlias(alias, now()) })
    await recorder.flush()
    const [part] = (await listKeys(output, PARTS)).filter((each) => !before.includes(each))
    await writer.results.alias(alias, alias.name, {})
    await putText(source, '1.jpg', 'other')
    const run = bench((each) => (each === part ? 'refused' : undefined))
    await run.build()
    expect(eventsOf(run, 'ledger-unread')).toHaveLength(1)
    await bench().build()
    expect(await getText(output, 'cache/1')).toBe(picture('other', '80', 'webp'))
  })
})

it('a ledger that cannot be listed is asked for once', async () => {
  let listings = 0
  const list: WritableStore['list'] = () => {
    listings++
    throw UNREAD
  }
  const { ledger } = openBench({ output: { ...openMemoryStore(), list } })
  await expect(ledger.open()).rejects.toBe(UNREAD)
  expect(listings).toBe(1)
})
