import { unreachable } from '../core/unreachable.ts'
import type { PlannedSource } from './plan.ts'

/** What a plan amounts to. `sources`, `skipped` and `failing` count sources, the others keys. */
export interface PlanCounts {
  readonly sources: number
  readonly skipped: number
  /** Keys that the sizes ask for. */
  readonly expected: number
  /** Expected, standing, fresh, with the right headers. */
  readonly present: number
  readonly missing: number
  readonly stale: number
  readonly copy: number
  readonly touch: number
  readonly drop: number
  /** Sources that failed before and are not tried again until something changes. */
  readonly failing: number
  readonly orphans: number
  readonly extra: number
  /** Objects in the output that are no keys of ours. */
  readonly foreign: number
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export const noCounts = (): Mutable<PlanCounts> => ({
  sources: 0,
  skipped: 0,
  expected: 0,
  present: 0,
  missing: 0,
  stale: 0,
  copy: 0,
  touch: 0,
  drop: 0,
  failing: 0,
  orphans: 0,
  extra: 0,
  foreign: 0,
})

/** Adds one source's plan to the counts. */
export const countPlan = (counts: Mutable<PlanCounts>, { group, steps, problem }: PlannedSource): void => {
  if (group.source?.isIncluded) counts.sources++
  if (problem !== undefined || steps.some((step) => step.kind === 'failing')) counts.failing++
  for (const step of steps) {
    switch (step.kind) {
      case 'keep':
        counts.expected++
        counts.present++
        break
      case 'render':
        if (step.result.sizes.length > 0) counts.expected++
        counts[step.reason === 'missing' ? 'missing' : 'stale']++
        break
      case 'copy':
        counts.expected++
        counts.copy++
        break
      case 'touch':
        counts.expected++
        counts.touch++
        break
      case 'failing':
        counts.expected++
        break
      case 'drop':
        counts.drop++
        break
      case 'orphan':
        counts.orphans++
        break
      case 'extra':
        counts.extra++
        break
      default:
        unreachable(step)
    }
  }
}

/** Whether `build` would change anything. */
export const hasWork = (counts: PlanCounts): boolean =>
  counts.missing + counts.stale + counts.copy + counts.touch + counts.drop > 0
