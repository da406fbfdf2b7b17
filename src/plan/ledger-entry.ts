/**
 * The ledger: what is known of results beyond their existence (docs/reference/contracts.md, law Ledger).
 *
 * Every record is a statement that was true when it was made and is never taken back: "these bytes, which the
 * store lists as (etag, size), were made of that original by that recipe". Whether it still says anything of the
 * object that stands now is decided by the listing alone (`vouch.ts`). So records of any number of writers can be
 * thrown together in any order, kept twice or lost: a lost one costs a look at the object or a render, never a
 * wrong result. They name a result by transform and format, not by signature: under a new secret, or as a copy,
 * the same bytes are the same result.
 *
 * Of an alias no listing tells, and an orphan may come to be wanted again: their statements are of another kind and
 * are kept until they are overtaken. See `alias.ts` and `orphan.ts`.
 */

import type { Format } from '../core/format.ts'
import { isSameLook, type Look, toMark } from '../core/mark.ts'
import type { Focus } from '../core/transform.ts'
import { type AliasRecord, settleAliases } from './alias.ts'
import { type OrphanRecord, settleOrphans } from './orphan.ts'

/** Who made a result: decides what becomes of one that no size asks for. */
export type Maker = 'build' | 'serve'

/** Everything that shaped one result and how its store shows it. */
export interface ResultRecord {
  /** Canonical transform, version included. */
  readonly transform: string
  readonly format: Format
  /** Fingerprint of the very bytes that were rendered. */
  readonly fingerprint: string
  /** Digest of how it was rendered: see `recipe.ts`. */
  readonly recipe: string
  /** The libraries that encoded it. */
  readonly encoder: string
  /** Digest of the headers and settings it was stored with; "" where the store keeps none. */
  readonly headers: string
  readonly maker: Maker
  /** A tag of the bytes' MD5; of what was recorded before MD5s were kept, of the mark, which was mostly one. */
  readonly etag: string
  readonly sizeBytes: number
  /** A tag of the object's mark, where that is not the MD5: a date, say. Absent too where none was shown. */
  readonly mark?: string
}

/** Read once: an original listed with this size and mark has this fingerprint. Only where marks are dates. */
export interface Sighting {
  readonly sizeBytes: number
  readonly mark: string
  readonly fingerprint: string
}

/** Whether a look shows what was read then. */
export const isSightingOf = ({ sizeBytes, mark }: Sighting, look: Look): boolean =>
  isSameLook({ sizeBytes, mark: toMark(mark) }, look)

/** A source that could not be rendered, so that it is not tried again for nothing. */
export interface FailureRecord {
  readonly fingerprint: string
  readonly code: string
  readonly message: string
  /** Digest of options, limits and program version under which it failed. */
  readonly attempt: string
}

/** What a source's bytes are, so that later runs need not decode them. */
export interface FactsRecord {
  readonly fingerprint: string
  readonly width: number
  readonly height: number
  readonly mediaFormat: string
  readonly isScalable?: boolean
  readonly isAnimated?: boolean
  readonly attention?: Focus
  /** A ThumbHash, its bytes in base64. */
  readonly thumbhash?: string
  /** The dominant colour: six hex digits. */
  readonly colour?: string
}

/** All that one or several parts say of one source. */
export interface LedgerEntry {
  readonly source: string
  readonly results: readonly ResultRecord[]
  readonly sightings: readonly Sighting[]
  readonly failures: readonly FailureRecord[]
  readonly orphans: readonly OrphanRecord[]
  readonly facts: readonly FactsRecord[]
  readonly aliases: readonly AliasRecord[]
}

export const emptyEntry = (source: string): LedgerEntry => ({
  source,
  results: [],
  sightings: [],
  failures: [],
  orphans: [],
  facts: [],
  aliases: [],
})

/** Both entries' statements; of orphans and aliases what is not overtaken. */
export const mergeEntries = (a: LedgerEntry, b: LedgerEntry): LedgerEntry => ({
  source: a.source,
  results: union(a.results, b.results),
  sightings: union(a.sightings, b.sightings),
  failures: union(a.failures, b.failures),
  orphans: settleOrphans([...a.orphans, ...b.orphans]),
  facts: union(a.facts, b.facts),
  aliases: settleAliases([...a.aliases, ...b.aliases]),
})

export const isEmptyEntry = (entry: LedgerEntry): boolean =>
  entry.results.length === 0 &&
  entry.sightings.length === 0 &&
  entry.failures.length === 0 &&
  entry.orphans.length === 0 &&
  entry.facts.length === 0 &&
  entry.aliases.length === 0

/**
 * An MD5 or a mark as the ledger keeps it: of 32 hex digits the first 48 bits, which leave an accident one chance in
 * 10^14 and keep a million sources of 15 results within 200 MB; anything else whole.
 */
export const toTag = (text: string): string => (MD5.test(text) ? text.slice(0, TAG_DIGITS) : text)

/**
 * The tags of an object by the MD5 of its bytes, or a tag of that, and its mark. Where a mark looks like an MD5 and is
 * another text, as of encrypted objects, both share the 48 bits: with the size an accident has one chance in 10^12.
 */
export const toTags = (md5: string, mark: string | undefined): Pick<ResultRecord, 'etag' | 'mark'> => {
  if (mark === undefined || mark.startsWith(md5)) return { etag: toTag(mark ?? md5) }
  if (!MD5.test(mark)) return { etag: toTag(md5), mark }
  return { etag: md5.slice(0, SPLIT_MD5_DIGITS), mark: mark.slice(0, SPLIT_MARK_DIGITS) }
}

export const TAG_DIGITS = 12
export const SPLIT_MARK_DIGITS = 7
export const SPLIT_MD5_DIGITS = TAG_DIGITS - SPLIT_MARK_DIGITS

/** Whether a tag may be of this MD5 or mark. */
export const isTagOf = (tag: string | undefined, text: string): boolean =>
  tag === toTag(text) ||
  (tag !== undefined && PART_OF_MD5.test(tag) && MD5.test(text) && text.startsWith(tag))

/** Whether two tags may be of the same MD5. */
export const isSameTag = (a: string, b: string): boolean =>
  a === b || (PART_OF_MD5.test(a) && PART_OF_MD5.test(b) && (a.startsWith(b) || b.startsWith(a)))

const MD5 = /^[0-9a-f]{32}$/
const PART_OF_MD5 = /^(?:[0-9a-f]{5}|[0-9a-f]{7}|[0-9a-f]{12})$/

const union = <T extends object>(a: readonly T[], b: readonly T[]): readonly T[] => {
  if (a.length === 0) return b
  if (b.length === 0) return a
  const seen = new Map<string, T>()
  for (const record of [...a, ...b]) seen.set(JSON.stringify(record), record)
  return [...seen.values()]
}
