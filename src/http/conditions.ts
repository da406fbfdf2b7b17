import type { StoredPicture } from '../app/origin/picture-body.ts'
import type { ByteRange } from '../store/port.ts'
import type { Fields as RequestFields } from './http-message.ts'

type Fields = Pick<RequestFields, 'get'>

/** What a request's conditional fields are compared with. */
export interface Validators extends Pick<StoredPicture, 'modifiedAt'> {
  /** The entity tag as sent, with quotes; always a strong one. */
  readonly etag: string
}

type ConditionOutcome = 'send' | 'not-modified' | 'failed'

/** How to answer a GET or HEAD with conditions, in the order of RFC 9110, 13.2.2 (steps 1 to 4). */
export const checkConditions = (fields: Fields, validators: Validators): ConditionOutcome => {
  const ifMatch = fields.get('if-match')
  if (ifMatch !== null) {
    if (!namesTag(ifMatch, validators.etag, 'strong')) return 'failed'
  } else {
    const since = parseDate(fields.get('if-unmodified-since'))
    if (since !== undefined && toSeconds(validators.modifiedAt) > toSeconds(since)) return 'failed'
  }
  const ifNoneMatch = fields.get('if-none-match')
  if (ifNoneMatch !== null) return namesTag(ifNoneMatch, validators.etag, 'weak') ? 'not-modified' : 'send'
  const since = parseDate(fields.get('if-modified-since'))
  return since !== undefined && toSeconds(validators.modifiedAt) <= toSeconds(since) ? 'not-modified' : 'send'
}

/** Whether `Range` may be used: `If-Range` is absent, or names the current version (RFC 9110, 13.1.5). */
export const allowsRange = (fields: Fields, validators: Validators, now: number): boolean => {
  const field = fields.get('if-range')?.trim()
  if (field === undefined) return true
  if (field.startsWith('"')) return field === validators.etag
  const date = parseDate(field) // a weak tag is none, and never enough
  // A date is a strong validator only when a second has passed since (8.8.2.2).
  return date !== undefined && toSeconds(date) === toSeconds(validators.modifiedAt) && now - date >= 1000
}

const toSeconds = (ms: number): number => Math.floor(ms / 1000)

/** Tags contain no quotes, but may contain commas (RFC 9110, 8.8.3). */
const ENTITY_TAG = /(W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g

const namesTag = (field: string, etag: string, comparison: 'strong' | 'weak'): boolean => {
  if (field.trim() === '*') return true
  for (const [, weak, tag] of field.matchAll(ENTITY_TAG))
    if (tag === etag && (weak === undefined || comparison === 'weak')) return true
  return false
}

const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)'
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)'
const TIME = '[0-9]{2}:[0-9]{2}:[0-9]{2}'
/** IMF-fixdate, and the two obsolete forms that must be accepted too (RFC 9110, 5.6.7). */
const HTTP_DATE = new RegExp(
  `^(?:${DAY}, [0-9]{2} ${MONTH} [0-9]{4} ${TIME} GMT` +
    `|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, [0-9]{2}-${MONTH}-[0-9]{2} ${TIME} GMT` +
    `|${DAY} ${MONTH} [ 0-9][0-9] ${TIME} [0-9]{4})$`,
)

/** Milliseconds since 1970; undefined for what is not an HTTP date, which is then ignored. */
const parseDate = (field: string | null): number | undefined => {
  if (field === null || !HTTP_DATE.test(field)) return undefined
  const ms = Date.parse(field.endsWith('GMT') ? field : `${field} GMT`)
  return Number.isNaN(ms) ? undefined : ms
}

/** What a `Range` field asks for: all of the body, a part, or a part that does not exist. */
type RangeOutcome =
  | { readonly kind: 'all' }
  | { readonly kind: 'part'; readonly range: ByteRange }
  | { readonly kind: 'unsatisfiable' }

/**
 * Reads a `Range` field (RFC 9110, 14.2). Several ranges, another unit, or a malformed field are answered with the
 * whole body, as the RFC allows: nobody asks for several parts of a picture at once.
 */
export const parseRange = (field: string | null, sizeBytes: number): RangeOutcome => {
  const [, first, last] = /^bytes=[ \t]*([0-9]*)-([0-9]*)[ \t]*$/i.exec(field ?? '') ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return { kind: 'all' }
  if (first === '') return partOf(sizeBytes - Math.min(Number(last), sizeBytes), sizeBytes - 1, sizeBytes)
  if (last !== '' && Number(last) < Number(first)) return { kind: 'all' }
  return partOf(Number(first), last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1), sizeBytes)
}

const partOf = (start: number, end: number, sizeBytes: number): RangeOutcome =>
  start >= sizeBytes ? { kind: 'unsatisfiable' } : { kind: 'part', range: { start, end } }

/** The `Content-Range` of a part, or, without `range`, of a 416. */
export const formatContentRange = (range: ByteRange | undefined, sizeBytes: number): string =>
  range === undefined ? `bytes */${sizeBytes}` : `bytes ${range.start}-${range.end}/${sizeBytes}`
