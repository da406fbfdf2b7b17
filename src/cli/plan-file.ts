import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Shard } from '../app/plan.ts'
import type { SourceKey } from '../core/source-key.ts'
import { type PlannedWork, parsePlan, takeShare } from '../plan/plan-file.ts'
import { describeUnreadable, UsageError } from './usage-error.ts'

/** The sources of a stored plan that are this shard's, in the order that the plan wants; all of them without one. */
export const readPlanFile = async (file: string, shard: Shard | undefined): Promise<readonly SourceKey[]> => {
  let total = 0
  // Read twice, so that what is held is one share, however large the plan.
  for await (const { cost } of openPlan(file)) total += cost
  const keys: SourceKey[] = []
  const { index, count } = shard ?? { index: 1, count: 1 }
  for await (const key of takeShare(openPlan(file), { index, count, total })) keys.push(key)
  return keys
}

async function* openPlan(file: string): AsyncGenerator<PlannedWork> {
  const stream = createReadStream(file)
  try {
    yield* parsePlan(createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }))
  } catch (error) {
    if (error instanceof Error && 'syscall' in error)
      throw new UsageError(`--plan: ${file} ${describeUnreadable(error)}`)
    throw error
  } finally {
    stream.destroy()
  }
}
