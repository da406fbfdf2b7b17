import { type ByKind, dispatchByKind } from '../../core/by-kind.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { PageEvent } from './page-event.ts'

interface UnbuiltSource {
  readonly source: SourceKey
  /** Why a build that tried could make nothing of it. */
  readonly failure?: string | undefined
}

const MOST_NAMED = 20
const MOST_RULES = 5

/** What happened to the pictures of some pages. */
export type RewriteReport = ReturnType<ReturnType<typeof createRewriteTally>['read']>

/** Counts what the rewriting of pages tells. */
export const createRewriteTally = () => {
  const counts = {
    pages: 0,
    changed: 0,
    /** Pages that could not be read or written. */
    failedPages: 0,
    rewritten: 0,
    /** Those of them without a `<picture>`. */
    alone: 0,
    /** Those of which nothing says how wide they are shown. */
    unsized: 0,
    /** Of the originals of pictures whose bytes are known before and after. */
    bytesBefore: 0,
    /** The most that is loaded for these now. */
    bytesAfter: 0,
  }
  const left = {
    responsive: 0,
    off: 0,
    scripted: 0,
    elsewhere: 0,
    unknown: 0,
    copy: 0,
    vector: 0,
    unbuilt: 0,
    'left-out': 0,
    unmatched: 0,
    forbidden: 0,
    styled: 0,
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
    if (event.isUnsized) counts.unsized++
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
      /** How many others were left as they are, by reason. */
      left,
      /** How many places still name an original, by the kind of place. */
      named,
      /** Some of the sources that were not built. */
      unbuilt: [...unbuilt.values()],
      /** Some addresses of the site's own pictures that have a source's name, but are another picture. */
      different: [...different],
      /** Some of the CSS rules that are the reason for pictures without a `<picture>`, and the frameworks that are. */
      rules: [...rules],
      frameworks: [...frameworks],
      /** Some of the sources that pages name now although not all of their files are built. */
      incomplete: [...incomplete],
    }),
  }
}
