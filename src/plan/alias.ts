/**
 * Aliases: second names of results, under which older pages ask the store for them (`cacheKeys` of a dialect).
 *
 * An alias is a copy of its result. A listing shows neither which result it copies, nor lists it near its source. So
 * only the ledger says what may stand under an alias, and it must never say too little: **whoever writes an alias first
 * records which bytes it will get, and then writes within {@link WRITE_WITHIN_MS} or never.** If all records of an
 * alias name the bytes that its result has now, the alias holds these bytes or does not exist. Otherwise it is written
 * again. An alias may be deleted at any time: the next request has it written anew.
 *
 * So that records do not grow in number for ever, a record made after a write (`isDone`) replaces those whose writers
 * must have ended before that write began.
 */

import type { Format } from '../core/format.ts'

/** What was under one name, or is about to be. */
export interface AliasRecord {
  /** Its whole key in the output. */
  readonly name: string
  /** The transform of the result that it copies. */
  readonly transform: string
  readonly format: Format
  /** `ResultRecord.etag` of the result whose bytes it has; undefined: nothing stands there. */
  readonly etag?: string
  /** A time before the write, in milliseconds since 1970. */
  readonly at: number
  /** Whether this was recorded after the write. */
  readonly isDone?: true
}

/** The longest time from a record to the beginning of its write. */
export const WRITE_WITHIN_MS = 5 * 60_000
/** The longest that one write may take. */
export const WRITE_TIMEOUT_MS = 60_000
/** The longest time from a record to the end of its write, including the difference of clocks. */
const OVER_AFTER_MS = 10 * 60_000

const NEVER = Number.NEGATIVE_INFINITY

/**
 * The records that are still needed: those that no later `isDone` replaces, and only the latest of records that say
 * the same. The order and grouping of the records do not matter.
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

/** The records of aliases that must be kept: none of an alias that certainly does not exist. */
export const keepAliases = (records: readonly AliasRecord[]): readonly AliasRecord[] => {
  const standing = new Set(records.filter(({ etag }) => etag !== undefined).map(({ name }) => name))
  return records.filter(({ name }) => standing.has(name))
}

/** One alias, and all bytes that may stand there. */
export interface KnownAlias extends Pick<AliasRecord, 'name' | 'transform' | 'format'> {
  /** The ETag of each of these bytes; never empty. */
  readonly etags: readonly string[]
}

/** The aliases of one source that may exist; of several results under one name, the one recorded last. */
export const groupAliases = (records: readonly AliasRecord[]): readonly KnownAlias[] => {
  const byName = new Map<string, readonly AliasRecord[]>()
  for (const record of keepAliases(records))
    byName.set(record.name, [...(byName.get(record.name) ?? []), record])
  return [...byName].map(([name, statements]) => {
    const { transform, format } = statements.reduce((last, each) => (each.at >= last.at ? each : last))
    return { name, transform, format, etags: statements.flatMap(({ etag }) => etag ?? []) }
  })
}
