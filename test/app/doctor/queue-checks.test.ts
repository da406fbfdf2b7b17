import { expect, it } from 'vitest'
import { checkQueue } from '../../../src/app/doctor/queue-checks.ts'
import { Problem } from '../../../src/core/problem.ts'
import { openMemoryQueue } from '../../../src/queue/memory-queue.ts'
import type { Queue, QueueFacts } from '../../../src/queue/port.ts'
import { systemClock } from '../../../src/waiting/system-clock.ts'
import { withDeadLetters } from '../../support/dead-letters.ts'
import { collect } from '../../support/streams.ts'

interface Facts extends Partial<QueueFacts> {
  readonly deadLetters?: Queue
}

const look = async (
  { visibilityMs = 30_000, mostReceives = 5, deadLetters }: Facts,
  changes: Partial<Queue> = {},
) => {
  const plain = openMemoryQueue(systemClock, visibilityMs)
  const queue = { ...(deadLetters ? withDeadLetters(plain, deadLetters, mostReceives) : plain), ...changes }
  const checks = await collect(checkQueue(queue, { renderTimeoutMs: 30_000 }))
  return Object.fromEntries(checks.map(({ name, status }) => [name.split(' (')[0], status]))
}

const GOOD = { look: 'ok', receive: 'ok', hold: 'ok', delete: 'ok', send: 'ok' }

it('names each permission, what becomes of poison, and whether there is time to render', async () => {
  const deadLetters = openMemoryQueue(systemClock, 30_000)
  const good = { visibilityMs: 60_000, mostReceives: 5, deadLetters }
  expect(await look(good)).toEqual({ ...GOOD, 'dead letters': 'ok', visibility: 'ok' })
  expect(await look({ ...good, visibilityMs: 10_000 })).toMatchObject({ visibility: 'warning' })
  expect(await look({ ...good, mostReceives: 1 })).toMatchObject({ 'dead letters': 'warning' })
  expect(await look({ visibilityMs: 60_000 })).toMatchObject({ 'dead letters': 'warning' })
  await deadLetters.send(['poison'])
  expect(await look(good)).toMatchObject({ 'dead letters': 'warning' })
})

it('goes on where one thing is refused', async () => {
  const deny = async (action: string): Promise<void> => {
    if (action === 'delete' || action === 'look') throw new Problem('queue-denied', 'It may not.')
  }
  expect(await look({}, { probe: deny })).toEqual({ ...GOOD, look: 'failed', delete: 'failed' })
})
