/** How one request ended, in one word; the hit ratio is computed from these. */
export type Outcome =
  /** The picture was in the store, or was being stored; `revalidated` where the visitor had it already. */
  | 'hit'
  | 'revalidated'
  /** Rendered for this request. */
  | 'miss'
  /** Rendered for another request at the same time. */
  | 'shared'
  | 'moved'
  | 'refused'
  /** The visitor went away first. */
  | 'gone'
  | 'health'
  | 'options'
  | 'bug'

/** What is reported of every request when its answer is known. */
export interface RequestReport {
  readonly outcome: Outcome
  readonly status: number
  readonly code?: string | undefined
  /** Bytes of the body to send; 0 where the client went before it had all of them. */
  readonly sizeBytes: number
  readonly elapsedMs: number
  readonly error?: unknown
}
