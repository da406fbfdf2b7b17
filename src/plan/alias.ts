/**
 * Aliases: second names of results, under which pages of old ask the store for them (`cacheKeys` of a dialect).
 *
 * An alias is a copy of its result, and no listing shows whose, nor in time with its source. So the ledger alone
 * says what may stand there, and must never say too little: **who writes an alias records first which bytes, and
 * writes within {@link WRITE_WITHIN_MS} or never.** An alias all of whose statements are of the bytes that its
 * result has holds these or nothing; any other is written again. Deleting is right at any moment: the next who asks
 * has it written anew.
 *
 * Statements would add up for ever, so one that is made after the deed (`isDone`) overtakes those whose writers
 * had surely ended before the deed began.
 */

import type { Format } from '../core/format.ts'

/** What was, or is about to be, under one name. */
export interface AliasRecord {
  /** Its whole place in the output. */
  readonly name: string
  /** Of the result that it stands for. */
  readonly transform: string
  readonly format: Format
  /** `ResultRecord.etag` of the result whose bytes it has; absent: nothing stands there. */
  readonly etag?: string
  /** Before the deed, in milliseconds since 1970. */
  readonly at: number
  /** Whether this was recorded after the deed. */
  readonly isDone?: true
}

/** From a statement to the beginning of its write. */
export const WRITE_WITHIN_MS = 5 * 60_000
/** The longest that one write may take. */
export const WRITE_TIMEOUT_MS = 60_000
/** From a statement to the moment when its write is over, clocks that differ included. */
const OVER_AFTER_MS = 10 * 60_000

const NEVER = Number.NEGATIVE_INFINITY

/**
 * The statements that are not overtaken, of each text but the latest, and none that the deed has borne out. In
 * whatever order and grouping: the same.
 */
export const settleAliases = (records: readonly AliasRecord[]): readonly AliasRecord[] => {
  if (records.length < 2) return records
  const overBefore = new Map<string, number>()
  for (const { name, at, isDone } of records)
    if (isDone) overBefore.set(name, Math.max(overBefore.get(name) ?? NEVER, at - OVER_AFTER_MS))
  const latest = new Map<string, AliasRecord>()
  for (const record of records) {
    if (record.at < (overBefore.get(record.name) ?? NEVER)) continue
    const id = idOf(record, record.isDone)
    if ((latest.get(id)?.at ?? NEVER) < record.at) latest.set(id, record)
  }
  return [...latest.values()].filter(
    (record) => record.isDone || (latest.get(idOf(record, true))?.at ?? NEVER) < record.at,
  )
}

const idOf = ({ name, transform, format, etag }: AliasRecord, isDone = false): string =>
  JSON.stringify([name, transform, format, etag ?? null, isDone])

/** What must be remembered of aliases: of those that surely do not stand, nothing. */
export const keepAliases = (records: readonly AliasRecord[]): readonly AliasRecord[] => {
  const standing = new Set(records.filter(({ etag }) => etag !== undefined).map(({ name }) => name))
  return records.filter(({ name }) => standing.has(name))
}

/** One alias and all that may stand there. */
export interface KnownAlias extends Pick<AliasRecord, 'name' | 'transform' | 'format'> {
  /** Of each of the bytes that may stand there; never empty. */
  readonly etags: readonly string[]
}

/** The aliases of one source that may stand; of several results under one name the one named last. */
export const groupAliases = (records: readonly AliasRecord[]): readonly KnownAlias[] => {
  const byName = new Map<string, readonly AliasRecord[]>()
  for (const record of keepAliases(records))
    byName.set(record.name, [...(byName.get(record.name) ?? []), record])
  return [...byName].map(([name, statements]) => {
    const { transform, format } = statements.reduce((last, each) => (each.at >= last.at ? each : last))
    return { name, transform, format, etags: statements.flatMap(({ etag }) => etag ?? []) }
  })
}
