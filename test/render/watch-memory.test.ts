import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it, vi } from 'vitest'
import { watchMemory } from '../../src/render/watch-memory.ts'

const MEGABYTE = 1024 * 1024
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const hold = (megabytes: number): Buffer => Buffer.alloc(megabytes * MEGABYTE, 1)

it('holds against a task what it takes, and nothing that was there before', async () => {
  const told: number[] = []
  const left = hold(300)
  const watch = watchMemory(
    (notice) => void (notice.kind === 'holds' && told.push(notice.bytes / MEGABYTE)),
    Number.POSITIVE_INFINITY,
  )
  watch.allow(50 * MEGABYTE)
  await sleep(50)
  expect(told).toEqual([])
  // Much, for other tests of this process may give back theirs meanwhile.
  const taken = hold(400)
  await expect.poll(() => Math.max(0, ...told)).toBeGreaterThan(200)
  watch.end()
  expect(Math.max(...told)).toBeLessThan(600)
  expect(left.length + taken.length).toBeGreaterThan(0)
})

const GIGABYTE = 1024 * MEGABYTE

/** Looks at a task that may hold 60 MB, and 100 in any case, and takes so much between two looks; gives what was told and stopped. */
const watchGrowth = (megabytesALook: readonly number[]): readonly (number | string)[] => {
  const seen: (number | string)[] = []
  let held = 0
  vi.useFakeTimers()
  vi.spyOn(process.memoryUsage, 'rss').mockImplementation(() => GIGABYTE + held * MEGABYTE)
  vi.spyOn(process, 'kill').mockImplementation((_, signal) => {
    seen.push(String(signal))
    return true
  })
  const watch = watchMemory(
    (notice) => void (notice.kind === 'holds' && seen.push(notice.bytes / MEGABYTE)),
    100 * MEGABYTE,
  )
  watch.allow(60 * MEGABYTE)
  for (const taken of megabytesALook) {
    held += taken
    vi.advanceTimersToNextTimer()
  }
  watch.end()
  return seen
}

it.each([
  ['is within its grant, however fast it grows', [55, 5, -10, 10], []],
  ['exceeds its grant, and gives back', [50, 11, 1, 9, -20], [61, 71, 51]],
  ['grows more and more slowly', [50, 11, 14, 12, 4, 3], [61, 75, 87, 91]],
  ['would exceed all that there is by the next look', [50, 26], [102, 'SIGSTOP']],
  ['exceeds all that there is at once', [101], [202, 'SIGSTOP']],
])('tells of a task that %s', (_, megabytesALook, told) => {
  expect(watchGrowth(megabytesALook)).toEqual(told)
})
