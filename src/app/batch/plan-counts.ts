import { unreachable } from '../../core/unreachable.ts'
import type { PlanStep } from '../../plan/decide.ts'
import { isExtra } from '../../plan/expected.ts'
import type { PlannedSource } from './plan.ts'

/** The numbers of a plan. `sources`, `skipped` and `failing` count sources, the others count keys. */
export interface PlanCounts {
  readonly sources: number
  readonly skipped: number
  /** Keys that the sizes ask for. */
  readonly expected: number
  /** Expected keys whose result exists, is current and has the right headers. */
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
  /** Objects in the output that have no key of ours. */
  readonly foreign: number
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** All zero, to count with. */
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
    if (isExpected(step)) counts.expected++
    switch (step.kind) {
      case 'keep':
        counts.present++
        break
      case 'render':
        counts[step.reason === 'missing' ? 'missing' : 'stale']++
        break
      case 'copy':
        counts.copy++
        break
      case 'touch':
        counts.touch++
        break
      case 'failing':
        break // its source is counted once, elsewhere
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

/** Whether a step is about a result that the sizes ask for. */
export const isExpected = (step: PlanStep): boolean =>
  step.kind === 'render'
    ? !isExtra(step.result)
    : step.kind === 'keep' || step.kind === 'copy' || step.kind === 'touch' || step.kind === 'failing'

/** Whether `build` would change anything. */
export const hasWork = (counts: PlanCounts): boolean =>
  counts.missing + counts.stale + counts.copy + counts.touch + counts.drop > 0
