import type { SourceGroup } from '../plan/group.ts'
import { keepEntry } from '../plan/keep-entry.ts'
import type { LedgerSnapshot } from './ledger.ts'

/** The ledger's parts put together by a run that lists everything anyway: only such a one knows what still counts. */
export interface PartsMerge {
  /** For `planSources`: groups come in the ledger's order, so the merge is written as they go by. */
  readonly observe?: (group: SourceGroup) => Promise<void> | undefined
  /** To be called once all has gone by, and not where the run was broken off. */
  finish(): Promise<void>
}

/** `marks` are those of the results. */
export const mergeLedgerParts = (snapshot: LedgerSnapshot, marks: 'content' | 'date'): PartsMerge => {
  const merge = snapshot.startMerge()
  return {
    ...(merge && {
      observe: (group) => {
        const entry = keepEntry(group, marks)
        return entry && merge.add(entry)
      },
    }),
    finish: async () => {
      await merge?.finish()
      await snapshot.deleteSpent()
    },
  }
}
