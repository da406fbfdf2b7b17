import { expect, it } from 'vitest'
import { persist } from '../../../src/app/origin/persist.ts'
import { Problem, type ProblemCode } from '../../../src/core/problem.ts'
import { createManualClock } from '../../support/manual-clock.ts'

/** Fails by this code as often as told, and then succeeds; `random` is the clock's. */
const persistThrough = async (code: ProblemCode, failures: number, random = 0) => {
  const waits: number[] = []
  const told: string[] = []
  const clock = {
    random: () => random,
    wait: async (ms: number) => void waits.push(ms),
  }
  let left = failures
  const { signal } = new AbortController()
  const tell = ({ kind }: { readonly kind: string }) => void told.push(kind)
  const result = await persist({ key: 'a', clock, tell, signal }, async () => {
    if (left-- > 0) throw new Problem(code, 'Not now.')
    return 'stored'
  })
  return { result, waits, told }
}

it.each([
  [0, [125, 250, 500, 1_000, 2_000, 4_000, 8_000]],
  [1, [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000]],
])('waits twice as long each time, and less by half at random: %i', async (random, waits) => {
  expect(await persistThrough('store-unavailable', 7, random)).toEqual({
    result: 'stored',
    waits,
    told: waits.map(() => 'store-retried'),
  })
})

it('goes on where the disk is full: somebody may make room', async () => {
  expect(await persistThrough('store-full', 1)).toMatchObject({ result: 'stored', told: ['store-retried'] })
})

it('ends while it waits where its signal aborts', async () => {
  const clock = createManualClock()
  const stop = new AbortController()
  const ending = persist(
    { key: 'a', clock, tell: () => stop.abort(new Error('closed')), signal: stop.signal },
    () => Promise.reject(new Problem('store-unavailable', 'Not now.')),
  )
  await expect(ending).rejects.toThrow('closed')
})

it('gives up after eight attempts, and at once where another one cannot help', async () => {
  const { result, told } = await persistThrough('store-unavailable', 8)
  expect([result, told.length, told.at(-1)]).toEqual([undefined, 8, 'store-failed'])
  expect(await persistThrough('store-denied', 1)).toEqual({
    result: undefined,
    waits: [],
    told: ['store-failed'],
  })
})
