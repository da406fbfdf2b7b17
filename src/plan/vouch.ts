import type { ListedResult } from './group.ts'
import { type ResultRecord, toEtagTag } from './ledger-entry.ts'

/** What the ledger says of an object that a listing shows. */
export type Vouched =
  /** These records are of these very bytes; the result is what any one of them says. */
  | { readonly kind: 'known'; readonly records: readonly ResultRecord[] }
  /** Size agrees and the date does not: the bytes decide between these. */
  | { readonly kind: 'unsure'; readonly candidates: readonly ResultRecord[] }
  /** Nobody vouches for it: ask the object itself. */
  | { readonly kind: 'unknown' }

/**
 * Looks among a source's records for those of a listed result: the only place where a record is believed.
 * `marks` says what the store's listing shows (`ReadableStore.marks`).
 */
export const vouch = (
  result: ListedResult,
  records: readonly ResultRecord[],
  marks: 'content' | 'date',
): Vouched => {
  const { variant, transformText, sizeBytes } = result
  const tag = marks === 'content' ? toEtagTag(result.mark) : ''
  const candidates: ResultRecord[] = []
  const certain: ResultRecord[] = []
  for (const record of records) {
    if (record.sizeBytes !== sizeBytes || record.format !== variant.format) continue
    if (record.transform !== transformText) continue
    candidates.push(record)
    const isCertain =
      marks === 'content' ? record.mark === undefined && record.etag === tag : record.mark === result.mark
    if (isCertain) certain.push(record)
  }
  if (certain.length > 0) return { kind: 'known', records: certain }
  return marks === 'date' && candidates.length > 0 ? { kind: 'unsure', candidates } : { kind: 'unknown' }
}

/** Settles an `unsure` by the ETag of the bytes that stand there. */
export const settle = (candidates: readonly ResultRecord[], etag: string): Vouched => {
  const records = candidates.filter((record) => record.etag === toEtagTag(etag))
  return records.length > 0 ? { kind: 'known', records } : { kind: 'unknown' }
}
