import type { Tell } from '../app/event.ts'
import { type PruneCounts, prune } from '../app/prune.ts'
import { DEFAULT_MAX_SHARE } from '../app/prune-survey.ts'
import type { Project } from './project.ts'

export interface PruneOptions {
  /** Says what would be deleted, and deletes nothing. Default: false. */
  readonly dryRun?: boolean
  /** Deletes what nothing has wanted for so long, in milliseconds. Default: a week. */
  readonly olderThanMs?: number
  /** Refuses (`prune-share`) where a larger share of sources would lose all results: 0..1. Default: 0.2. */
  readonly maxShare?: number
  /** Deletes also what no size asks for and `serve` has made. Default: false. */
  readonly extras?: boolean
  /** Goes on when not a single source is listed, where else it refuses (`prune-empty`). Default: false. */
  readonly allowEmpty?: boolean
  readonly tell: Tell
  readonly signal?: AbortSignal
}

export const DEFAULT_OLDER_THAN_MS = 7 * 24 * 3_600_000

/** Deletes results that nothing expects any more. Open the project with `mustExist`: a missing output is no empty one. */
export const pruneProject = (project: Project, options: PruneOptions): Promise<PruneCounts> => {
  const { dryRun = false, olderThanMs = DEFAULT_OLDER_THAN_MS, maxShare = DEFAULT_MAX_SHARE } = options
  const { extras = false, allowEmpty = false, tell, signal } = options
  return prune({
    dryRun,
    olderThanMs,
    maxShare,
    extras,
    allowEmpty,
    ...project.planInput({ tell, ...(signal && { signal }) }),
    ledger: project.ledger,
    shares: project.shares,
    now: project.now,
  })
}
