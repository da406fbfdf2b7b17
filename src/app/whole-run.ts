import { asProblem } from '../core/problem.ts'
import type { SourceGroup } from '../plan/group.ts'
import { keepEntry } from '../plan/keep-entry.ts'
import type { Tell } from './event.ts'
import type { LedgerSnapshot } from './ledger.ts'
import type { Results } from './results.ts'
import type { Shares, SharesWatch } from './shares.ts'

/**
 * What a run that lists everything does besides: it alone knows which records still say something, and may put the
 * ledger's parts together without the others; and it makes shares even again.
 */
export interface WholeRun {
  /** For `planSources`: groups come in the ledger's order, so its merge is written as they go by. */
  readonly observe?: (group: SourceGroup) => Promise<void> | undefined
  /** To be called once all has gone by, and not where the run was broken off. */
  finish(): Promise<void>
}

export interface WholeRunOptions {
  readonly snapshot: LedgerSnapshot
  readonly results: Pick<Results, 'store'>
  readonly shares?: Pick<Shares, 'watch'>
  readonly tell: Tell
  readonly signal?: AbortSignal
}

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

/** Nothing that is wrong with the shares stops a run that has none. */
const watchShares = async ({ shares, tell, signal }: WholeRunOptions): Promise<SharesWatch | undefined> => {
  try {
    return await shares?.watch({ ...(signal && { signal }) })
  } catch (error) {
    signal?.throwIfAborted()
    tell({ kind: 'warning', problem: asProblem(error) })
    return undefined
  }
}
