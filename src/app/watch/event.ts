import type { Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'

/** What became of a source that was named. */
export type SourceEnd =
  /** Results were made, copied or touched. */
  | 'made'
  /** Everything stood already. */
  | 'fresh'
  /** It is gone, and so are its results. */
  | 'purged'
  /** It is gone, and its results are left to `prune`: so many are gone that it is not believed. */
  | 'kept'
  /** Nothing can be made of it as it is, which is recorded. */
  | 'failing'

/** What a worker has to tell besides what the building of each source tells: for logs and metrics. */
export type WatchEvent =
  | { readonly kind: 'messages-received'; readonly messages: number }
  /** A message that has nothing for this worker, and is deleted. */
  | { readonly kind: 'message-ignored'; readonly reason: string }
  /** Messages are of a bucket in which no source lies; told once of each. */
  | { readonly kind: 'bucket-unknown'; readonly bucket: string }
  /** A source is as it should be; `elapsedMs` since it was told of, where that is known. */
  | {
      readonly kind: 'source-settled'
      readonly source: SourceKey
      readonly end: SourceEnd
      readonly elapsedMs: number
      readonly problem?: Problem
    }
  /** A message goes back to its queue, to be tried again. */
  | {
      readonly kind: 'message-returned'
      readonly sources: readonly string[]
      readonly problem: Problem
      readonly againInMs: number
    }
  /** The same, for the last time: its queue puts it aside. */
  | { readonly kind: 'message-poisoned'; readonly sources: readonly string[]; readonly problem: Problem }
  /** So many messages are done with: what they were about is stored and recorded. */
  | { readonly kind: 'messages-deleted'; readonly messages: number }
  | { readonly kind: 'queue-failed'; readonly problem: Problem }
  | { readonly kind: 'record-failed'; readonly problem: Problem }
  /** Nothing can be stored: everything is given back, and tried again after a while. */
  | { readonly kind: 'store-lost'; readonly problem: Problem; readonly againInMs: number }
  | { readonly kind: 'bug'; readonly error: unknown }

export type TellWatch = (event: WatchEvent) => void
