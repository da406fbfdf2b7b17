import type { Clock } from '../waiting/clock.ts'
import { onAbort } from '../waiting/signals.ts'
import type { Queue, QueueMessage } from './port.ts'

interface Held {
  readonly id: string
  readonly body: string
  readonly sentAt: number
  visibleAt: number
  receives: number
  receipt: string
  /** Called when the message is done (true) or given back (false). */
  readonly answer: ((isDone: boolean) => void) | undefined
}

/** A queue in memory, whose senders may wait until a message is done. */
export interface MemoryQueue extends Queue {
  /** True once the message was deleted; false where it was given back: then its sender must send it again. */
  submit(body: string): Promise<boolean>
  /** From now on `submit` gives false, also for messages that wait: nobody will receive them. */
  refuse(): void
}

/** A queue in the memory of this process that behaves as SQS does, but has no dead letters. */
export const openMemoryQueue = (
  clock: Pick<Clock, 'now' | 'date' | 'wait'>,
  visibilityMs: number,
): MemoryQueue => {
  const { now, date } = clock
  const messages = new Map<string, Held>()
  /** Ends the waits that have begun. */
  let alarm = new AbortController()
  let last = 0
  let isRefusing = false
  const rouse = (): void => {
    alarm.abort()
    alarm = new AbortController()
  }
  /** The messages whose receipt is still valid. */
  const inHand = (given: readonly QueueMessage[]): readonly Held[] =>
    given.flatMap(({ id, receipt }) => {
      const held = messages.get(id)
      return held?.receipt === receipt ? [held] : []
    })
  const add = (body: string, answer?: Held['answer']): void => {
    const id = String(++last)
    messages.set(id, { id, body, sentAt: date(), visibleAt: now(), receives: 0, receipt: '', answer })
  }
  const hide = (held: readonly Held[], ms: number): void => {
    for (const each of held) each.visibleAt = now() + ms
    rouse()
  }
  const take = (most: number, hiddenMs: number): readonly QueueMessage[] => {
    const taken: QueueMessage[] = []
    for (const held of messages.values()) {
      if (taken.length >= most) break
      if (held.visibleAt > now()) continue
      held.receives++
      held.receipt = `${held.id}-${held.receives}`
      held.visibleAt = now() + hiddenMs
      const { id, receipt, body, receives, sentAt } = held
      taken.push({ id, receipt, body, receives, sentAt })
    }
    return taken
  }
  /** Waits until a message may be there, or the time is over. */
  const waitOnce = async (until: number, signal: AbortSignal | undefined): Promise<void> => {
    const next = Math.min(until, ...[...messages.values()].map(({ visibleAt }) => visibleAt))
    const { signal: woken } = alarm
    const stopListening = onAbort(signal, rouse)
    await clock.wait(Math.max(1, next - now()), woken).catch(() => {})
    stopListening()
  }

  return {
    place: 'memory',
    facts: async () => ({ visibilityMs }),
    depth: async () => {
      const waiting = [...messages.values()].filter(({ visibleAt }) => visibleAt <= now()).length
      return { waiting, inHand: messages.size - waiting }
    },
    openDeadLetters: async () => undefined,
    receive: async ({ most, waitMs, hiddenMs = visibilityMs, signal }) => {
      const until = now() + waitMs
      for (;;) {
        signal?.throwIfAborted()
        const taken = take(Math.min(most, 10), hiddenMs)
        if (taken.length > 0 || now() >= until) return taken
        await waitOnce(until, signal)
      }
    },
    hold: async (given, ms) => hide(inHand(given), ms),
    giveBack: async (given, afterMs) => {
      const held = inHand(given)
      hide(held, afterMs)
      for (const { id, answer } of held) {
        if (answer !== undefined) messages.delete(id)
        answer?.(false)
      }
    },
    delete: async (given) => {
      for (const { id, answer } of inHand(given)) {
        messages.delete(id)
        answer?.(true)
      }
    },
    send: async (bodies) => {
      for (const body of bodies) add(body)
      rouse()
    },
    submit: (body) =>
      new Promise((answer) => {
        if (isRefusing) return answer(false)
        add(body, answer)
        rouse()
      }),
    refuse: () => {
      isRefusing = true
      for (const { id, visibleAt, answer } of messages.values()) {
        if (answer === undefined || visibleAt > now()) continue
        messages.delete(id)
        answer(false)
      }
    },
    probe: async () => {},
    close: async () => {},
  }
}
