import type { Outgoing } from '../../app/origin/outgoing.ts'
import { orAborted } from '../../waiting/signals.ts'
import { isRendered, type Replies, type ToOwner, type ToWorker, type WorkerQuestion } from './messages.ts'

/** A worker's connection to the owner. */
export interface OwnerLink extends Pick<Outgoing, 'hold'> {
  /** Rejects with the signal's reason where that aborts first; the owner is told that nobody waits any more. */
  ask<Q extends WorkerQuestion>(question: Q, signal?: AbortSignal): Promise<Replies[Q['kind']]>
  /** To be called when an answer has arrived. */
  take(message: Extract<ToWorker, { kind: 'reply' | 'failed' }>): void
}

interface Pending {
  resolve(reply: Replies[WorkerQuestion['kind']]): void
  reject(error: Error): void
}

/** `send` gives a message to the owner; `onPicture` is told of the size of each picture that comes from there. */
export const createOwnerLink = (
  send: (message: ToOwner) => void,
  onPicture: (sizeBytes: number) => void = () => {},
): OwnerLink => {
  const pending = new Map<number, Pending>()
  /** Bytes of the owner's answers, until all visitors have received them. */
  const held = new Map<Uint8Array, { readonly id: number; count: number }>()
  let lastId = 0

  const hold = (bytes: Uint8Array): (() => void) => {
    const entry = held.get(bytes)
    if (entry === undefined) return () => {}
    entry.count++
    return () => {
      if (--entry.count > 0) return
      held.delete(bytes)
      send({ kind: 'release', id: entry.id })
    }
  }
  /** Holds them until those who wait have taken them, which happens in this turn of the event loop. */
  const holdForNow = (id: number, reply: Replies[WorkerQuestion['kind']]): void => {
    if (!isRendered(reply)) return
    onPicture(reply.upload.bytes.length)
    held.set(reply.upload.bytes, { id, count: 0 })
    setImmediate(hold(reply.upload.bytes))
  }
  return {
    hold,
    ask: async <Q extends WorkerQuestion>(question: Q, signal?: AbortSignal) => {
      const id = ++lastId
      const reply = new Promise<Replies[WorkerQuestion['kind']]>((resolve, reject) => {
        pending.set(id, { resolve, reject })
      })
      send({ kind: 'ask', id, question })
      try {
        return (await orAborted(reply, signal)) as Replies[Q['kind']]
      } catch (error) {
        if (pending.delete(id)) send({ kind: 'leave', id })
        throw error
      }
    },
    take: (message) => {
      const { id } = message
      const asker = pending.get(id)
      pending.delete(id)
      if (message.kind === 'failed') return asker?.reject(new Error(message.message))
      holdForNow(id, message.reply)
      asker?.resolve(message.reply)
    },
  }
}
