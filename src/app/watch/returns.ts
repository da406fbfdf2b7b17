import { asProblem, type Problem } from '../../core/problem.ts'
import type { Queue, QueueFacts } from '../../queue/port.ts'
import type { TellWatch } from './event.ts'
import type { HeldMessage } from './source-tasks.ts'

/** Gives messages back to their queue. */
export type Returns = ReturnType<typeof createReturns>

const FIRST_RETURN_MS = 10_000
const LONGEST_RETURN_MS = 15 * 60_000

/** `onReturned` is called with messages that were given back. */
export const createReturns = ({
  queue,
  facts: { mostReceives },
  tell,
  onReturned,
}: {
  readonly queue: Pick<Queue, 'giveBack'>
  readonly facts: QueueFacts
  readonly tell: TellWatch
  readonly onReturned: (messages: readonly HeldMessage[]) => void
}) => {
  const giveBack = async (messages: readonly HeldMessage[], ms: number): Promise<void> => {
    if (messages.length === 0) return
    const returned = messages.map(({ message }) => message)
    onReturned(messages)
    try {
      await queue.giveBack(returned, ms)
    } catch (error) {
      tell({ kind: 'queue-failed', problem: asProblem(error) }) // they come again later by themselves
    }
  }
  return {
    /** For messages that did not fail: they can be received again at once. */
    giveBack: (messages: readonly HeldMessage[]): Promise<void> => giveBack(messages, 0),
    /** For a message that failed: after a while, each time twice as long, and at last the queue puts it aside. */
    refuse: async (held: HeldMessage, problem: Problem): Promise<void> => {
      const { sources } = held
      const { receives } = held.message
      const isLast = mostReceives !== undefined && receives >= mostReceives
      const againInMs = isLast ? 0 : Math.min(FIRST_RETURN_MS * 2 ** (receives - 1), LONGEST_RETURN_MS)
      if (isLast) tell({ kind: 'message-poisoned', sources, problem })
      else tell({ kind: 'message-returned', sources, problem, againInMs })
      await giveBack([held], againInMs)
    },
  }
}
