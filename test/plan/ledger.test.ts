import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Problem } from '../../src/core/problem.ts'
import type { SourceKey } from '../../src/core/source-key.ts'
import type { AliasRecord } from '../../src/plan/alias.ts'
import { createEntryReader, formatEntry } from '../../src/plan/entry-line.ts'
import {
  emptyEntry,
  type FactsRecord,
  isSameTag,
  isTagOf,
  type LedgerEntry,
  mergeEntries,
  type ResultRecord,
  toTags,
} from '../../src/plan/ledger-entry.ts'
import { decodeEntries, decodeHeader, encodePart } from '../../src/plan/ledger-part.ts'
import { mergeLedger } from '../../src/plan/merge-ledger.ts'
import type { OrphanRecord } from '../../src/plan/orphan.ts'
import { formatHeader, type PartHeader, readPartHeader } from '../../src/plan/part-header.ts'
import { compareSources } from '../../src/plan/source-order.ts'
import { ANY_CHARACTER } from '../support/characters.ts'
import { expectCpuWithin } from '../support/cpu.ts'
import { collect, each } from '../support/streams.ts'
import { aRecord } from './support.ts'

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size)
}

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })

const record: fc.Arbitrary<ResultRecord> = fc
  .record({
    transform: fc.constantFrom('640w.q80', '320w.q80', '300x200.cover.q75'),
    format: fc.constantFrom('webp' as const, 'jpg' as const),
    fingerprint: fc.oneof(hex(4), fc.constant('of several')),
    recipe: hex(10),
    encoder: fc.constantFrom('libvips 8', 'libvips 9'),
    headers: fc.constantFrom('', 'aa'),
    maker: fc.constantFrom('build' as const, 'serve' as const),
    etag: fc.oneof(hex(12), fc.constantFrom('d41d8cd98f00b204-12', 'a b:c%20', 'W/x', 'DEADBEEF0123')),
    sizeBytes: fc.nat(),
    mark: fc.option(fc.oneof(hex(6), fc.constantFrom('', '1:2 3%')), { nil: undefined }),
    split: fc.option(fc.tuple(hex(5), hex(7)), { nil: undefined }),
    edition: fc.option(fc.integer({ min: 1, max: 99 }), { nil: undefined }),
  })
  .map(({ mark, split, edition, ...rest }) => ({
    ...rest,
    ...(edition !== undefined && { edition }),
    ...(mark !== undefined && { mark }),
    ...(split !== undefined && { etag: split[0], mark: split[1] }),
  }))

const side = fc.nat(16_000)
const perMille = fc.nat(1000)

const facts: fc.Arbitrary<FactsRecord> = fc.record(
  {
    fingerprint: hex(4),
    width: side,
    height: side,
    mediaFormat: fc.constantFrom('jpeg', 'svg'),
    isScalable: fc.constant(true as const),
    isAnimated: fc.constant(true as const),
    attention: fc.record({ x: perMille, y: perMille }),
    thumbhash: fc.constantFrom('1QcSHQRnh493V4dIh4eXh1h4kJUI', '3PcNNYSFeXh/d3eld0iHZoZgVwh2'),
    colour: hex(6),
  },
  { requiredKeys: ['fingerprint', 'width', 'height', 'mediaFormat'] },
)

const alias: fc.Arbitrary<AliasRecord> = fc
  .record({
    name: hex(2).map((name) => `cache/${name}`),
    transform: fc.constantFrom('640w.q80', '320w.q80'),
    format: fc.constantFrom('webp' as const, 'jpg' as const),
    etag: fc.option(fc.oneof(hex(12), fc.constant('d41d8cd98f00b204-12')), { nil: undefined }),
    at: fc.integer({ min: 0, max: 1_800_000 }),
    isDone: fc.boolean(),
  })
  .map(({ etag, isDone, ...rest }) => ({
    ...rest,
    ...(etag !== undefined && { etag }),
    ...(isDone && { isDone: true }),
  }))

const orphan: fc.Arbitrary<OrphanRecord> = fc
  .record({ name: hex(1), since: fc.nat(9), isOver: fc.boolean() })
  .map(({ isOver, ...rest }) => ({ ...rest, ...(isOver && { isOver: true }) }))

