/**
 * How a part of the ledger is written: gzip of lines of JSON, so that `zcat` shows it.
 *
 *     {"imgsizes":"ledger","version":1,"replaces":[names of the parts that this one merges]}
 *     ["=",0,[[transform,format,recipe,encoder,headers,maker],…]]      a shape: what one source's results have in common
 *     ["photos/a.jpg",{"r":[[0,fingerprint,"one text per result, by blanks"]],"s":[…],"f":[…],"o":[…],"i":[…],"a":[…]}]
 *     ["photos/b.jpg",{"r":[[0,fingerprint,"…",1]]}]      results whose marks look like MD5s and are none
 *
 * Entries stand in the order of `compareSources`, each source once. A shape is named before its first use; most
 * sources share one, which leaves of a result its ETag and size: about nine bytes.
 */

import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, gzipSync } from 'node:zlib'
import type { Format } from '../core/format.ts'
import { isFormat } from '../core/format.ts'
import { Problem } from '../core/problem.ts'
import type { AliasRecord } from './alias.ts'
import { type FactsLine, readFactsLine, toFactsLine } from './facts-line.ts'
import {
  type FailureRecord,
  type LedgerEntry,
  type ResultRecord,
  type Sighting,
  SPLIT_MARK_DIGITS,
  SPLIT_MD5_DIGITS,
  TAG_DIGITS,
} from './ledger-entry.ts'
import type { OrphanRecord } from './orphan.ts'

/** What a part says of itself. */
export interface PartHeader {
  /** Names of parts that need not be read beside this one: it holds their merge. */
  readonly replaces: readonly string[]
  /** Present where some entry tells of aliases: who looks for those alone leaves the other parts unread. */
  readonly aliases?: true
  /** Present where a merge wrote it: nothing new is in it. */
  readonly merged?: true
}

const SIGNATURE = { imgsizes: 'ledger', version: 1 } as const

/** Writes one part, piece by piece; the pieces laid end to end are the part. */
export interface PartEncoder {
  /** Entries come in the order of `compareSources`, over all calls. */
  encode(entries: readonly LedgerEntry[]): Uint8Array
}

/** Each piece is a gzip member of its own, so that a part of any length is written without holding its text. */
export const createPartEncoder = (header: PartHeader): PartEncoder => {
  const shapes = new Map<string, number>()
  let head = `${JSON.stringify({ ...SIGNATURE, ...header })}\n`
  return {
    encode: (entries) => {
      const lines = head + entries.map((entry) => formatEntry(entry, shapes)).join('')
      head = ''
      return gzipSync(lines)
    },
  }
}

