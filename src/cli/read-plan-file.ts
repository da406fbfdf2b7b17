import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { describeUnreadable } from '../core/error-code.ts'
import type { SourceKey } from '../core/source-key.ts'
import { type PlanFileHeader, type PlannedWork, parsePlan, takeShare } from '../plan/plan-file.ts'
import type { Shard } from '../plan/shares.ts'
import { type AgainFlags, formatAgainFlags } from './common-flags.ts'
import { STANDARD_STREAM } from './line-file.ts'
import { UsageError } from './usage-error.ts'

/**
 * The sources of a stored plan that are in this shard, in the plan's order; all of them without a shard. Wrong usage if
 * the plan was made with other flags than those of `again`: it would lack sources, or have some without work.
 */
export const readPlanFile = async (
  file: string,
  { shard, again }: { readonly shard: Shard | undefined; readonly again: AgainFlags },
): Promise<{ readonly header: PlanFileHeader; readonly keys: readonly SourceKey[] }> => {
  let header: PlanFileHeader = { again: '' }
  const open = () =>
    openPlan(file, (found) => {
      checkAgain(found.again, formatAgainFlags(again))
      header = found
    })
  // Read twice, so that only one share is in memory, however large the plan is; but stdin can only be read once.
  const read = file === STANDARD_STREAM ? await keep(open()) : open
  let total = 0
  for await (const { cost } of read()) total += cost
  const keys: SourceKey[] = []
  const { index, count } = shard ?? { index: 1, count: 1 }
  for await (const key of takeShare(read(), { index, count, total })) keys.push(key)
  return { header, keys }
}

const keep = async (plan: AsyncIterable<PlannedWork>): Promise<() => AsyncGenerator<PlannedWork>> => {
  const works: PlannedWork[] = []
  for await (const work of plan) works.push(work)
  return async function* () {
    yield* works
  }
}

async function* openPlan(
  file: string,
  onHeader: (header: PlanFileHeader) => void,
): AsyncGenerator<PlannedWork> {
  const stream = file === STANDARD_STREAM ? process.stdin : createReadStream(file)
  try {
    const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })
    yield* parsePlan(lines, onHeader)
  } catch (error) {
    if (error instanceof Error && 'syscall' in error)
      throw new UsageError(`--plan: ${file} ${describeUnreadable(error)}`)
    throw error
  } finally {
    stream.destroy()
  }
}

const checkAgain = (made: string, given: string): void => {
  if (made === given) return
  const how = (flags: string): string =>
    flags === '' ? 'without a flag that makes more again' : `with ${flags}`
  throw new UsageError(
    `--plan: it was made ${how(made)}, and is to be built ${how(given)}: give both the same`,
  )
}
