/**
 * Orphans: results that nothing expects any more. `prune` deletes one that has been one for a while, so the ledger
 * says since when.
 *
 * Other records are true for ever. Of an orphan two things are said, by any number of writers, and the later one
 * holds: that nothing wants it, by who sees that first; and that this is over, by whoever finds a record of an orphan
 * that is none (any more). So a result that was wanted for a time begins anew when it is orphaned again, and a run
 * that finds what it knew writes nothing.
 */

/** When a result was first seen to be wanted by nothing, or seen to be no orphan; `name` is the key's last segment. */
export interface OrphanRecord {
  readonly name: string
  /** Milliseconds since 1970. */
  readonly since: number
  /** It was wanted then, or deleted: what was said until then is over. */
  readonly isOver?: true
}

const NEVER = Number.NEGATIVE_INFINITY

/** The statements that still say something, each once. In whatever order and grouping: the same. */
export const settleOrphans = (records: readonly OrphanRecord[]): readonly OrphanRecord[] => {
  if (records.length < 2) return records
  const overAt = new Map<string, number>()
  for (const { name, since, isOver } of records)
    if (isOver) overAt.set(name, Math.max(overAt.get(name) ?? NEVER, since))
  const kept = new Map<string, OrphanRecord>()
  for (const record of records) {
    const { name, since, isOver = false } = record
    const over = overAt.get(name) ?? NEVER
    if (isOver ? since === over : since > over) kept.set(JSON.stringify([name, since, isOver]), record)
  }
  return [...kept.values()]
}

/** The names that are orphans by these records, and since when. */
export const listOrphans = (records: readonly OrphanRecord[]): ReadonlyMap<string, number> => {
  const first = new Map<string, number>()
  for (const { name, since, isOver } of settleOrphans(records))
    if (!isOver) first.set(name, Math.min(first.get(name) ?? since, since))
  return first
}

/** A time for a new statement: later than all that was said of the name, whatever the clocks of those who said it. */
export const timeAfter = (records: readonly OrphanRecord[], name: string, now: number): number =>
  records.reduce((time, each) => (each.name === name ? Math.max(time, each.since + 1) : time), now)