/** Reads a part from its bytes in chunks. The header comes first, then entries. Problem `ledger-damaged`. */
export async function* decodePart(
  name: string,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<PartHeader | LedgerEntry> {
  const shapes = new Map<number, readonly Shape[]>()
  let isFirst = true
  for await (const line of splitLines(name, chunks)) {
    const value = parseLine(name, line)
    if (isFirst) {
      yield readHeader(name, value)
      isFirst = false
    } else if (isShapeLine(value)) shapes.set(value[1], value[2])
    else yield readLine(name, value, shapes)
  }
  if (isFirst) throw damaged(name, 'it is empty')
}

type ShapeLine = readonly ['=', number, readonly Shape[]]

/** A source may be called "=", but what follows its name is never a number. */
const isShapeLine = (value: unknown): value is ShapeLine =>
  Array.isArray(value) && value[0] === '=' && typeof value[1] === 'number'

/** Written by another program, a line may be JSON and yet none of ours. */
const readLine = (
  name: string,
  value: unknown,
  shapes: ReadonlyMap<number, readonly Shape[]>,
): LedgerEntry => {
  try {
    return readEntry(value as EntryLine, shapes)
  } catch (cause) {
    throw damaged(name, 'a line of it is no entry', cause)
  }
}

export const isPartHeader = (value: PartHeader | LedgerEntry): value is PartHeader => 'replaces' in value

type Shape = readonly [
  transform: string,
  format: Format,
  recipe: string,
  encoder: string,
  headers: string,
  maker: ResultRecord['maker'],
]
/** Results of one source made of the same bytes: shape, fingerprint, and a text per result of the shape, by blanks. */
type ResultsLine = readonly [shape: number, fingerprint: string, texts: string, isSplit?: 1]
type EntryLine = readonly [
  source: string,
  parts: {
    readonly r?: readonly ResultsLine[]
    readonly s?: readonly Sighting[]
    readonly f?: readonly FailureRecord[]
    readonly o?: readonly OrphanRecord[]
    readonly i?: readonly FactsLine[]
    readonly a?: readonly AliasLine[]
  },
]
/** `etag` is null where nothing stands, the last 1 where it was written after the deed. */
type AliasLine = readonly [
  name: string,
  transform: string,
  format: Format,
  etag: string | null,
  at: number,
  isDone?: 1,
]

/** The entry's line, with the lines of shapes that it is the first to use. */
const formatEntry = (entry: LedgerEntry, shapes: Map<string, number>): string => {
  let lines = ''
  const results: ResultsLine[] = []
  for (const { fingerprint, isSplit, records } of groupResults(entry.results)) {
    const text = JSON.stringify(records.map(toShape))
    let shape = shapes.get(text)
    if (shape === undefined) {
      shape = shapes.size
      shapes.set(text, shape)
      lines += `["=",${shape},${text}]\n`
    }
    const texts = records.map(isSplit ? toSplitText : toResultText).join(' ')
    results.push(isSplit ? [shape, fingerprint, texts, 1] : [shape, fingerprint, texts])
  }
  const { sightings: s, failures: f, orphans: o, facts: i, aliases: a } = entry
  const parts = {
    ...(results.length > 0 && { r: results }),
    ...(s.length > 0 && { s }),
    ...(f.length > 0 && { f }),
    ...(o.length > 0 && { o }),
    ...(i.length > 0 && { i: i.map((facts) => toFactsLine(facts, results[0]?.[1])) }),
    ...(a.length > 0 && { a: a.map(toAliasLine) }),
  }
  return `${lines}${JSON.stringify([entry.source, parts])}\n`
}

const toShape = (record: ResultRecord): Shape => [
  record.transform,
  record.format,
  record.recipe,
  record.encoder,
  record.headers,
  record.maker,
]

/**
 * `<12 hex digits of an MD5><size in hex>`, any other ETag `=<etag>:<size>`, then `:<mark>` where there is one. No
 * sign between the two that come with every result: it would be 2 of 11 bytes.
 */
const toResultText = ({ etag, sizeBytes, mark }: ResultRecord): string => {
  const tag = TAG.test(etag) ? etag : `=${encodeURIComponent(etag)}:`
  return `${tag}${sizeBytes.toString(16)}${mark === undefined ? '' : `:${encodeURIComponent(mark)}`}`
}

/** `<7 hex digits of the mark><5 of the MD5><size in hex>`, so that an encrypted store's results take no more. */
const toSplitText = ({ etag, sizeBytes, mark = '' }: ResultRecord): string =>
  `${mark}${etag}${sizeBytes.toString(16)}`

const isSplit = ({ etag, mark = '' }: ResultRecord): boolean =>
  etag.length === SPLIT_MD5_DIGITS && mark.length === SPLIT_MARK_DIGITS && TAG.test(mark + etag)

const TAG = /^[0-9a-f]{12}$/
const PLAIN_RESULT_TEXT = /^[0-9a-f]{13,}$/
const RESULT_TEXT = /^(?:(?<tag>[0-9a-f]{12})|=(?<etag>[^:]*):)(?<size>[0-9a-f]+)(?::(?<mark>.*))?$/

const readEntry = (
  [source, parts]: EntryLine,
  shapes: ReadonlyMap<number, readonly Shape[]>,
): LedgerEntry => ({
  source,
  results: (parts.r ?? []).flatMap((line) => readResults(line, shapes)),
  sightings: parts.s ?? [],
  failures: parts.f ?? [],
  orphans: parts.o ?? [],
  facts: (parts.i ?? []).map((line) => readFactsLine(line, parts.r?.[0]?.[1])),
  aliases: (parts.a ?? []).flatMap(readAliasLine),
})

const toAliasLine = ({ name, transform, format, etag, at, isDone }: AliasRecord): AliasLine => {
  const said = [name, transform, format, etag ?? null, at] as const
  return isDone ? [...said, 1] : said
}

const readAliasLine = ([name, transform, format, etag, at, isDone]: AliasLine): readonly AliasRecord[] =>
  isFormat(format)
    ? [{ name, transform, format, at, ...(etag !== null && { etag }), ...(isDone && { isDone: true }) }]
    : []

const readResults = (
  [place, fingerprint, joined, isSplit]: ResultsLine,
  shapes: ReadonlyMap<number, readonly Shape[]>,
): readonly ResultRecord[] => {
  const shape = shapes.get(place) ?? []
  const texts = joined.split(' ')
  const records: ResultRecord[] = []
  for (const [index, [transform, format, recipe, encoder, headers, maker]] of shape.entries()) {
    const read = isSplit ? readSplitText(texts[index] ?? '') : readResultText(texts[index] ?? '')
    if (read === undefined || !isFormat(format)) continue
    const { etag, sizeBytes, mark } = read
    const record = { transform, format, fingerprint, recipe, encoder, headers, maker, etag, sizeBytes }
    records.push(mark === undefined ? record : { ...record, mark })
  }
  return records
}

type ReadResult = Pick<ResultRecord, 'etag' | 'sizeBytes' | 'mark'>

const readSplitText = (text: string): ReadResult | undefined =>
  PLAIN_RESULT_TEXT.test(text)
    ? {
        mark: text.slice(0, SPLIT_MARK_DIGITS),
        etag: text.slice(SPLIT_MARK_DIGITS, TAG_DIGITS),
        sizeBytes: Number.parseInt(text.slice(TAG_DIGITS), 16),
      }
    : undefined

const readResultText = (text: string): ReadResult | undefined => {
  // Nearly all are a tag and a size and nothing else; there are millions of them.
  if (PLAIN_RESULT_TEXT.test(text))
    return { etag: text.slice(0, TAG_DIGITS), sizeBytes: Number.parseInt(text.slice(TAG_DIGITS), 16) }
  const { tag, etag, size, mark } = RESULT_TEXT.exec(text)?.groups ?? {}
  if (size === undefined) return undefined
  return {
    etag: tag ?? decodeURIComponent(etag ?? ''),
    sizeBytes: Number.parseInt(size, 16),
    ...(mark !== undefined && { mark: decodeURIComponent(mark) }),
  }
}

const readHeader = (name: string, value: unknown): PartHeader => {
  const header = value as Partial<PartHeader & typeof SIGNATURE>
  if (header.imgsizes !== SIGNATURE.imgsizes || !Array.isArray(header.replaces))
    throw damaged(name, 'it does not begin as one')
  if (header.version !== SIGNATURE.version)
    throw new Problem(
      'ledger-too-new',
      `The ledger part ${name} is of version ${header.version}, this program reads ${SIGNATURE.version}.`,
      {
        hint: 'Run the newest imgsizes on this output everywhere.',
        subject: name,
      },
    )
  return {
    replaces: header.replaces,
    ...(header.aliases && { aliases: true }),
    ...(header.merged && { merged: true }),
  }
}

const parseLine = (name: string, line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw damaged(name, 'a line of it is no JSON', cause)
  }
}

