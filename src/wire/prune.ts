import type { Tell } from '../app/event.ts'
import { type PruneCounts, prune } from '../app/batch/prune.ts'
import { DEFAULT_MAX_SHARE } from '../app/batch/prune-survey.ts'
import type { Project } from './project.ts'

/** What is deleted, and the guards. */
export interface PruneOptions {
  /** Whether only the count is wanted, and nothing is deleted. Default: false. */
  readonly dryRun?: boolean
  /** How long a result must have been unwanted, in milliseconds. Default: a week. */
  readonly olderThanMs?: number
  /** Refuses (`prune-share`) where a larger share of sources would lose all results: 0..1. Default: 0.2. */
  readonly maxShare?: number
  /** Also deletes results that `serve` made and no size asks for. Default: false. */
  readonly extras?: boolean
  /** Deletes even if no source is listed, instead of refusing (`prune-empty`). Default: false. */
  readonly allowEmpty?: boolean
  readonly tell: Tell
  readonly signal?: AbortSignal
}

/** A week, in milliseconds. */
export const DEFAULT_OLDER_THAN_MS = 7 * 24 * 3_600_000

/**
 * Deletes results that nothing expects any more. Open the project with `mustExist`: a missing output is not an empty
 * one.
 */
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
