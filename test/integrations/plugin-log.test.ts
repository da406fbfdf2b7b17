import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openPluginLog } from '../../src/integrations/plugin-log.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

it('tells of work on several pages in one line at a time', async () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const log = openPluginLog({ isVerbose: false })
  const work = (ms: number) => log.during(new Promise<void>((done) => setTimeout(done, ms)))
  const all = [work(3_000), work(4_000), work(8_000)]
  await vi.advanceTimersByTimeAsync(2_500)
  expect(write).toHaveBeenCalledOnce()
  expect(write.mock.calls[0]?.[0]).toContain('making what pages show: 0 results of 0 pictures')
  await vi.advanceTimersByTimeAsync(20_000)
  await Promise.all(all)
  expect(write).toHaveBeenCalledTimes(2)
  const later = work(2_500)
  await vi.advanceTimersByTimeAsync(2_500)
  await later
  expect(write).toHaveBeenCalledTimes(3)
})