async function* splitLines(name: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for await (const chunk of unzip(chunks)) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
  } catch (cause) {
    // What keeps the bytes from coming says nothing of them.
    if (!isZlibError(cause)) throw cause
    throw damaged(name, 'it is cut off or no gzip', cause)
  }
  if (rest !== '') throw damaged(name, 'its last line is cut off')
}

const isZlibError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && `${error.code}`.startsWith('Z_')

/** Runs `chunks` through gunzip. A failure of either end shows in the loop that reads it. */
const unzip = (chunks: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> => {
  const gunzip = createGunzip()
  pipeline(Readable.from(chunks), gunzip).catch(() => {})
  return gunzip
}

interface ResultsGroup {
  readonly fingerprint: string
  readonly isSplit: boolean
  readonly records: ResultRecord[]
}

const groupResults = (records: readonly ResultRecord[]): Iterable<ResultsGroup> => {
  const groups = new Map<string, ResultsGroup>()
  for (const record of records) {
    const { fingerprint } = record
    const id = isSplit(record) ? `${fingerprint} split` : fingerprint
    const group = groups.get(id)
    if (group === undefined) groups.set(id, { fingerprint, isSplit: isSplit(record), records: [record] })
    else group.records.push(record)
  }
  return groups.values()
}

const damaged = (name: string, what: string, cause?: unknown): Problem =>
  new Problem('ledger-damaged', `The ledger part ${name} cannot be read: ${what}.`, {
    hint: 'Delete it: results that nobody vouches for are looked at or made again.',
    subject: name,
    cause,
  })