const entry = fc.record({
  source: fc.oneof(
    fc.constant('='),
    fc.string({ unit: ANY_CHARACTER, minLength: 1, maxLength: 6 }).filter((text) => text.isWellFormed()),
  ),
  results: fc.array(record, { maxLength: 4 }),
  sightings: fc.array(fc.record({ sizeBytes: fc.nat(), mark: hex(3), fingerprint: hex(4) }), {
    maxLength: 2,
  }),
  failures: fc.array(
    fc.record({ fingerprint: hex(4), code: hex(2), message: fc.string(), attempt: hex(4) }),
    { maxLength: 1 },
  ),
  orphans: fc.array(orphan, { maxLength: 3 }),
  facts: fc.array(facts, { maxLength: 2 }),
  aliases: fc.array(alias, { maxLength: 3 }),
})

/** Statements as a set: the ledger gives no order to them. */
const statements = (entry: LedgerEntry) => ({
  source: entry.source,
  results: entry.results.map((each) => JSON.stringify(each, Object.keys(each).sort())).sort(),
  sightings: entry.sightings.map((each) => JSON.stringify(each)).sort(),
  failures: entry.failures.map((each) => JSON.stringify(each)).sort(),
  orphans: entry.orphans.map((each) => JSON.stringify(each)).sort(),
  facts: entry.facts.map((each) => JSON.stringify(each, [...Object.keys(each).sort(), 'x', 'y'])).sort(),
  aliases: entry.aliases.map((each) => JSON.stringify(each, Object.keys(each).sort())).sort(),
})

const sorted = (entries: readonly LedgerEntry[]): LedgerEntry[] => {
  const bySource = new Map<string, LedgerEntry>()
  for (const each of entries)
    bySource.set(each.source, mergeEntries(bySource.get(each.source) ?? emptyEntry(each.source), each))
  return [...bySource.values()].sort((a, b) => compareSources(a.source, b.source))
}

const encode = async (entries: readonly LedgerEntry[]): Promise<Uint8Array> =>
  (await encodePart(entries, { replaces: ['old'] })).bytes

const RESULT = aRecord({ encoder: 'libvips 8', headers: '' })

