/**
 * The port of a queue of messages that many workers share: SQS and memory, one file each, one contract suite
 * (`test/queue/contract.ts`). Delivery is at least once and in no order. A message that was received is hidden from
 * others for a while, and comes again unless it is deleted before.
 *
 * Problems: `queue-missing`, `queue-denied` (naming the permission), `queue-credentials`, `queue-region`,
 * `queue-refused`, and what passes: `queue-unavailable`, `queue-timeout`.
 */

/** A message in hand. */
export interface QueueMessage {
  readonly id: string
  /** Of this receipt: when the message is received again, it has another. */
  readonly receipt: string
  readonly body: string
  /** How often it was received, this time included; about right. */
  readonly receives: number
  /** When it was sent, by the queue's clock: milliseconds since 1970. */
  readonly sentAt: number
}

/** How a queue is set up. */
export interface QueueFacts {
  /** For so long a received message is hidden, unless `hold` says otherwise. */
  readonly visibilityMs: number
  /** Received so often, and once more, it goes to the dead letters. Absent: it comes for ever. */
  readonly mostReceives?: number
}

/** How many messages there are, about. */
export interface QueueDepth {
  readonly waiting: number
  /** Received by somebody, and not deleted yet. */
  readonly inHand: number
}

/** What a worker, or whoever sends, must be allowed to do. */
export type QueueAction = 'receive' | 'hold' | 'delete' | 'send' | 'look'

export interface Queue {
  /** The queue in words for messages: no credentials in it. */
  readonly place: string
  facts(): Promise<QueueFacts>
  depth(): Promise<QueueDepth>
  /** Where messages go that nobody could deal with; undefined where there is no such queue. The caller closes it. */
  openDeadLetters(): Promise<Queue | undefined>
  /** Up to `most` messages, at most ten; none where there are none for `waitMs`. Hidden as the queue has it, or `hiddenMs`. */
  receive(options: {
    readonly most: number
    readonly waitMs: number
    readonly hiddenMs?: number
    readonly signal?: AbortSignal
  }): Promise<readonly QueueMessage[]>
  /** Hides messages in hand for so long from now. Which are not in hand any more is no error. */
  hold(messages: readonly QueueMessage[], ms: number): Promise<void>
  /** Gives messages in hand back, to be received again after so long; 0: at once. */
  giveBack(messages: readonly QueueMessage[], afterMs: number): Promise<void>
  /** Deletes messages in hand; which are gone already is no error. */
  delete(messages: readonly QueueMessage[]): Promise<void>
  /** Sends texts of up to {@link MOST_BODY_BYTES} each, as a message each. */
  send(bodies: readonly string[]): Promise<void>
  /** Fails with a Problem where this is not allowed; changes nothing. */
  probe(action: QueueAction): Promise<void>
  close(): Promise<void>
}

/** What every queue takes for one message. */
export const MOST_BODY_BYTES = 250_000
