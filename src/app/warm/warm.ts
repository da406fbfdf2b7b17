import type { SourceKey } from '../../core/source-key.ts'
import { compareSources } from '../../plan/source-order.ts'
import { buildPlanned } from '../batch/build.ts'
import { isGone, type PlanInput, type PlannedSource, planSources } from '../batch/plan.ts'
import type { BuildInput } from '../batch/source-steps.ts'
import type { WantedResults } from './wanted.ts'

/** What is wanted, and what it is built with. */
export interface WarmInput extends Omit<BuildInput, 'expectation' | 'selection'> {
  readonly wanted: Pick<WantedResults, 'sources' | 'variantsOf' | 'expectation'>
}

/** What {@link planWanted} reads. */
export interface PlanWantedInput
  extends Omit<PlanInput, 'snapshot' | 'expectation' | 'selection'>,
    Pick<WarmInput, 'ledger' | 'wanted' | 'stop'> {}

/** The ledger is read once for each batch; the first one is small, so that work begins soon. */
const FIRST_BATCH = 256
const LARGEST_BATCH = 4_096

/**
 * Makes what is wanted and missing, the most wanted sources first, by the rules of a build: results that a size asks
 * for are recorded as a build's, the others as extras. Nothing else is looked at. `rules` must be narrowed.
 */
export const warm = (input: WarmInput): Promise<void> => {
  const { wanted, ...rest } = input
  const selection = { keys: wanted.sources }
  // As many as may be read or rendered at once: none waits, so the order stays.
  const atOnce = input.threads * 2 + 1
  return buildPlanned(planWanted(input), atOnce, { ...rest, expectation: wanted.expectation, selection })
}

/** What {@link warm} would do, in its order. Changes nothing. */
export async function* planWanted(input: PlanWantedInput): AsyncGenerator<PlannedSource> {
  const { ledger, wanted, stop, tell } = input
  const snapshot = await ledger.open({ signal: input.signal })
  for (const batch of cutBatches(wanted.sources)) {
    const rank = new Map(batch.map((source, index) => [source, index]))
    const plans: PlannedSource[] = []
    const selection = { keys: [...batch].sort(compareSources) }
    const { expectation } = wanted
    for await (const plan of planSources({ ...input, snapshot, expectation, selection })) {
      if (stop?.aborted) return
      plans.push(plan)
    }
    const rankOf = ({ group }: PlannedSource): number => rank.get(group.key) ?? 0
    plans.sort((a, b) => rankOf(a) - rankOf(b))
    for (const plan of plans) {
      if (stop?.aborted) return
      const { key } = plan.group
      if (isGone(plan)) tell({ kind: 'source-gone', source: key, results: wanted.variantsOf(key) })
      yield plan
    }
  }
}

function* cutBatches(sources: readonly SourceKey[]): Generator<readonly SourceKey[]> {
  let size = FIRST_BATCH
  for (let start = 0; start < sources.length; ) {
    yield sources.slice(start, start + size)
    start += size
    size = Math.min(size * 4, LARGEST_BATCH)
  }
}
