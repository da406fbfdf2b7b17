import { expect, it, vi } from 'vitest'
import { stampSeconds } from '../../src/store/folder-write.ts'
import { systemClock } from '../../src/waiting/system-clock.ts'
import { picture, putText } from '../support/bench-project.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { openMemoryStore } from '../support/memory-store.ts'
import { openTestOrigin } from '../support/origin.ts'

const HOUR_MS = 3_600_000

it('an origin on a machine whose date is set back by an hour forgets after the usual time what it knew of an original', async () => {
  const clock = createManualClock()
  const source = openMemoryStore()
  await putText(source, 'a.jpg', 'old')
  const { get, key } = openTestOrigin({ source, clock, config: { serve: { fill: 'one' } } })
  const ask = async (name: string, transform: string) => {
    const answer = await get(key(name, transform))
    return answer.status === 200 ? answer.text() : answer.status
  }
  expect([await ask('a.jpg', '640w.q80'), await ask('late.jpg', '640w.q80')]).toEqual([
    picture('old', '80', 'webp'),
    404,
  ])
  clock.setDateBy(-HOUR_MS)
  await putText(source, 'a.jpg', 'new')
  await putText(source, 'late.jpg', 'late')
  await clock.advance(16_000)
  expect([await ask('a.jpg', '320w.q80'), await ask('late.jpg', '640w.q80')]).toEqual([
    picture('new', '80', 'webp'),
    picture('late', '80', 'webp'),
  ])
})

it('the clock of a machine whose date is set runs on for ages, and dates files as the date says', () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  try {
    const before = systemClock.now()
    vi.setSystemTime(1_000_000)
    expect(systemClock.now() - before).toBeLessThan(HOUR_MS)
    expect(systemClock.now()).toBeGreaterThanOrEqual(before)
    expect([systemClock.date(), Math.floor(stampSeconds(2_000))]).toEqual([1_000_000, 1_002])
  } finally {
    vi.useRealTimers()
  }
})
