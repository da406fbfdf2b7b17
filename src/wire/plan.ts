import { openForcedRun } from '../app/batch/forced.ts'
import { type PlannedSource, planSources } from '../app/batch/plan.ts'
import type { Tell } from '../app/event.ts'
import type { ForeignCounts } from '../app/results.ts'
import { encoderVersion } from '../render/encoder-version.ts'
import type { Project, RuleChoices, ScopeOptions } from './project.ts'

/** What is made again although it exists and is current. */
export type AgainChoices = Pick<RuleChoices, 'force' | 'retryFailed' | 'rerenderOtherEncoders'>

interface ProjectPlanOptions extends ScopeOptions {
  readonly again?: AgainChoices
  /** Counts the objects in the output that have no key of ours. */
  readonly foreignCounts: ForeignCounts
  readonly tell: Tell
  readonly signal?: AbortSignal | undefined
}

/** What a build of the same scope would do, source by source. Renders, writes and deletes nothing. */
export async function* planProject(
  project: Project,
  options: ProjectPlanOptions,
): AsyncGenerator<PlannedSource> {
  const { again = {}, foreignCounts, signal } = options
  const { rerenderOtherEncoders = false } = again
  const encoders = rerenderOtherEncoders && { encoderOf: encoderVersion }
  const input = project.planInput({ ...options, choices: { ...again, ...encoders }, foreign: foreignCounts })
  const snapshot = await project.ledger.open({ signal })
  const { forced, now } = project
  const { rules } = await openForcedRun({ ...input, forced, now })
  yield* planSources({ ...input, rules, snapshot })
}
