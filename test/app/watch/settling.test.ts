import { expect, it } from 'vitest'
import { createSettling } from '../../../src/app/watch/settling.ts'
import { Problem } from '../../../src/core/problem.ts'
import { createLatch } from '../../support/latch.ts'
import { createManualClock } from '../../support/manual-clock.ts'

const LONGEST_WAIT_MS = 6_000

const setUp = (
  record: () => Promise<void> = async () => {},
  remove: () => Promise<void> = async () => {},
) => {
  const clock = createManualClock()
  const told: string[] = []
  let deleted = 0
  const settling = createSettling({
    queue: { delete: remove },
    record,
    longestWaitMs: LONGEST_WAIT_MS,
    clock,
    tell: ({ kind }) => void told.push(kind),
    onDeleted: (messages) => {
      deleted += messages.length
    },
  })
  const add = () =>
    settling.add([{ message: { id: '', body: '', receipt: '', receives: 1, sentAt: 0 }, sources: [] }])
  /** How long a message that comes now waits, in steps of half a second. */
  const waitOfNext = async (): Promise<number> => {
    const before = deleted
    add()
    for (let ms = 500; ms <= 2 * LONGEST_WAIT_MS; ms += 500) {
      await clock.advance(500)
      if (deleted > before) return ms
    }
    throw new Error('it was never recorded')
  }
  return { clock, settling, told, add, deleted: () => deleted, waitOfNext }
}

it('records soon after a quiet time, and the busier the later, up to the longest wait', async () => {
  const { clock, waitOfNext } = setUp()
  const waits = [await waitOfNext(), await waitOfNext(), await waitOfNext(), await waitOfNext()]
  expect(waits).toEqual([1_000, 2_000, 4_000, LONGEST_WAIT_MS])
  await clock.advance(LONGEST_WAIT_MS)
  expect(await waitOfNext()).toBe(LONGEST_WAIT_MS)
  await clock.advance(LONGEST_WAIT_MS + 1)
  expect([await waitOfNext(), await waitOfNext()]).toEqual([1_000, 2_000])
})

it('records what comes while it records as well', async () => {
  const held = createLatch()
  const { clock, add, deleted } = setUp(held.pass)
  add()
  await clock.advance(1_000)
  add()
  held.open()
  await clock.advance(0)
  expect(deleted()).toBe(1)
  await clock.advance(LONGEST_WAIT_MS)
  expect(deleted()).toBe(2)
})

it('keeps what could not be recorded, and tries again after the longest wait', async () => {
  let isAway = true
  const { clock, told, add, deleted } = setUp(async () => {
    if (isAway) throw new Problem('store-unavailable', 'It is away.')
  })
  add()
  await clock.advance(1_000)
  expect([told, deleted()]).toEqual([['record-failed'], 0])
  isAway = false
  await clock.advance(LONGEST_WAIT_MS - 1)
  expect(deleted()).toBe(0)
  await clock.advance(1)
  expect([told, deleted()]).toEqual([['record-failed', 'messages-deleted'], 1])
})

it('lets go of what could not be deleted, which comes again', async () => {
  const { clock, told, add, deleted } = setUp(undefined, async () => {
    throw new Problem('queue-unavailable', 'It is away.')
  })
  add()
  await clock.advance(1_000)
  expect([told, deleted()]).toEqual([['queue-failed'], 1])
})

it('records at once where five hundred wait, and each once however many ask for it', async () => {
  let records = 0
  const { clock, settling, add, deleted } = setUp(async () => {
    records++
  })
  for (let i = 0; i < 499; i++) add()
  await clock.advance(0)
  expect(records).toBe(0)
  add()
  await clock.advance(0)
  expect([records, deleted()]).toEqual([1, 500])
  add()
  await Promise.all([settling.settle(), settling.settle()])
  expect([records, deleted()]).toEqual([2, 501])
})

it('has the next one wait its time where it was asked to record before', async () => {
  const { clock, settling, add, deleted } = setUp()
  add()
  await clock.advance(500)
  await settling.settle()
  add()
  await clock.advance(1_999)
  expect(deleted()).toBe(1)
  await clock.advance(1)
  expect(deleted()).toBe(2)
})

it('does nothing by itself once it is closed', async () => {
  const { clock, settling, add, deleted } = setUp()
  add()
  settling.close()
  await clock.advance(LONGEST_WAIT_MS)
  expect(deleted()).toBe(0)
})
