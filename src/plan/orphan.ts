/**
 * Orphans: results that nothing expects any more. `prune` deletes a result that has been an orphan for some time, so
 * the ledger says since when.
 *
 * Other records are true for ever. Of an orphan, any number of writers may say two things, and the later one counts:
 * that nothing wants it (said by whoever sees this first), and that this has ended (said by whoever finds the record,
 * but the result is wanted). So the time of a result that was wanted in between begins anew when it becomes an orphan
 * again, and a run that finds nothing new writes nothing.
 */

/** When a result was first seen to be an orphan, or seen to be none; `name` is the key's last segment. */
export interface OrphanRecord {
  readonly name: string
  /** Milliseconds since 1970. */
  readonly since: number
  /** It was wanted then, or deleted: earlier records of it do not count. */
  readonly isOver?: true
}

const NEVER = Number.NEGATIVE_INFINITY

/** The records that still count, each once. Their order and grouping do not matter. */
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

/** A time for a new record: later than all others of the name, whatever clocks their writers had. */
export const timeAfter = (records: readonly OrphanRecord[], name: string, now: number): number =>
  records.reduce((time, each) => (each.name === name ? Math.max(time, each.since + 1) : time), now)
