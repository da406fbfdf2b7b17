import { predictEncodeMs } from '../core/encoder.ts'
import type { PictureSize } from '../core/geometry.ts'
import { largestSize } from '../core/preparation.ts'
import type { PlanStep, SourcePlan } from './decide.ts'
import type { AliasStep } from './decide-aliases.ts'
import type { ExpectedResult } from './expected.ts'

/**
 * The predicted cost of a source's plan, in milliseconds of one core; 0 where there is nothing to do. Good enough to
 * divide work evenly. Where nobody has decoded the source yet, its pixels are guessed from its bytes.
 */
export const predictCost = (plan: SourcePlan & { readonly aliases?: readonly AliasStep[] }): number => {
  const renders = plan.steps.filter((step) => step.kind === 'render')
  const requests = (plan.steps.filter(isRequest).length + (plan.aliases ?? []).length) * REQUEST_MS
  if (renders.length === 0) return requests
  return (
    requests +
    predictRenderMs(
      sourceSizeOf(plan),
      renders.map(({ result }) => result),
    )
  )
}

/** The predicted cost of making these results of a picture of this size, in milliseconds of one core. */
export const predictRenderMs = (
  picture: PictureSize,
  results: readonly Pick<ExpectedResult, 'transform' | 'format'>[],
): number => {
  const outputs = results.reduce((sum, { transform, format }) => {
    const { width, height } = largestSize(transform, picture)
    return sum + OUTPUT_MS + predictEncodeMs(format, width * height)
  }, 0)
  return SOURCE_MS + (picture.width * picture.height * DECODE_MS_PER_MEGAPIXEL) / 1e6 + outputs
}

const isRequest = ({ kind }: PlanStep): boolean => kind === 'copy' || kind === 'touch' || kind === 'drop'

/** The size of a source: as the ledger knows it, else guessed from its bytes. */
export const sourceSizeOf = ({
  group,
  fingerprint,
}: Pick<SourcePlan, 'group' | 'fingerprint'>): PictureSize => {
  const { facts = [] } = group.known ?? {}
  const known = facts.find((each) => each.fingerprint === fingerprint) ?? facts[0]
  if (known !== undefined) return known
  const bytes = group.source?.sizeBytes ?? 0
  const pixels = bytes * (LOSSLESS.test(group.key) ? 1 : 3) + 1
  const height = Math.max(1, Math.round(Math.sqrt((pixels * 2) / 3)))
  return { width: Math.max(1, Math.round(height * 1.5)), height }
}

/** A pixel of a photograph takes about a third of a byte as a JPEG, a byte as a PNG. */
const LOSSLESS = /\.(?:png|tiff?|gif)$/i

const DECODE_MS_PER_MEGAPIXEL = 8
const SOURCE_MS = 5
const OUTPUT_MS = 1
const REQUEST_MS = 1
