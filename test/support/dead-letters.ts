import type { Queue } from '../../src/queue/port.ts'

/** The same queue, with dead letters: a message that was received so often goes there when it would be received again. */
export const withDeadLetters = <Q extends Queue>(queue: Q, deadLetters: Queue, mostReceives: number): Q => ({
  ...queue,
  facts: async () => ({ ...(await queue.facts()), mostReceives }),
  openDeadLetters: async () => deadLetters,
  receive: async (options) => {
    for (;;) {
      const messages = await queue.receive(options)
      const poisoned = messages.filter(({ receives }) => receives > mostReceives)
      await deadLetters.send(poisoned.map(({ body }) => body))
      await queue.delete(poisoned)
      const others = messages.filter(({ receives }) => receives <= mostReceives)
      if (others.length > 0 || poisoned.length === 0) return others
    }
  },
})
