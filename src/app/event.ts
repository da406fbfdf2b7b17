import type { Format } from '../core/format.ts'
import type { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import type { PlanStep } from '../plan/decide.ts'
import type { AttentionBy, Rendered } from '../render/port.ts'
import type { VariantKey } from '../url/keyring.ts'
import type { PageEvent } from './site/page-event.ts'

/**
 * Everything that a use case can tell. Progress bars, logs, reports and metrics consume these events; the work itself
 * prints nothing. Sizes in bytes, times in milliseconds.
 */
export type AppEvent =
  /** A name in a source's listing that cannot be a source. */
  | { readonly kind: 'source-skipped'; readonly name: string; readonly reason: string }
  /** It is unknown which originals exist at or below `path`; results of such originals are left as they are. */
  | { readonly kind: 'part-unlisted'; readonly path: string; readonly problem: Problem }
  /** A listed picture that `include` does not name, of a kind that is rarely left out on purpose. */
  | { readonly kind: 'picture-left-out'; readonly source: SourceKey }
  /** Overrides that speak of no original there is: names, globs, sidecars. Told where all originals were seen. */
  | { readonly kind: 'overrides-unused'; readonly names: readonly string[] }
  /** One source has been compared with the listing. */
  | {
      readonly kind: 'source-planned'
      readonly source: SourceKey
      /** As the listing shows it; 0 where the source does not exist. */
      readonly sourceBytes: number
      readonly steps: readonly PlanStep[]
      readonly isIncluded: boolean
    }
  /** All bytes of an original have been read. */
  | {
      readonly kind: 'source-read'
      readonly source: SourceKey
      readonly sizeBytes: number
      readonly elapsedMs: number
    }
  /** All results of a source that could be made have been made; the time counts from when its work could begin. */
  | {
      readonly kind: 'source-rendered'
      readonly source: SourceKey
      readonly sizeBytes: number
      readonly megapixels: number
      readonly outputs: number
      readonly elapsedMs: number
      /** What decided where its crops are, if the configuration did not. */
      readonly cropsBy: readonly CropsBy[]
    }
  /** A result has been stored; `replaced` where other bytes stood there before. */
  | {
      readonly kind: 'result-stored'
      readonly source: SourceKey
      readonly key: VariantKey
      readonly format: Format
      readonly sizes: readonly string[]
      readonly sourceBytes: number
      readonly sizeBytes: number
      /** By how many bytes the file exceeds its transform's limit, where it could not be kept. */
      readonly overBytes?: number
      /** How the file was made, where that is unusual. */
      readonly made?: Pick<Rendered, 'reached' | 'way' | 'instead'>
      readonly replaced: boolean
    }
  | { readonly kind: 'result-copied'; readonly source: SourceKey; readonly key: VariantKey }
  | { readonly kind: 'result-touched'; readonly source: SourceKey; readonly key: VariantKey }
  | { readonly kind: 'result-dropped'; readonly source: SourceKey; readonly key: VariantKey }
  | { readonly kind: 'result-deleted'; readonly key: VariantKey }
  /** A result is now stored under a second name too, with the same bytes. */
  | { readonly kind: 'alias-stored'; readonly source: SourceKey; readonly name: string }
  | { readonly kind: 'alias-deleted'; readonly source: SourceKey; readonly name: string }
  /** A stored result that `verify` found wrong. */
  | { readonly kind: 'result-bad'; readonly key: VariantKey; readonly code: string; readonly message: string }
  | { readonly kind: 'result-checked'; readonly key: VariantKey }
  /** Results show the readable part of a damaged source; `message` says what is wrong with it. */
  | { readonly kind: 'source-damaged'; readonly source: SourceKey; readonly message: string }
  /** Results show a drawing without some of what browsers show of it; `undrawn` names that. */
  | { readonly kind: 'drawing-simplified'; readonly source: SourceKey; readonly undrawn: readonly string[] }
  /** Something about one source failed; everything else goes on. */
  | { readonly kind: 'source-failed'; readonly source: SourceKey; readonly problem: Problem }
  /**
   * The source does not exist or is excluded. `results`: how many of its results visitors asked for, or were left and
   * are deleted now.
   */
  | { readonly kind: 'source-gone'; readonly source: SourceKey; readonly results: number }
  /** A part of the ledger cannot be read now. The run goes on without it, and does not count as a success. */
  | { readonly kind: 'ledger-unread'; readonly problem: Problem }
  /** Nothing is lost, but somebody should know. */
  | { readonly kind: 'warning'; readonly problem: Problem }
  | PageEvent

/** What decides where a crop is: a focus of an override, faces that the file marks, or what stands out. */
export type CropsBy = 'override' | AttentionBy

/** Takes events; it returns at once. */
export type Tell = (event: AppEvent) => void
