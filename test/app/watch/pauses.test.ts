import { expect, it } from 'vitest'
import { createPauses } from '../../../src/app/watch/pauses.ts'

const setUp = () => {
  const waits: number[] = []
  const pauses = createPauses({ wait: async (ms) => void waits.push(ms) })
  /** How long the next receive waits, in seconds, after sources that failed (true) or not. */
  const after = async (...ends: readonly boolean[]): Promise<number> => {
    for (const hasFailed of ends) pauses.noteEnd(hasFailed)
    waits.length = 0
    await pauses.wait(new AbortController().signal)
    return (waits[0] ?? 0) / 1_000
  }
  return { pauses, after }
}

it('waits longer and longer while all fails, by receives and not by sources, and not at all once one succeeds', async () => {
  const { after } = setUp()
  expect(await after()).toBe(0)
  expect([await after(true, true, true), await after(true), await after(true)]).toEqual([1, 2, 4])
  for (const seconds of [8, 16, 32, 60, 60]) expect(await after(true)).toBe(seconds)
  expect(await after()).toBe(60)
  expect([await after(true, false), await after(), await after(true)]).toEqual([0, 0, 1])
})

it('forgets failures where nothing comes', async () => {
  const { pauses, after } = setUp()
  expect([await after(true), await after(true)]).toEqual([1, 2])
  pauses.noteAnswer(true)
  expect(await after()).toBe(2)
  pauses.noteAnswer(false)
  expect(await after()).toBe(0)
})

it('waits for a queue that refuses, up to ten seconds, until it answers', async () => {
  const { pauses, after } = setUp()
  for (const seconds of [1, 2, 4, 8, 10, 10]) {
    pauses.noteRefusal()
    expect([pauses.isRefused, await after()]).toEqual([true, seconds])
  }
  pauses.noteAnswer(true)
  expect([pauses.isRefused, await after()]).toEqual([false, 0])
})

it('ends where it is to stop', async () => {
  const pauses = createPauses({ wait: () => Promise.reject(new Error('stopped')) })
  pauses.noteRefusal()
  await expect(pauses.wait(AbortSignal.abort())).resolves.toBeUndefined()
})
