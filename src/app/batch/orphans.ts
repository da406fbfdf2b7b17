import type { SourceGroup } from '../../plan/group.ts'
import { emptyEntry, type LedgerEntry } from '../../plan/ledger-entry.ts'
import { type OrphanRecord, timeAfter } from '../../plan/orphan.ts'
import type { PlannedSource } from './plan.ts'

type Orphans = Pick<PlannedSource, 'group' | 'steps' | 'reclaimed'>

/** What a plan knows of orphans and the ledger does not: new ones, and those that are wanted again. */
export const toOrphanEntry = ({ group, steps, reclaimed }: Orphans, now: number): LedgerEntry | undefined => {
  const known = group.known?.orphans ?? []
  const orphans = [
    ...steps.flatMap((step) =>
      step.kind === 'orphan' && step.since === undefined
        ? [{ name: step.name, since: timeAfter(known, step.name, now) }]
        : [],
    ),
    ...reclaimed.map((name) => ({ name, since: timeAfter(known, name, now), isOver: true as const })),
  ]
  return orphans.length === 0 ? undefined : { ...emptyEntry(group.key), orphans }
}

/** Records that an orphan of this plan is deleted, also one that `toOrphanEntry` has just recorded. */
export const toDeletedOrphan = ({ known }: SourceGroup, name: string, now: number): OrphanRecord => ({
  name,
  since: timeAfter(known?.orphans ?? [], name, now) + 1,
  isOver: true,
})
