import { expect, it } from 'vitest'
import { openMemoryQueue } from '../../src/queue/memory-queue.ts'
import { queueContract } from './contract.ts'

queueContract('a queue in memory', {
  open: async ({ mostReceives }) =>
    openMemoryQueue({
      visibilityMs: 2_000,
      ...(mostReceives !== undefined && { mostReceives, deadLetters: openMemoryQueue() }),
    }),
})

it('gives back to their senders the messages that nobody has in hand, once it refuses', async () => {
  const queue = openMemoryQueue()
  const inHand = queue.submit('first')
  const messages = await queue.receive({ most: 1, waitMs: 0 })
  const waiting = queue.submit('second')
  queue.refuse()
  expect(await waiting).toBe(false)
  expect(await queue.submit('third')).toBe(false)
  await queue.delete(messages)
  expect(await inHand).toBe(true)
  expect(await queue.depth()).toEqual({ waiting: 0, inHand: 0 })
})
