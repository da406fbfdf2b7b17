/** How one request ended, in one word: what the hit ratio is made of. */
export type Outcome =
  /** Out of the store, or on its way there; `revalidated` where the visitor had it already. */
  | 'hit'
  | 'revalidated'
  /** Rendered for this request. */
  | 'miss'
  /** Rendered for another one at the same time. */
  | 'shared'
  | 'moved'
  | 'refused'
  /** The visitor went away first. */
  | 'gone'
  | 'health'
  | 'options'
  | 'bug'

/** What is told of every request, when its answer is known. */
export interface RequestReport {
  readonly outcome: Outcome
  readonly status: number
  /** Of a refusal. */
  readonly code?: string
  /** Of the body that is to be sent; 0 where its client went before it had all of it. */
  readonly sizeBytes: number
  readonly elapsedMs: number
  readonly error?: unknown
}
