import { expect, it } from 'vitest'
import { createSettling } from '../../../src/app/watch/settling.ts'
import { createLatch } from '../../support/latch.ts'
import { createManualClock } from '../../support/manual-clock.ts'

const LONGEST_WAIT_MS = 6_000

const setUp = (record: () => Promise<void> = async () => {}) => {
  const clock = createManualClock()
  let deleted = 0
  const settling = createSettling({
    queue: { delete: async () => {} },
    record,
    longestWaitMs: LONGEST_WAIT_MS,
    clock,
    tell: () => {},
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
  return { clock, add, deleted: () => deleted, waitOfNext }
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
