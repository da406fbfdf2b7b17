import type { PlanStep } from '../../plan/decide.ts'
import { isExtra } from '../../plan/expected.ts'
import type { PlannedSource } from './plan.ts'

/** All zero, to count with. */
export const noCounts = () => ({
  sources: 0,
  skipped: 0,
  /** Keys that the sizes ask for. */
  expected: 0,
  /** Expected keys whose result exists, is current and has the right headers. */
  present: 0,
  missing: 0,
  stale: 0,
  copy: 0,
  touch: 0,
  drop: 0,
  /** Sources that failed before and are not tried again until something changes. */
  failing: 0,
  orphans: 0,
  extra: 0,
  /** Objects in the output that have no key of ours. */
  foreign: 0,
})

type Counts = ReturnType<typeof noCounts>

/** The numbers of a plan. `sources`, `skipped` and `failing` count sources, the others count keys. */
export interface PlanCounts extends Readonly<Counts> {}

/** Failing steps are of one source, which is counted once. */
const COUNTED_AS: Readonly<Record<PlanStep['kind'], keyof Counts | undefined>> = {
  keep: 'present',
  render: 'stale',
  copy: 'copy',
  touch: 'touch',
  drop: 'drop',
  orphan: 'orphans',
  extra: 'extra',
  failing: undefined,
}

/** Adds one source's plan to the counts. */
export const countPlan = (counts: Counts, { group, steps, problem }: PlannedSource): void => {
  if (group.source?.isIncluded) counts.sources++
  if (problem !== undefined || steps.some((step) => step.kind === 'failing')) counts.failing++
  for (const step of steps) {
    if (isExpected(step)) counts.expected++
    const isMissing = step.kind === 'render' && step.reason === 'missing'
    const name = isMissing ? 'missing' : COUNTED_AS[step.kind]
    if (name !== undefined) counts[name]++
  }
}

/** Whether a step is about a result that the sizes ask for. */
export const isExpected = (step: PlanStep): boolean => {
  if (step.kind === 'render') return !isExtra(step.result)
  if (step.kind === 'touch') return step.isExtra !== true
  return step.kind === 'keep' || step.kind === 'copy' || step.kind === 'failing'
}

/** Whether `build` would change anything. */
export const hasWork = (counts: PlanCounts): boolean =>
  counts.missing + counts.stale + counts.copy + counts.touch + counts.drop > 0
