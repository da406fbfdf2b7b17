import type { MadeOutcome } from '../../app/origin/maker.ts'
import type { Refused } from '../../app/origin/refusal.ts'
import type { Config } from '../../config/config.ts'
import type { VariantKey } from '../../url/keyring.ts'
import type { Placeholder } from '../problems.ts'
import type { TellingRules, Told } from './told.ts'

/**
 * What the process that owns the project (it renders, stores, records, counts) and those that answer say to each
 * other. Keys that a worker names have been verified by it: nothing unsigned comes this far.
 */

/** Everything that a worker needs to know. */
export interface WorkerOptions {
  readonly config: Config
  readonly port: number
  readonly host: string
  /** "/" at both ends. */
  readonly mount: string
  readonly placeholder?: Placeholder
  /** Of small results that it keeps in memory. */
  readonly hotBytes: number
  /** What of its requests and events somebody wants to hear of. */
  readonly wants: TellingRules
}

/** A question to the owner, answered by the same id. */
export type Question =
  | { readonly kind: 'make'; readonly key: VariantKey; readonly isForeign: boolean }
  /** The key of a variant of its original as it is now. */
  | { readonly kind: 'find-current'; readonly key: VariantKey }
  | { readonly kind: 'is-ready' }

/** Answers by the kind of their question. */
export interface Replies {
  readonly make: MadeOutcome
  readonly 'find-current': VariantKey | Refused
  readonly 'is-ready': boolean
}

export type ToOwner =
  /** It hears from now on: what came before would be lost. */
  | { readonly kind: 'loaded' }
  | { readonly kind: 'listening' }
  | { readonly kind: 'cannot-listen'; readonly message: string; readonly hint: string }
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question }
  /** Nobody waits for the answer to a question any more. */
  | { readonly kind: 'leave'; readonly id: number }
  /** The bytes of an answer are sent. */
  | { readonly kind: 'release'; readonly id: number }
  | { readonly kind: 'tell'; readonly told: readonly Told[] }
  /** All that was asked is answered, or not in time. */
  | { readonly kind: 'closed'; readonly isAnswered: boolean }

export type ToWorker =
  | { readonly kind: 'start'; readonly options: WorkerOptions }
  | { readonly kind: 'reply'; readonly id: number; readonly reply: Replies[Question['kind']] }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string }
  /** Answers what was asked, takes nothing new, and says `closed`. */
  | { readonly kind: 'close' }
  /** What is not answered by now never is. */
  | { readonly kind: 'cut' }
