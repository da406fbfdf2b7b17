import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { watchMemory } from '../../src/render/watch-memory.ts'

const MEGABYTE = 1024 * 1024
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
