import { asProblem } from '../../core/problem.ts'
import type { SourceGroup } from '../../plan/group.ts'
import { keepEntry } from '../../plan/keep-entry.ts'
import type { Tell } from '../event.ts'
import type { LedgerSnapshot } from '../ledger/ledger.ts'
import type { Results } from '../results.ts'
import type { Shares, SharesWatch } from './shares.ts'

/**
 * Extra work of a run that lists everything: only such a run knows which records are still needed, and may merge the
 * ledger's parts without the others; it also makes shares even again.
 */
interface WholeRun {
  /** For `planSources`: groups come in the ledger's order, so the merged ledger is written as they pass. */
  readonly observe?: (group: SourceGroup) => Promise<void> | undefined
  /** To be called once all groups have passed, and not where the run ended early. */
  finish(): Promise<void>
}

/** The ledger and the shares that the run works on. */
export interface WholeRunOptions {
  readonly snapshot: LedgerSnapshot
  readonly results: Pick<Results, 'store'>
  readonly shares?: Pick<Shares, 'watch'>
  readonly tell: Tell
  readonly signal?: AbortSignal | undefined
}

/** Begins the merge where there is something to merge; without any extra work, `observe` is absent. */
export const openWholeRun = async (options: WholeRunOptions): Promise<WholeRun> => {
  const { snapshot, results } = options
  const merge = snapshot.startMerge()
  const watch = await watchShares(options)
  return {
    ...((merge ?? watch) && {
      observe: (group) => {
        watch?.observe(group)
        const entry = merge && keepEntry(group, results.store.marks)
        return entry && merge.add(entry)
      },
    }),
    finish: async () => {
      await merge?.finish()
      await snapshot.deleteSpent()
      await watch?.finish()
    },
  }
}

/** An error in the shares stops no run that does not use them. */
const watchShares = async ({ shares, tell, signal }: WholeRunOptions): Promise<SharesWatch | undefined> => {
  try {
    return await shares?.watch({ signal })
  } catch (error) {
    signal?.throwIfAborted()
    tell({ kind: 'warning', problem: asProblem(error) })
    return undefined
  }
}
