import { type ByKind, dispatchByKind } from '../../core/by-kind.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { NamedBy } from '../../page/read-page.ts'
import type { LeftReason, PageEvent } from './page-event.ts'

/** What happened to the pictures of some pages. */
export interface RewriteReport {
  readonly pages: number
  readonly changed: number
  /** Pages that could not be read or written. */
  readonly failedPages: number
  readonly rewritten: number
  /** Those of them without a `<picture>`. */
  readonly alone: number
  /** Some of the CSS rules that are the reason for that. */
  readonly rules: readonly string[]
  /** The frameworks that are the reason for it. */
  readonly frameworks: readonly string[]
  /** How many others were left as they are, by reason. */
  readonly left: Readonly<Record<LeftReason | 'failed', number>>
  /** How many places still name an original, by the kind of place. */
  readonly named: Readonly<Record<NamedBy, number>>
  /**
   * For the pictures whose bytes are known before and after: bytes of the originals, and the most that is loaded now.
   */
  readonly bytesBefore: number
  readonly bytesAfter: number
  /** Some of the sources that were not built. */
  readonly unbuilt: readonly UnbuiltSource[]
  /** Some of the sources that pages name now although not all of their files are built. */
  readonly incomplete: readonly SourceKey[]
  /** Some addresses of the site's own pictures that have a source's name, but are another picture. */
  readonly different: readonly string[]
}

interface UnbuiltSource {
  readonly source: SourceKey
  /** Why a build that tried could make nothing of it. */
  readonly failure?: string | undefined
}

const MOST_NAMED = 20
const MOST_RULES = 5

/** Counts what the rewriting of pages tells. */
export const createRewriteTally = (): { tell(event: PageEvent): void; read(): RewriteReport } => {
  const counts = {
    pages: 0,
    changed: 0,
    failedPages: 0,
    rewritten: 0,
    alone: 0,
    bytesBefore: 0,
    bytesAfter: 0,
  }
  const left = {
    responsive: 0,
    off: 0,
    scripted: 0,
    elsewhere: 0,
    unknown: 0,
    vector: 0,
    unbuilt: 0,
    'left-out': 0,
    unmatched: 0,
    different: 0,
    failed: 0,
  }
  const named = { srcset: 0, data: 0, meta: 0, icon: 0, poster: 0, css: 0, preload: 0, element: 0 }
  const unbuilt = new Map<SourceKey, UnbuiltSource>()
  const different = new Set<string>()
  const rules = new Set<string>()
  const frameworks = new Set<string>()
  const incomplete = new Set<SourceKey>()

  const addLeft = (event: Extract<PageEvent, { kind: 'picture-left' }>): void => {
    const { reason, address, source, failure } = event
    left[reason]++
    if (reason === 'different' && different.size < MOST_NAMED) different.add(address)
    if (reason === 'unbuilt' && source !== undefined && unbuilt.size < MOST_NAMED)
      unbuilt.set(source, { source, failure })
  }
  const addRewritten = (event: Extract<PageEvent, { kind: 'picture-rewritten' }>): void => {
    counts.rewritten++
    if (event.isIncomplete && incomplete.size < MOST_NAMED) incomplete.add(event.source)
    if (event.rule !== undefined || event.hydratedBy !== undefined) counts.alone++
    if (event.rule !== undefined && rules.size < MOST_RULES) rules.add(event.rule)
    if (event.hydratedBy !== undefined) frameworks.add(event.hydratedBy)
    counts.bytesBefore += event.sizeBytes?.before ?? 0
    counts.bytesAfter += event.sizeBytes?.after ?? 0
  }
  return {
    tell: dispatchByKind<PageEvent>({
      'page-done': ({ isChanged }) => {
        counts.pages++
        if (isChanged) counts.changed++
      },
      'page-failed': () => counts.failedPages++,
      'picture-rewritten': addRewritten,
      'picture-left': addLeft,
      'picture-failed': () => left.failed++,
      'original-named': ({ by }) => named[by]++,
    } satisfies ByKind<PageEvent>),
    read: () => ({
      ...counts,
      left,
      named,
      unbuilt: [...unbuilt.values()],
      different: [...different],
      rules: [...rules],
      frameworks: [...frameworks],
      incomplete: [...incomplete],
    }),
  }
}
