import { orderFormats } from '../../page/format-order.ts'
import type { FactsRecord, ResultRecord } from '../../plan/ledger-entry.ts'
import type { RenderReport, SourceFacts } from '../../render/port.ts'
import type { SettledFacts } from '../site/images.ts'
import type { PlannedSource } from './plan.ts'

/** Results may exist while nothing is known of their source: the ledger is lost, or they were not made for pages. */
export const canPreview = ({ group, steps, problem, override }: PlannedSource): boolean =>
  group.source?.isIncluded === true &&
  override?.exclude !== true &&
  problem === undefined &&
  !steps.some((step) => step.kind === 'failing')

/** Whether pages need to know more of a source than these facts. */
export const lacksFacts = (plan: Pick<PlannedSource, 'steps'>, facts: FactsRecord | undefined): boolean =>
  facts === undefined || lacksPreview(plan, facts)

/** Whether the preview is still to be made; a source that is shown as a vector needs none. */
export const lacksPreview = (plan: Pick<PlannedSource, 'steps'>, facts: FactsRecord | undefined): boolean =>
  facts?.thumbhash === undefined && !isVectorAlone(plan)

/** Whether a source is shown only as a vector: it is not decoded, and no page needs a preview of it. */
const isVectorAlone = ({ steps }: Pick<PlannedSource, 'steps'>): boolean => {
  const results = steps.flatMap((step) => ('result' in step ? [step.result] : []))
  return results.length > 0 && results.every(({ format }) => format === 'svg')
}

/** What a render has learned of a source, for the ledger. */
export const toFacts = (
  fingerprint: string,
  { facts, attention, preview }: Pick<RenderReport, 'facts' | 'attention' | 'preview'>,
): FactsRecord => {
  const { width, height, mediaFormat, isScalable, frames }: SourceFacts = facts
  return {
    fingerprint,
    width,
    height,
    mediaFormat,
    ...(isScalable && { isScalable }),
    ...(frames > 1 && { isAnimated: true }),
    ...(attention && { attention }),
    ...preview,
  }
}

/** The facts with the formats in order of bytes: of the results that stay, and those that were written. */
export const withSmallest = (
  facts: FactsRecord,
  { steps, override }: PlannedSource,
  made: readonly ResultRecord[],
): SettledFacts => {
  const kept = steps.flatMap((step) =>
    step.kind === 'keep'
      ? [{ transform: step.result.transformText, format: step.result.format, sizeBytes: step.sizeBytes }]
      : [],
  )
  const smallest = orderFormats([...kept, ...made])
  return { ...facts, ...(smallest.length > 0 && { smallest }), ...(override && { override }) }
}
