/**
 * The port of a queue of messages that many workers share: SQS and memory, one file each, one contract suite
 * (`test/queue/contract.ts`). A message is delivered at least once, in no order. A received message is hidden from
 * others for a while, and comes again unless it is deleted before that.
 *
 * Problems: `queue-missing`, `queue-denied` (naming the permission), `queue-credentials`, `queue-region`,
 * `queue-refused`; and ones that pass: `queue-unavailable`, `queue-timeout`.
 */

/** A message that was received. */
export interface QueueMessage {
  readonly id: string
  /** Belongs to this delivery: when the message is received again, it has another receipt. */
  readonly receipt: string
  readonly body: string
  /** How often it was received, including this time; approximate. */
  readonly receives: number
  /** When it was sent, by the queue's clock: milliseconds since 1970. */
  readonly sentAt: number
}

/** How a queue is set up. */
export interface QueueFacts {
  /** How long a received message is hidden, unless `hold` says otherwise. */
  readonly visibilityMs: number
  /** After so many deliveries it goes to the dead letters. Undefined: it comes for ever. */
  readonly mostReceives?: number
}

/** How many messages there are, approximately. */
export interface QueueDepth {
  readonly waiting: number
  /** Received by somebody and not deleted yet. */
  readonly inHand: number
}

/** What a worker, or a sender, needs permission for. */
export type QueueAction = 'receive' | 'hold' | 'delete' | 'send' | 'look'

/** A queue as workers and senders use it; see the top of this file for Problems. */
export interface Queue {
  /** The queue for messages, without credentials. */
  readonly place: string
  facts(): Promise<QueueFacts>
  depth(): Promise<QueueDepth>
  /** The queue of messages that nobody could process; undefined where there is none. The caller closes it. */
  openDeadLetters(): Promise<Queue | undefined>
  /**
   * Up to `most` messages, at most ten; none if none came for `waitMs`. Hidden for `hiddenMs`, or as the queue says.
   * Once `signal` aborts, the wait ends soon: it rejects, or still gives what came. No message gets lost in between.
   */
  receive(options: {
    readonly most: number
    readonly waitMs: number
    readonly hiddenMs?: number
    readonly signal?: AbortSignal | undefined
  }): Promise<readonly QueueMessage[]>
  /** Hides received messages for so long from now. It is no error if some are not held any more. */
  hold(messages: readonly QueueMessage[], ms: number): Promise<void>
  /** Gives received messages back, to be received again after so long; 0: at once. */
  giveBack(messages: readonly QueueMessage[], afterMs: number): Promise<void>
  /** Deletes received messages; it is no error if some are gone already. */
  delete(messages: readonly QueueMessage[]): Promise<void>
  /** Sends each text, of up to {@link MOST_BODY_BYTES}, as one message. */
  send(bodies: readonly string[]): Promise<void>
  /** Fails with a Problem where this is not permitted; changes nothing. */
  probe(action: QueueAction): Promise<void>
  close(): Promise<void>
}

/** The largest message that every queue accepts. */
export const MOST_BODY_BYTES = 250_000