describe('ledger part', () => {
  it('reads back what was written, in chunks of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { maxLength: 8 }),
        fc.integer({ min: 1, max: 400 }),
        async (entries, size) => {
          const ordered = sorted(entries)
          const bytes = await encode(ordered)
          expect(decodeHeader('p', bytes, true)?.replaces).toEqual(['old'])
          const back = await collect(decodeEntries('p', inPieces(bytes, size)))
          expect(back.map(statements)).toEqual(ordered.map(statements))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('is read soon, whatever stands in it', async () => {
    await expectCpuWithin(2, () => {
      const entry = createEntryReader()(['a', { i: [['', 3, 2, `gif${'*'.repeat(200_000)}x`, [], '-']] }])
      expect(entry?.facts[0]?.mediaFormat).toBe('gif')
    })
  })

  it.each([
    ['cut off', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 9), 'ledger-damaged'],
    ['no gzip', () => Buffer.from('hello'), 'ledger-damaged'],
    ['empty', () => Buffer.alloc(0), 'ledger-damaged'],
    [
      'of lines that mean nothing',
      () => gzipSync('{"imgsizes":"ledger","version":1,"replaces":[]}\n["a",{"i":[3]}]\n'),
      'ledger-damaged',
    ],
    [
      'of a later program',
      () => gzipSync('{"imgsizes":"ledger","version":2,"replaces":[]}\n'),
      'ledger-too-new',
    ],
  ])('says so when it is %s', async (_, damage, code) => {
    const bytes = damage(await encode(sorted([{ ...emptyEntry('a'), orphans: [{ name: 'x', since: 1 }] }])))
    const read = async () => {
      decodeHeader('p', bytes, true)
      await collect(decodeEntries('p', inPieces(bytes, 50)))
    }
    await expect(read()).rejects.toSatisfy((error) => (error as Problem).code === code)
  })

  const HEADER = '{"imgsizes":"ledger","version":1,"replaces":[]}'
  it.each([
    `${HEADER}\n["a",{"s":[{"fingerprint":1}]}]\n`,
    `${HEADER}\n["a",{"f":{}}]\n`,
    `${HEADER}\n["a",{"o":[["x"]]}]\n`,
    `${HEADER}\n["a",null]\n`,
    `${HEADER}\n["a",{}]`,
    `${HEADER}\n["=",0,[["640w"]]]\n`,
    `${HEADER}\n["=",0,[["9w","webp","r","e","h","serve"]]]\n["a",{"r":[[0,"f","=\\ud800:5"]]}]\n`,
    '{"imgsizes":"ledger","version":1,"replaces":[1]}\n',
    '{"imgsizes":"ledger","version":1,"replaces":[],"members":[["a",-5]],"last":"a"}\n',
    '{"imgsizes":"ledger","version":1,"replaces":[],"runs":[[["a","b","c",0]]]}\n',
  ])('says so when another program wrote it: %s', (text) => expectDamage(gzipSync(text)))

  it.each(['', `${HEADER}\n`])('says so when a line after "%s" has no end', (text) =>
    expectDamage(gzipSync(text + 'a'.repeat(70_000_000))),
  )

  const expectDamage = async (bytes: Uint8Array): Promise<void> => {
    const read = async () => {
      decodeHeader('p', bytes, true)
      await collect(decodeEntries('p', inPieces(bytes, 16_384)))
    }
    await expect(read()).rejects.toSatisfy((error) => (error as Problem).code === 'ledger-damaged')
  }

  it('says nothing of a file that could not be read, nor of a format that is not known', async () => {
    const lines = '["=",0,[["9w","jxl","r","e","h","serve"]]]\n["a",{"r":[[0,"f","0123456789ab5"]]}]\n'
    async function* read(error?: Error) {
      yield gzipSync(`${HEADER}\n${lines}`)
      if (error !== undefined) throw error
    }
    expect(await collect(decodeEntries('p', read()))).toEqual([{ ...emptyEntry('a') }])
    const broken = new Error('broken')
    await expect(collect(decodeEntries('p', read(broken)))).rejects.toBe(broken)
  })

  it('says of each of its members where it lies, and each is read by itself', async () => {
    const entries = Array.from({ length: 300 }, (_, i) => ({
      ...emptyEntry(`${String(i).padStart(4, '0')}.jpg`),
      results: [{ ...RESULT, sizeBytes: i }],
    }))
    const { bytes, headerBytes } = await encodePart(entries, { replaces: [] })
    const { members = [], last } = decodeHeader('p', bytes.subarray(0, headerBytes), false)?.index ?? {}
    expect(members.map(({ first }) => first)).toEqual(['0000.jpg', '0128.jpg', '0256.jpg'])
    expect(last).toBe('0299.jpg')
    const read: LedgerEntry[] = []
    let end = headerBytes
    for (const { sizeBytes } of members) {
      const start = end
      end += sizeBytes
      read.push(...(await collect(decodeEntries('p', inPieces(bytes.subarray(start, end), 1000)))))
    }
    expect(end).toBe(bytes.length)
    expect(read).toEqual(entries)
  })

  it('shows its header as soon as it has come, and asks for more before', async () => {
    const bytes = await encode([{ ...emptyEntry('a'), failures: [] }])
    const { headerBytes } = await encodePart([emptyEntry('a')], { replaces: ['old'] })
    expect(decodeHeader('p', bytes.subarray(0, headerBytes), false)).toMatchObject({ index: { last: 'a' } })
    for (let length = 0; length < headerBytes - 20; length++)
      expect(decodeHeader('p', bytes.subarray(0, length), false)).toBeUndefined()
  })

  it.each(['what marks show', 'other MD5s than marks that look like them'])(
    'keeps fifteen results of a source within 200 bytes, with %s',
    async (kind) => {
      const random = (length: number) =>
        Buffer.from(Array.from({ length }, () => Math.random() * 256)).toString('hex')
      const entries = Array.from({ length: 3000 }, (_, i) => ({
        ...emptyEntry(`photos/2024/summer/IMG_${String(i).padStart(6, '0')}.jpg`),
        facts: [],
        results: ['avif', 'webp', 'jpg'].flatMap((format) =>
          [320, 640, 960, 1280, 1920].map((width) => ({
            transform: `${width}w.q80`,
            format: format as 'avif',
            fingerprint: random(16),
            recipe: '0123456789',
            encoder: 'libvips 8.18',
            headers: '0123456789',
            maker: 'build' as const,
            ...toTags(random(16), kind === 'what marks show' ? undefined : random(16)),
            sizeBytes: 4000 + Math.floor(Math.random() * 90_000),
          })),
        ),
      }))
      for (const each of entries) {
        const fingerprint = random(16)
        for (const result of each.results) Object.assign(result, { fingerprint })
        const preview = {
          thumbhash: Buffer.from(random(21), 'hex').toString('base64'),
          colour: random(3),
          attention: { x: 547, y: 453 },
        }
        Object.assign(each, {
          facts: [{ fingerprint, width: 6000, height: 4000, mediaFormat: 'jpeg', ...preview }],
        })
      }
      const bytes = await encode(sorted(entries))
      expect(bytes.length / entries.length).toBeLessThan(200)
    },
  )
})

/** What was opened, in its order, beside the entries. */
const mergeAll = async (parts: readonly (readonly LedgerEntry[])[], saysFirst: (i: number) => boolean) => {
  const opened: number[] = []
  const merged = await collect(
    mergeLedger(
      parts.map((part, i) => ({
        ...(saysFirst(i) && part[0] && { first: part[0].source }),
        read: () => {
          opened.push(i)
          return each(part)
        },
      })),
    ),
  )
  return { merged, opened }
}

describe('mergeLedger', () => {
  it('gives the union of all parts, in order, each source once, whether or not they say where they begin', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(entry, { maxLength: 6 }), { maxLength: 4 }),
        fc.func(fc.boolean()),
        async (parts, saysFirst) => {
          const { merged } = await mergeAll(parts.map(sorted), saysFirst)
          expect(merged.map(statements)).toEqual(sorted(parts.flat()).map(statements))
        },
      ),
    )
  })

  it('opens a part when it comes to it', async () => {
    const parts = ['a', 'c', 'b'].map((name) => [emptyEntry(`${name}1`), emptyEntry(`${name}2`)])
    const { merged, opened } = await mergeAll(parts, () => true)
    expect(opened).toEqual([0, 2, 1])
    expect(merged.map(({ source }) => source)).toEqual(['a1', 'a2', 'b1', 'b2', 'c1', 'c2'])
  })
})

