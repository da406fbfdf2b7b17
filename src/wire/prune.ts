import { type PruneCounts, prune } from '../app/batch/prune.ts'
import { DEFAULT_MAX_SHARE } from '../app/batch/prune-survey.ts'
import type { Tell } from '../app/event.ts'
import type { PruneOptions } from './library-options.ts'
import type { Project } from './project.ts'

/** A week, in milliseconds. */
export const DEFAULT_OLDER_THAN_MS = 7 * 24 * 3_600_000

/**
 * Deletes results that nothing expects any more. Open the project with `mustExist`: a missing output is not an empty
 * one.
 */
export const pruneProject = (
  project: Project,
  options: Omit<PruneOptions, 'onEvent'> & { readonly tell: Tell },
): Promise<PruneCounts> => {
  const { dryRun = false, olderThanMs = DEFAULT_OLDER_THAN_MS, maxShare = DEFAULT_MAX_SHARE } = options
  const { extras = false, allowEmpty = false, tell, signal } = options
  return prune({
    dryRun,
    olderThanMs,
    maxShare,
    extras,
    allowEmpty,
    ...project.planInput({ tell, signal }),
    ledger: project.ledger,
    shares: project.shares,
    now: project.now,
  })
}
