import type { Format } from '../core/format.ts'
import type { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { PlanStep } from '../plan/decide.ts'
import type { Rendered } from '../render/port.ts'
import type { VariantKey } from '../url/keyring.ts'
import type { PageEvent } from './page-event.ts'

/**
 * Everything that a use case has to tell. Progress bars, logs, reports and metrics are consumers of these; no
 * work prints anything itself. Sizes in bytes, times in milliseconds.
 */
export type AppEvent =
  /** A name in a source's listing that cannot be a source. */
  | { readonly kind: 'source-skipped'; readonly name: string; readonly reason: string }
  /** Nobody can say what originals there are at or below `path`: results of what lies there are left as they are. */
  | { readonly kind: 'part-unlisted'; readonly path: string; readonly problem: Problem }
  /** A picture in a source's listing that `include` does not name, of a kind that is rarely left out on purpose. */
  | { readonly kind: 'picture-left-out'; readonly source: SourceKey }
  /** One source has been compared with the listing. */
  | {
      readonly kind: 'source-planned'
      readonly source: SourceKey
      /** As the listing shows it; 0 where there is none. */
      readonly sourceBytes: number
      readonly steps: readonly PlanStep[]
      readonly isIncluded: boolean
    }
  /** An original has been read whole. */
  | {
      readonly kind: 'source-read'
      readonly source: SourceKey
      readonly sizeBytes: number
      readonly elapsedMs: number
    }
  /** A source's results have been made, all of them that could be, in so long from when there was room for it. */
  | {
      readonly kind: 'source-rendered'
      readonly source: SourceKey
      readonly sizeBytes: number
      readonly megapixels: number
      readonly outputs: number
      readonly elapsedMs: number
    }
  /** A result stands in the store; `replaced` where other bytes stood there before. */
  | {
      readonly kind: 'result-stored'
      readonly source: SourceKey
      readonly key: VariantKey
      readonly format: Format
      readonly sizes: readonly string[]
      readonly sourceBytes: number
      readonly sizeBytes: number
      /** Of a transform that bounds its files, and could not keep this one to it. */
      readonly overBytes?: number
      /** How its file came about, where that is worth telling. */
      readonly made?: Pick<Rendered, 'reached' | 'way' | 'instead'>
      readonly replaced: boolean
    }
  | { readonly kind: 'result-copied'; readonly source: SourceKey; readonly key: VariantKey }
  | { readonly kind: 'result-touched'; readonly source: SourceKey; readonly key: VariantKey }
  | { readonly kind: 'result-dropped'; readonly source: SourceKey; readonly key: VariantKey }
  | { readonly kind: 'result-deleted'; readonly key: VariantKey }
  /** A result stands under a second name too, with the bytes that it has. */
  | { readonly kind: 'alias-stored'; readonly source: SourceKey; readonly name: string }
  | { readonly kind: 'alias-deleted'; readonly source: SourceKey; readonly name: string }
  /** A stored result that `verify` found wrong. */
  | { readonly kind: 'result-bad'; readonly key: VariantKey; readonly code: string; readonly message: string }
  | { readonly kind: 'result-checked'; readonly key: VariantKey }
  /** Results show what there is of a damaged source; `message` says what is wrong with it. */
  | { readonly kind: 'source-damaged'; readonly source: SourceKey; readonly message: string }
  /** Something about one source failed; everything else goes on. */
  | { readonly kind: 'source-failed'; readonly source: SourceKey; readonly problem: Problem }
  /**
   * There is no such original, or it is excluded; so many results of it were asked for by visitors, or were left of it
   * and are deleted now.
   */
  | { readonly kind: 'source-gone'; readonly source: SourceKey; readonly results: number }
  /** A part of the ledger cannot be read now: the run goes on without, and is no success. */
  | { readonly kind: 'ledger-unread'; readonly problem: Problem }
  /** Nothing is lost, and someone should know. */
  | { readonly kind: 'warning'; readonly problem: Problem }
  | PageEvent

/** Where events go; it returns at once. */
export type Tell = (event: AppEvent) => void
