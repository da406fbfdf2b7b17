import type { Format } from '../../core/format.ts'
import type { Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { VariantKey } from '../../url/keyring.ts'

/** What the origin has to tell besides its answers: for logs and metrics. Times in milliseconds. */
export type AnswerEvent =
  /** The store has been asked for a key. */
  | { readonly kind: 'looked-up'; readonly found: boolean; readonly elapsedMs: number }
  | { readonly kind: 'lookup-failed'; readonly key: VariantKey; readonly problem: Problem }
  /** An original has been read whole. */
  | {
      readonly kind: 'fetched'
      readonly source: SourceKey
      readonly sizeBytes: number
      readonly elapsedMs: number
    }
  | { readonly kind: 'fetch-failed'; readonly source: SourceKey; readonly problem: Problem }
  /** A request has waited for a worker, and got one. */
  | { readonly kind: 'waited'; readonly elapsedMs: number }
  | {
      readonly kind: 'rendered'
      readonly key: VariantKey
      readonly format: Format
      /** For a visitor who waits, or ahead for the next one. */
      readonly purpose: 'answer' | 'sibling'
      readonly sizeBytes: number
      readonly elapsedMs: number
      /** What is wrong with the source, where what there is of it is shown. */
      readonly damage?: string
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
  /** Not stored yet, under its key or an alias; tried again. */
  | { readonly kind: 'store-retried'; readonly key: string; readonly problem: Problem }
  /** Given up: the next visitor has it rendered, or stored under its alias, again. */
  | { readonly kind: 'store-failed'; readonly key: string; readonly problem: Problem }
  /** The ledger could not be written; what it would say is kept and tried again. */
  | { readonly kind: 'record-failed'; readonly problem: Problem }
  /** Results deleted from a folder that only `serve` fills, the longest unused first. */
  | { readonly kind: 'evicted'; readonly results: number; readonly sizeBytes: number }
  /** The store did not answer when asked whether it is there. */
  | { readonly kind: 'probe-failed'; readonly error: unknown }
  /** A bug in work that nobody waits for. */
  | { readonly kind: 'bug'; readonly error: unknown }

/** Where these go; it returns at once. */
export type TellAnswer = (event: AnswerEvent) => void
