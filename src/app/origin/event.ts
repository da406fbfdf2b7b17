import type { Format } from '../../core/format.ts'
import type { Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { VariantKey } from '../../url/keyring.ts'

/** What the origin tells in addition to its answers, for logs and metrics. Times in milliseconds. */
export type AnswerEvent =
  /** The store has been asked for a key. */
  | { readonly kind: 'looked-up'; readonly found: boolean; readonly elapsedMs: number }
  | { readonly kind: 'lookup-failed'; readonly key: VariantKey; readonly problem: Problem }
  /** All bytes of an original have been read. */
  | {
      readonly kind: 'fetched'
      readonly source: SourceKey
      readonly sizeBytes: number
      readonly elapsedMs: number
    }
  | { readonly kind: 'fetch-failed'; readonly source: SourceKey; readonly problem: Problem }
  /** A request has waited for a worker and has got one. */
  | { readonly kind: 'waited'; readonly elapsedMs: number }
  | {
      readonly kind: 'rendered'
      readonly key: VariantKey
      readonly format: Format
      /** Whether a visitor waits for it, or it is made ahead for later visitors. */
      readonly purpose: 'answer' | 'sibling'
      readonly sizeBytes: number
      readonly elapsedMs: number
      /** What is wrong with the source, where its readable part is shown. */
      readonly damage?: string
      /** What its pixels lack of a drawing that browsers show. */
      readonly undrawn?: readonly string[]
    }
  | { readonly kind: 'render-failed'; readonly key: VariantKey; readonly problem: Problem }
  /** A result has been stored under a second name. */
  | { readonly kind: 'alias-stored'; readonly name: string; readonly elapsedMs: number }
  | {
      readonly kind: 'stored'
      readonly key: VariantKey
      readonly sizeBytes: number
      readonly elapsedMs: number
    }
  /** Not stored yet, under its key or an alias; will be tried again. */
  | { readonly kind: 'store-retried'; readonly key: string; readonly problem: Problem }
  /** Storing was given up. The next visitor has it rendered, or stored under its alias, again. */
  | { readonly kind: 'store-failed'; readonly key: string; readonly problem: Problem }
  /** The ledger could not be written. The records are kept, and the write is tried again. */
  | { readonly kind: 'record-failed'; readonly problem: Problem }
  /** Results were deleted from a folder that only `serve` fills; those unused for longest go first. */
  | { readonly kind: 'evicted'; readonly results: number; readonly sizeBytes: number }
  /** The store did not answer when `/health` asked whether it can be reached. */
  | { readonly kind: 'probe-failed'; readonly error: unknown }
  /** A bug in work that no request waits for. */
  | { readonly kind: 'bug'; readonly error: unknown }

/** Takes events; it returns at once. */
export type TellAnswer = (event: AnswerEvent) => void
