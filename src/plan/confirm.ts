import type { ListedResult } from './group.ts'
import { isSameTag, isTagOf, type ResultRecord } from './ledger-entry.ts'

/** What the ledger says of an object that a listing shows. */
type Confirmation =
  /** These records are of exactly these bytes; each of them describes the result. */
  | { readonly kind: 'known'; readonly records: readonly ResultRecord[] }
  /** The size agrees, but the date does not, or no mark is shown: the bytes must decide between these. */
  | { readonly kind: 'unsure'; readonly candidates: readonly ResultRecord[] }
  /** No record of it: its own metadata must be read. */
  | { readonly kind: 'unknown' }

/**
 * Finds the records of a listed result among those of its source: the only place where a record is believed.
 * `marks` says what the store's listing shows (`ReadableStore.marks`).
 */
export const confirm = (
  { variant, transformText, sizeBytes, mark }: ListedResult,
  records: readonly ResultRecord[],
  marks: 'content' | 'date',
): Confirmation => {
  const candidates: ResultRecord[] = []
  const certain: ResultRecord[] = []
  for (const record of records) {
    if (record.sizeBytes !== sizeBytes || record.format !== variant.format) continue
    if (record.transform !== transformText) continue
    candidates.push(record)
    // A store that shows MD5s also confirms what was recorded when the results lay in a folder.
    if (mark !== undefined && (isTagOf(record.etag, mark) || isTagOf(record.mark, mark))) certain.push(record)
  }
  if (certain.length > 0) return { kind: 'known', records: certain }
  const canBytesTell = marks === 'date' || mark === undefined
  return canBytesTell && candidates.length > 0 ? { kind: 'unsure', candidates } : { kind: 'unknown' }
}

/** Decides an `unsure` by the MD5 of the object's bytes. */
export const confirmByBytes = (candidates: readonly ResultRecord[], md5: string): Confirmation => {
  const records = candidates.filter((record) => isTagOf(record.etag, md5))
  return records.length > 0 ? { kind: 'known', records } : { kind: 'unknown' }
}

/** The headers that an object stands with, by the records of its bytes; undefined where these leave it open. */
export const latestHeaders = (records: readonly ResultRecord[]): string | undefined => {
  if (records.length === 1) return records[0]?.headers
  const latest = Math.max(...records.map(editionOf))
  const headers = new Set(records.flatMap((record) => (editionOf(record) === latest ? record.headers : [])))
  return headers.size === 1 ? [...headers][0] : undefined
}

/** The record of a write, with an edition after those that tell of the same bytes with other headers. */
export const toLatest = (record: ResultRecord, known: readonly ResultRecord[]): ResultRecord => {
  const before = known.filter(
    ({ transform, format, etag, sizeBytes }) =>
      transform === record.transform &&
      format === record.format &&
      sizeBytes === record.sizeBytes &&
      isSameTag(etag, record.etag),
  )
  if (before.every(({ headers }) => headers === record.headers)) return record
  return { ...record, edition: Math.max(...before.map(editionOf)) + 1 }
}

const editionOf = ({ edition = 0 }: ResultRecord): number => edition
