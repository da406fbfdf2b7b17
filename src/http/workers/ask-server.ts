import type { Aliases } from '../../app/origin/aliases.ts'
import type { CurrentKeys } from '../../app/origin/current-keys.ts'
import type { Maker } from '../../app/origin/maker.ts'
import type { Outgoing } from '../../app/origin/outgoing.ts'
import { refuse } from '../../app/origin/refusal.ts'
import type { Keyring, VariantKey } from '../../url/keyring.ts'
import type { Health } from '../health.ts'
import {
  isRendered,
  type MadeReply,
  type Replies,
  type ToOwner,
  type ToWorker,
  type WorkerQuestion,
} from './messages.ts'

/** What only the process that owns the project can do. */
export interface OwnerSide {
  readonly keyring: Pick<Keyring, 'verify'>
  readonly maker: Pick<Maker, 'make'>
  readonly outgoing: Pick<Outgoing, 'hold'>
  readonly health: Health
  readonly currentKeys?: CurrentKeys
  readonly aliases?: Pick<Aliases, 'note'>
  noteUse(key: VariantKey): void
}

/** Answers the questions of one worker. `send` gives a message to the worker. */
export const createAskServer = (owner: OwnerSide, send: (message: ToWorker) => void) => {
  const asks = new Map<number, AbortController>()
  /** Bytes that were sent to it, until all visitors have received them. */
  const held = new Map<number, () => void>()
  let isOpen = true

  const answer = async (id: number, question: WorkerQuestion): Promise<void> => {
    const leave = new AbortController()
    asks.set(id, leave)
    try {
      const reply = await replyTo(question, owner, leave.signal)
      if (!isOpen) return
      if (isRendered(reply)) held.set(id, owner.outgoing.hold(reply.upload.bytes))
      send({ kind: 'reply', id, reply: isRendered(reply) ? toSent(reply) : reply })
    } catch (error) {
      if (!leave.signal.aborted) send({ kind: 'failed', id, message: String(error) })
    } finally {
      asks.delete(id)
    }
  }
  const release = (id: number): void => {
    held.get(id)?.()
    held.delete(id)
  }
  return {
    take: (message: Extract<ToOwner, { kind: 'ask' | 'leave' | 'release' }>): void => {
      const { id } = message
      if (message.kind === 'ask') void answer(id, message.question)
      else if (message.kind === 'leave') asks.get(id)?.abort(LEFT)
      else release(id)
    },
    /** The worker is gone. What it asked for is made and stored all the same. */
    close: (): void => {
      isOpen = false
      for (const id of [...held.keys()]) release(id)
    },
  }
}

/** Made once: an abort without a reason creates an exception with a stack each time. */
const LEFT = new Error('Nobody waits for this any more.')

const replyTo = async (
  question: WorkerQuestion,
  { keyring, maker, health, currentKeys }: OwnerSide,
  signal: AbortSignal,
): Promise<Replies[WorkerQuestion['kind']]> => {
  if (question.kind === 'is-ready') return health.isReady()
  const verified = keyring.verify(question.key)
  if (verified === undefined) return refuse('signature-wrong')
  if (question.kind === 'make') return maker.make({ ...verified, isForeign: question.isForeign }, signal)
  return currentKeys?.find(verified.variant, signal) ?? refuse('not-a-key')
}

/** Only the part of an upload that a worker needs. */
const toSent = ({ upload: { bytes, md5, renderedAt }, ...rest }: MadeReply): MadeReply => ({
  ...rest,
  upload: { bytes, md5, renderedAt },
})
