import type { Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'

/** What happened to a source that was named. */
export type SourceEnd =
  /** Results were made, copied or touched. */
  | 'made'
  /** Everything existed already. */
  | 'fresh'
  /** It is gone, and its results were deleted. */
  | 'purged'
  /** It seems gone, but its results are left to `prune`, because too many are gone to believe it. */
  | 'kept'
  /** Nothing can be made of it as it is; this is recorded. */
  | 'failing'

/** What a worker tells in addition to the events of building each source, for logs and metrics. */
export type WatchEvent =
  | { readonly kind: 'messages-received'; readonly messages: number }
  /** A message that contains nothing for this worker, and is deleted; a person may have to act on it. */
  | { readonly kind: 'message-ignored'; readonly reason: string; readonly needsAction?: true }
  /** Messages name a bucket without any source; told once for each bucket. */
  | { readonly kind: 'bucket-unknown'; readonly bucket: string }
  /** A source is up to date; `elapsedMs` since the event, where known. */
  | {
      readonly kind: 'source-settled'
      readonly source: SourceKey
      readonly end: SourceEnd
      readonly elapsedMs: number
      readonly problem?: Problem | undefined
    }
  /** A message goes back to its queue, to be tried again. */
  | {
      readonly kind: 'message-returned'
      readonly sources: readonly string[]
      readonly problem: Problem
      readonly againInMs: number
    }
  /** The same for the last time: the queue will put it aside. */
  | { readonly kind: 'message-poisoned'; readonly sources: readonly string[]; readonly problem: Problem }
  /** So many messages are done: their results are stored and recorded. */
  | { readonly kind: 'messages-deleted'; readonly messages: number }
  | { readonly kind: 'queue-failed'; readonly problem: Problem }
  | { readonly kind: 'record-failed'; readonly problem: Problem }
  /**
   * Nothing can be stored: all messages are given back. Work begins again when the store is back; if a look at it does
   * not show what is wrong, after `againInMs`.
   */
  | { readonly kind: 'store-lost'; readonly problem: Problem; readonly againInMs: number }
  | { readonly kind: 'bug'; readonly error: unknown }

/** Takes events; it returns at once. */
export type TellWatch = (event: WatchEvent) => void