it('says in its header which sources it may name, and whether one has second names; members are of 128', async () => {
  const named: AliasRecord = { name: 'cache/1', transform: '640w.q80', format: 'webp', at: 1 }
  const headerOf = async (count: number, aliasesOfLast: readonly AliasRecord[] = []) => {
    const entries = Array.from({ length: count }, (_, i) => ({
      ...emptyEntry(String(i).padStart(4, '0')),
      aliases: i === count - 1 ? aliasesOfLast : [],
    }))
    const { bytes } = await encodePart(entries, { replaces: [] })
    const header = decodeHeader('part', bytes, true)
    return [header?.aliases, header?.index?.members.length, header?.filter !== undefined]
  }
  expect(await headerOf(2, [named])).toEqual([true, 1, true])
  expect(await headerOf(128)).toEqual([undefined, 1, true])
  expect(await headerOf(129, [named])).toEqual([true, 2, true])
  expect(await headerOf(0)).toEqual([undefined, undefined, false])
})

it('a tag is that of a text, whichever of two says less of it', () => {
  const md5 = 'd41d8cd98f00b204e9800998ecf8427e'
  expect([isSameTag('d41d8', 'd41d8cd98f00'), isSameTag('d41d8cd98f00', 'd41d8')]).toEqual([true, true])
  expect([isSameTag('d41d8', 'd41d9cd98f00'), isSameTag('W/x', 'W/xy')]).toEqual([false, false])
  expect([isTagOf('d41d8', md5), isTagOf('d41d9', md5), isTagOf(undefined, md5)]).toEqual([
    true,
    false,
    false,
  ])
})

it('a line says nothing of what an entry does not have', () => {
  expect(formatEntry(emptyEntry('a.jpg' as SourceKey), new Map())).not.toMatch(/"[a-z]":/)
})

it('a header is read as it was written', () => {
  const part = { name: 'p', first: 'a', last: 'b', headerBytes: 3 }
  const header: PartHeader = {
    replaces: ['old'],
    since: [5],
    index: { members: [{ first: 'a', sizeBytes: 7 }], last: 'b' },
    runs: [[{ ...part, hasAliases: true }], [{ ...part, hasAliases: false }]],
    aliases: true,
    merged: true,
    filter: Buffer.from([1, 2]),
  }
  expect(readPartHeader('n', JSON.parse(formatHeader(header)))).toEqual(header)
})

it('a header without a version is damaged, not newer', () => {
  const codeOf = (version: number): string => {
    try {
      readPartHeader('a', { imgsizes: 'ledger', version })
      return 'none'
    } catch (error) {
      return (error as Problem).code
    }
  }
  expect([codeOf(0), codeOf(2)]).toEqual(['ledger-damaged', 'ledger-too-new'])
})
