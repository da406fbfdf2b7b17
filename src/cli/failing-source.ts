import type { SourceKey } from '../core/source-key.ts'
import type { PlanStep } from '../plan/decide.ts'
import { formatCount } from './format-numbers.ts'
import type { Style } from './terminal-style.ts'

/** One line for each reason why results of a source are not tried again, however many results there are. */
export const formatFailingSource = (
  source: SourceKey,
  steps: readonly PlanStep[],
  style: Style,
): readonly string[] => {
  const counts = new Map<string, number>()
  for (const step of steps)
    if (step.kind === 'failing') counts.set(step.failure.message, (counts.get(step.failure.message) ?? 0) + 1)
  return [...counts].map(
    ([reason, count]) => `${style.yellow('failing')} ${source} (${formatCount(count, 'result')}): ${reason}`,
  )
}
