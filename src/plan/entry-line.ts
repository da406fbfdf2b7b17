import { defined } from '../core/defined.ts'
import { type Format, isFormat } from '../core/format.ts'
import { type Form, having, isNumber, isText, listOf, maybe, startingWith } from '../core/json.ts'
import type { AliasRecord } from './alias.ts'
import {
  type FactsRecord,
  type FailureRecord,
  type LedgerEntry,
  type ResultRecord,
  type Sighting,
  SPLIT_MARK_DIGITS,
  TAG_DIGITS,
} from './ledger-entry.ts'
import type { OrphanRecord } from './orphan.ts'

/** How an entry of the ledger is written as lines of JSON; `ledger-part.ts` says what they mean. */

type Shape = readonly [
  transform: string,
  format: Format,
  recipe: string,
  encoder: string,
  headers: string,
  maker: ResultRecord['maker'],
  edition?: number,
]
/** Results of one source made from the same bytes: shape, fingerprint, and one text per result, separated by spaces. */
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
/** `etag` is null where nothing stands; the last 1 means that it was recorded after the write. */
type AliasLine = readonly [
  name: string,
  transform: string,
  format: Format,
  etag: string | null,
  at: number,
  isDone?: 1,
]

/** The entry's line, preceded by the lines of shapes that it is the first to use. */
export const formatEntry = (entry: LedgerEntry, shapes: Map<string, number>): string => {
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

const toShape = ({ transform, format, recipe, encoder, headers, maker, edition }: ResultRecord): Shape => {
  const shape = [transform, format, recipe, encoder, headers, maker] as const
  return edition === undefined ? shape : [...shape, edition]
}

/**
 * `<12 hex digits of an MD5><size in hex>`, any other ETag `=<etag>:<size>`, then `:<mark>` where there is one. There
 * is no separator in the common case: it would be 2 of 11 bytes.
 */
const toResultText = ({ etag, sizeBytes, mark }: ResultRecord): string => {
  const tag = TAG.test(etag) ? etag : `=${encodeURIComponent(etag)}:`
  return `${tag}${sizeBytes.toString(16)}${mark === undefined ? '' : `:${encodeURIComponent(mark)}`}`
}

/** `<7 hex digits of the mark><5 of the MD5><size in hex>`, so that an encrypted store's results take no more. */
const toSplitText = ({ etag, sizeBytes, mark = '' }: ResultRecord): string =>
  `${mark}${etag}${sizeBytes.toString(16)}`

const isSplit = ({ etag, mark = '' }: ResultRecord): boolean =>
  mark.length === SPLIT_MARK_DIGITS && TAG.test(mark + etag)

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
  for (const [index, [transform, format, recipe, encoder, headers, maker, edition]] of shape.entries()) {
    const read = isSplit ? readSplitText(texts[index] ?? '') : readResultText(texts[index] ?? '')
    if (read === undefined || !isFormat(format)) continue
    const { etag, sizeBytes, mark } = read
    const record = { transform, format, fingerprint, recipe, encoder, headers, maker, etag, sizeBytes }
    const isPlain = mark === undefined && edition === undefined
    records.push(isPlain ? record : defined({ ...record, mark, edition }))
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
  // Nearly all texts are only a tag and a size, and there are millions of them.
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

/** Reads the values of successive lines; a shape's line gives no entry. Throws where a value is neither. */
export const createEntryReader = (): ((value: unknown) => LedgerEntry | undefined) => {
  const shapes = new Map<number, readonly Shape[]>()
  return (value) => {
    if (isEntryLine(value)) return readEntry(value, shapes)
    if (!isShapeLine(value)) throw new Error('It is neither a shape nor an entry.')
    shapes.set(value[1], value[2])
    return undefined
  }
}

/** A source may be called "=", but what follows its name is never a number. */
const isShapeLine = startingWith(
  (value) => value === '=',
  isNumber,
  listOf(startingWith(isText, isText, isText, isText, isText, isText, maybe(isNumber))),
) as (value: unknown) => value is readonly ['=', number, readonly Shape[]]

/** Required of all text, because only such text is written. */
const isWellFormed: Form = (value) => isText(value) && value.isWellFormed()
const several = (form: Form): Form => maybe(listOf(form))

const isEntryLine = startingWith(
  isText,
  having({
    r: several(startingWith(isNumber, isText, isWellFormed)),
    s: several(having({ fingerprint: isText, sizeBytes: isNumber, mark: isText })),
    f: several(having({ fingerprint: isText, code: isText, message: isText, attempt: isText })),
    o: several(having({ name: isText, since: isNumber })),
    i: several(startingWith(isText, isNumber, isNumber, isText, listOf(isNumber), isText)),
    a: several(startingWith(isText, isText, isText, (etag) => etag === null || isText(etag), isNumber)),
  }),
) as (value: unknown) => value is EntryLine

/**
 * A source's facts, as a part of the ledger stores them. Everything is in hex, like nearly all of a part: gzip's code
 * then fits one alphabet.
 */
type FactsLine = readonly [
  /** "" where it is the fingerprint of the entry's first results. */
  fingerprint: string,
  width: number,
  height: number,
  /** Followed by "*" if it is scalable, by "+" if it is animated. */
  type: string,
  /** Empty, or x and y in per mille. */
  attention: readonly number[],
  /** Six digits of the colour, or "-" where unknown; then the ThumbHash in hex. */
  preview: string,
]

/** `common`: the fingerprint that is left out. */
const toFactsLine = (facts: FactsRecord, common: string | undefined): FactsLine => [
  facts.fingerprint === common ? '' : facts.fingerprint,
  facts.width,
  facts.height,
  `${facts.mediaFormat}${facts.isScalable ? '*' : ''}${facts.isAnimated ? '+' : ''}`,
  facts.attention === undefined ? [] : [facts.attention.x, facts.attention.y],
  `${facts.colour ?? '-'}${Buffer.from(facts.thumbhash ?? '', 'base64').toString('hex')}`,
]

/** The inverse of {@link toFactsLine}. */
const readFactsLine = (line: FactsLine, common: string | undefined): FactsRecord => {
  const [fingerprint, width, height, type, [x, y], preview] = line
  const hash = preview.slice(preview.startsWith('-') ? 1 : 6)
  return {
    fingerprint: fingerprint === '' && common !== undefined ? common : fingerprint,
    width,
    height,
    mediaFormat: type.replace(/[*+].*$/s, ''),
    ...(type.includes('*') && { isScalable: true }),
    ...(type.includes('+') && { isAnimated: true }),
    ...(x !== undefined && y !== undefined && { attention: { x, y } }),
    ...(!preview.startsWith('-') && { colour: preview.slice(0, 6) }),
    ...(hash !== '' && { thumbhash: Buffer.from(hash, 'hex').toString('base64') }),
  }
}
