import type { PictureSize } from '../../core/geometry.ts'
import type { Override } from '../../core/override.ts'
import type { Focus } from '../../core/position.ts'
import { largestSize } from '../../core/preparation.ts'
import { Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { Expectation } from '../../plan/expected.ts'
import type { PlannedSource } from '../plan.ts'
import { findFacts } from '../source-facts.ts'
import type { LiveRenders } from './live.ts'
import type { FocusPoint, PictureView, ResultView } from './protocol.ts'
import { listStanding, type StandingResult, toPattern } from './result-state.ts'

export interface PictureInput {
  /** Of this source alone. */
  readonly plan: PlannedSource
  readonly expectation: Expectation
  readonly live: Pick<LiveRenders, 'portray'>
  readonly signal: AbortSignal
}

/** Everything about one picture; one that was never looked at is decoded for its size and its attention. */
export const viewPicture = async (input: PictureInput): Promise<PictureView> => {
  const { plan, expectation } = input
  const { override = {} } = plan
  const { key: source, source: listed } = plan.group
  const results = listStanding(plan, expectation)
  const known = await findPortrait(input)
  const size = 'problem' in known ? undefined : known
  const problem = plan.problem?.message ?? ('problem' in known ? known.problem : undefined)
  return {
    source,
    bytes: listed?.sizeBytes ?? 0,
    ...(size && { width: size.width, height: size.height, mediaFormat: size.mediaFormat }),
    results: results.map((result) => viewResult(result, size)),
    points: listPoints(override, size?.attention),
    faces: [],
    override,
    ...(problem !== undefined && { problem }),
    pattern: toPattern(results),
  }
}

interface Portrait extends PictureSize {
  readonly mediaFormat: string
  readonly attention?: Focus
}

const findPortrait = async ({
  plan,
  live,
  signal,
}: PictureInput): Promise<Portrait | { readonly problem: string }> => {
  const { group, fingerprint } = plan
  const known = fingerprint === undefined ? undefined : findFacts(plan, fingerprint)
  if (known?.attention !== undefined) return known
  if (group.source === undefined) return { problem: `${group.key} is not there any more.` }
  try {
    const { facts, attention } = await live.portray(group.key, signal)
    return { ...facts, ...(attention && { attention }) }
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
    ...(why !== undefined && { why }),
    ...(standing && { bytes: standing.sizeBytes }),
  }
}

const listPoints = ({ focus }: Override, attention: Focus | undefined): readonly FocusPoint[] => [
  ...(focus === undefined ? [] : [{ ...focus, by: 'override' as const }]),
  ...(attention === undefined ? [] : [{ x: attention.x, y: attention.y, by: 'attention' as const }]),
]

/** The source that a request names. Problem `option-invalid`. */
export const requireSource = (key: SourceKey | undefined, text: string): SourceKey => {
  if (key !== undefined) return key
  throw new Problem('option-invalid', `${JSON.stringify(text)} is not a source name.`)
}
