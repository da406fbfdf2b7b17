import { orderFormats } from '../page/format-order.ts'
import type { FactsRecord, ResultRecord } from '../plan/ledger-entry.ts'
import type { RenderReport, SourceFacts } from '../render/port.ts'
import type { SettledFacts } from './images.ts'
import type { PlannedSource } from './plan.ts'

/** What the ledger knows of bytes with this fingerprint, with their preview where it knows that. */
export const findFacts = (
  { group }: Pick<PlannedSource, 'group'>,
  fingerprint: string | undefined,
): FactsRecord | undefined => {
  const known = group.known?.facts.filter((facts) => facts.fingerprint === fingerprint) ?? []
  return known.find(({ thumbhash }) => thumbhash !== undefined) ?? known[0]
}

/** Results may stand while nothing is known of their source: the ledger is gone, or they were not made for pages. */
export const canPreview = ({ group, steps, problem }: PlannedSource): boolean =>
  group.source?.isIncluded === true && problem === undefined && !steps.some((step) => step.kind === 'failing')

/** Whether pages need to know more of a source than that. */
export const lacksFacts = (plan: Pick<PlannedSource, 'steps'>, facts: FactsRecord | undefined): boolean =>
  facts === undefined || lacksPreview(plan, facts)

/** Whether its preview is still to be made, which one that is shown as a vector does not need. */
export const lacksPreview = (plan: Pick<PlannedSource, 'steps'>, facts: FactsRecord | undefined): boolean =>
  facts?.thumbhash === undefined && !isVectorAlone(plan)

/** Whether a source is shown as a vector and nothing else: no page needs a preview of that, and nobody draws it. */
const isVectorAlone = ({ steps }: Pick<PlannedSource, 'steps'>): boolean => {
  const results = steps.flatMap((step) => ('result' in step ? [step.result] : []))
  return results.length > 0 && results.every(({ format }) => format === 'svg')
}

/** What a render has found out about a source, for the ledger. */
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

/** With the formats by their bytes: of the results that stood and stand, and those that were written. */
export const withSmallest = (
  facts: FactsRecord,
  { steps }: PlannedSource,
  made: readonly ResultRecord[],
): SettledFacts => {
  const kept = steps.flatMap((step) =>
    step.kind === 'keep'
      ? [{ transform: step.result.transformText, format: step.result.format, sizeBytes: step.sizeBytes }]
      : [],
  )
  const smallest = orderFormats([...kept, ...made])
  return smallest.length > 0 ? { ...facts, smallest } : facts
}
