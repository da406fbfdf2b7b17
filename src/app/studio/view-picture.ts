import type { PictureSize } from '../../core/geometry.ts'
import { largestSize } from '../../core/preparation.ts'
import { Problem } from '../../core/problem.ts'
import type { Expectation } from '../../plan/expected.ts'
import type { PlannedSource } from '../batch/plan.ts'
import type { LiveRenders, OriginalFacts } from './live.ts'
import type { PictureView, ResultView } from './protocol.ts'
import { listStanding, type StandingResult, toPattern } from './result-state.ts'

interface PictureInput {
  readonly plan: PlannedSource
  readonly expectation: Expectation
  readonly live: Pick<LiveRenders, 'describe'>
  readonly signal: AbortSignal
}

/** Everything about one picture, which is decoded for its size and what decides its attention point. */
export const viewPicture = async (input: PictureInput): Promise<PictureView> => {
  const { group, override = {}, ...plan } = input.plan
  const results = listStanding(input.plan, input.expectation)
  const found = await readFacts(input)
  const size = 'problem' in found ? undefined : found
  const problem = plan.problem?.message ?? ('problem' in found ? found.problem : undefined)
  return {
    source: group.key,
    bytes: group.source?.sizeBytes ?? 0,
    width: size?.width,
    height: size?.height,
    mediaFormat: size?.mediaFormat,
    subjects: size?.subjects,
    results: results.map((result) => viewResult(result, size)),
    override,
    problem,
    pattern: toPattern(results),
  }
}

const readFacts = async ({
  plan: { group },
  live,
  signal,
}: PictureInput): Promise<OriginalFacts | { readonly problem: string }> => {
  try {
    return await live.describe(group.key, signal)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Problem) return { problem: error.message }
    throw error
  }
}

const viewResult = (
  { result, state, why, standing }: StandingResult,
  picture: PictureSize | undefined,
): ResultView => {
  const { sizes, transform, transformText, format } = result
  return {
    sizes,
    transform: transformText,
    format,
    ...(picture && largestSize(transform, picture)),
    state,
    why,
    bytes: standing?.sizeBytes,
  }
}
