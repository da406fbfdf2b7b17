import type { MadeOutcome } from '../../app/origin/maker.ts'
import type { Refused } from '../../app/origin/refusal.ts'
import type { Config } from '../../config/config.ts'
import type { ClaimedKey, VariantKey } from '../../url/keyring.ts'
import type { PlaceholderPicture } from '../problems.ts'
import type { Notification, NotificationRules } from './notifications.ts'

/**
 * The messages between the process that owns the project (it renders, stores, records, counts) and the workers that
 * answer. A worker verifies a key before it names it here: nothing unsigned comes this far.
 */

/** Everything that a worker needs to know. */
export interface WorkerOptions {
  readonly config: Config
  readonly port: number
  readonly host: string
  /** With "/" at both ends. */
  readonly mount: string
  readonly placeholder?: PlaceholderPicture | undefined
  /** Memory for small results, in bytes. */
  readonly hotBytes: number
  /** Which of its requests and events the owner wants to know of. */
  readonly wants: NotificationRules
}

/** A question to the owner; the answer has the same id. */
export type WorkerQuestion =
  | { readonly kind: 'make'; readonly key: VariantKey; readonly isForeign: boolean }
  | { readonly kind: 'find-current'; readonly key: VariantKey }
  | { readonly kind: 'is-ready' }

/** The answers, by the kind of their question. */
export interface Replies {
  readonly make: MadeOutcome
  readonly 'find-current': ClaimedKey | Refused
  readonly 'is-ready': boolean
}

/** A picture that was made for a worker. */
export type MadeReply = Extract<MadeOutcome, { kind: 'rendered' }>

/** Whether an answer holds a picture. */
export const isRendered = (reply: Replies[WorkerQuestion['kind']]): reply is MadeReply =>
  typeof reply === 'object' && 'kind' in reply && reply.kind === 'rendered'

/** What a worker says. */
export type ToOwner =
  /** It listens to messages from now on; earlier ones would be lost. */
  | { readonly kind: 'loaded' }
  | { readonly kind: 'listening' }
  | { readonly kind: 'cannot-listen'; readonly message: string; readonly hint: string }
  | { readonly kind: 'ask'; readonly id: number; readonly question: WorkerQuestion }
  /** Nobody waits for the answer to this question any more. */
  | { readonly kind: 'leave'; readonly id: number }
  /** The bytes of an answer have been sent. */
  | { readonly kind: 'release'; readonly id: number }
  | { readonly kind: 'notify'; readonly notifications: readonly Notification[] }
  /** All requests are answered, or some not in time. */
  | { readonly kind: 'closed'; readonly isAnswered: boolean }

/** What the owner says. */
export type ToWorker =
  | { readonly kind: 'start'; readonly options: WorkerOptions }
  | { readonly kind: 'reply'; readonly id: number; readonly reply: Replies[WorkerQuestion['kind']] }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string }
  /** Answer what was asked, accept nothing new, and say `closed`. */
  | { readonly kind: 'close' }
  /** End at once: requests that are not answered by now never will be. */
  | { readonly kind: 'cut' }
