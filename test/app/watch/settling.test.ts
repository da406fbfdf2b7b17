import { expect, it } from 'vitest'
import { createSettling } from '../../../src/app/watch/settling.ts'
import { createManualClock } from '../../support/manual-clock.ts'

const LONGEST_WAIT_MS = 6_000

/** What says how long a message that comes now waits to be recorded, in steps of half a second. */
const setUp = () => {
  const clock = createManualClock()
  let records = 0
  const settling = createSettling({
    queue: { delete: async () => {} },
    record: async () => void records++,
    longestWaitMs: LONGEST_WAIT_MS,
    clock,
    tell: () => {},
    onDeleted: () => {},
  })
  const waitOfNext = async (): Promise<number> => {
    const before = records
    settling.add([{ message: { id: '', body: '', receipt: '', receives: 1, sentAt: 0 }, sources: [] }])
    for (let ms = 500; ms <= 2 * LONGEST_WAIT_MS; ms += 500) {
      await clock.advance(500)
      if (records > before) return ms
    }
    throw new Error('it was never recorded')
  }
  return { clock, waitOfNext }
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
