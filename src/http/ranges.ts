import type { ByteRange } from '../store/port.ts'

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
