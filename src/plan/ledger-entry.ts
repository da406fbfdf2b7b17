/**
 * The ledger: what is known of results beyond their existence (docs/reference/contracts.md, law Ledger).
 *
 * Every record is a statement that was true when it was made, and is never taken back: "these bytes, which the
 * store lists as (etag, size), were made of that original by that recipe". Whether it still applies to the object that
 * exists now is decided by the listing alone (`confirm.ts`). So records of any number of writers can be merged in any
 * order, kept twice or lost: a lost one costs a look at the object or a render, never a wrong result. Records name a
 * result by transform and format, not by signature: under a new secret, or as a copy, the same bytes are the same
 * result.
 *
 * Records of aliases (which no listing shows) and of orphans (which may be wanted again) are different: each is kept
 * until a later one replaces it. See `alias.ts` and `orphan.ts`.
 */

import type { Format } from '../core/format.ts'
import { isSameObject, type SeenObject, toMark } from '../core/mark.ts'
import type { Focus } from '../core/transform.ts'
import { type AliasRecord, settleAliases } from './alias.ts'
import { type OrphanRecord, settleOrphans } from './orphan.ts'

/** Who made a result; decides what happens to one that no size asks for. */
export type MadeBy = 'build' | 'serve'

/** Everything that decided what one result looks like, and how its store shows it. */
export interface ResultRecord {
  /** The canonical transform, with its version. */
  readonly transform: string
  readonly format: Format
  /** The fingerprint of exactly the bytes that were rendered. */
  readonly fingerprint: string
  /** The digest of how it was rendered: see `recipe.ts`. */
  readonly recipe: string
  /** The libraries that encoded it. */
  readonly encoder: string
  /** The digest of the headers and settings it was stored with; "" where the store keeps none. */
  readonly headers: string
  readonly maker: MadeBy
  /** A tag of the bytes' MD5. */
  readonly etag: string
  readonly sizeBytes: number
  /**
   * A tag of the object's mark, where that is not the MD5: a date, for example. Undefined also where none was shown.
   */
  readonly mark?: string
  /**
   * Headers change without a trace in the listing. Of the records of the same bytes, that of the highest edition says
   * how they are stored now; absent: 0.
   */
  readonly edition?: number
}

/** An original with this size and mark was read and has this fingerprint. Only for stores whose marks are dates. */
export interface Sighting {
  readonly sizeBytes: number
  readonly mark: string
  readonly fingerprint: string
}

/** Whether an object now has the size and mark of this record. */
export const isSightingOf = ({ sizeBytes, mark }: Sighting, look: SeenObject): boolean =>
  isSameObject({ sizeBytes, mark: toMark(mark) }, look)

/** A source that could not be rendered; remembered, so that it is not tried again without a reason. */
export interface FailureRecord {
  readonly fingerprint: string
  readonly code: string
  readonly message: string
  /** The digest of options, limits and program version under which it failed. */
  readonly attempt: string
}

/** What a source's bytes contain; remembered, so that later runs need not decode them. */
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

/** What is known of bytes with this fingerprint; a record with a preview is preferred. */
export const findFacts = (
  records: readonly FactsRecord[] | undefined,
  fingerprint: string | undefined,
): FactsRecord | undefined => {
  const known = records?.filter((facts) => facts.fingerprint === fingerprint)
  return known?.find(({ thumbhash }) => thumbhash !== undefined) ?? known?.[0]
}

/** All that one or several parts of the ledger say of one source. */
export interface LedgerEntry {
  readonly source: string
  readonly results: readonly ResultRecord[]
  readonly sightings: readonly Sighting[]
  readonly failures: readonly FailureRecord[]
  readonly orphans: readonly OrphanRecord[]
  readonly facts: readonly FactsRecord[]
  readonly aliases: readonly AliasRecord[]
}

/** An entry that says nothing, to add records to. */
export const emptyEntry = (source: string): LedgerEntry => ({
  source,
  results: [],
  sightings: [],
  failures: [],
  orphans: [],
  facts: [],
  aliases: [],
})

/** The records of both entries; of orphans and aliases, those that no later one replaces. */
export const mergeEntries = (a: LedgerEntry, b: LedgerEntry): LedgerEntry => ({
  source: a.source,
  results: union(a.results, b.results),
  sightings: union(a.sightings, b.sightings),
  failures: union(a.failures, b.failures),
  orphans: settleOrphans([...a.orphans, ...b.orphans]),
  facts: union(a.facts, b.facts),
  aliases: settleAliases([...a.aliases, ...b.aliases]),
})

/** Whether an entry has no record. */
export const isEmptyEntry = ({ source: _, ...records }: LedgerEntry): boolean =>
  Object.values(records).every(({ length }) => length === 0)

/**
 * An MD5 or a mark, as the ledger keeps it: of 32 hex digits the first 48 bits, so that an accidental match has a
 * chance of 1 in 10^14, and a million sources of 15 results stay within 200 MB; any other text is kept whole.
 */
export const toTag = (text: string): string => (MD5.test(text) ? text.slice(0, TAG_DIGITS) : text)

/**
 * The tags of an object, from the MD5 of its bytes (or a tag of it) and its mark. A mark may look like an MD5 and be
 * none, as with encrypted objects: then both share the 48 bits. With the size, an accidental match has 1 chance in
 * 10^12.
 */
export const toTags = (md5: string, mark: string | undefined): Pick<ResultRecord, 'etag' | 'mark'> => {
  if (mark === undefined || mark.startsWith(md5)) return { etag: toTag(mark ?? md5) }
  if (!MD5.test(mark)) return { etag: toTag(md5), mark }
  return { etag: md5.slice(0, SPLIT_MD5_DIGITS), mark: mark.slice(0, SPLIT_MARK_DIGITS) }
}

/** Hex digits of a tag of one MD5, and of the two halves of a tag that holds a mark and an MD5. */
export const TAG_DIGITS = 12
/** Hex digits of the mark in a tag that holds both. */
export const SPLIT_MARK_DIGITS = 7
const SPLIT_MD5_DIGITS = TAG_DIGITS - SPLIT_MARK_DIGITS

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
