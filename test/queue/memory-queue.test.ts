import { expect, it } from 'vitest'
import { openMemoryQueue } from '../../src/queue/memory-queue.ts'
import { systemClock } from '../../src/waiting/system-clock.ts'
import { withDeadLetters } from '../support/dead-letters.ts'
import { queueContract } from './contract.ts'

queueContract('a queue in memory', {
  open: async ({ mostReceives }) => {
    const queue = openMemoryQueue(systemClock, 2_000)
    if (mostReceives === undefined) return queue
    return withDeadLetters(queue, openMemoryQueue(systemClock, 2_000), mostReceives)
  },
})

it('gives back to their senders the messages that nobody has in hand, once it refuses', async () => {
  const queue = openMemoryQueue(systemClock, 30_000)
  const inHand = queue.submit('first')
  const messages = await queue.receive({ most: 1, waitMs: 0 })
  const given = queue.submit('given back')
  await queue.giveBack(await queue.receive({ most: 1, waitMs: 0 }), 0)
  expect(await given).toBe(false)
  const waiting = queue.submit('second')
  queue.refuse()
  expect(await waiting).toBe(false)
  expect(await queue.submit('third')).toBe(false)
  await queue.delete(messages)
  expect(await inHand).toBe(true)
  expect(await queue.depth()).toEqual({ waiting: 0, inHand: 0 })
})
