import { expect, it, onTestFinished, vi } from 'vitest'
import { createAtOnce } from '../../src/store/at-once.ts'

it('after a call that took long, none is made for ten times as long', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const atOnce = createAtOnce()
  const take = (ms: number) => atOnce.try(() => vi.advanceTimersByTime(ms) && 'done')
  expect([take(100), take(150)]).toEqual(['done', 'done'])
  expect(take(1)).toBeUndefined()
  vi.advanceTimersByTime(1_499)
  expect(take(1)).toBeUndefined()
  vi.advanceTimersByTime(1)
  expect(take(1)).toBe('done')
})

it('a call that fails is left to others, and holds up none', () => {
  const atOnce = createAtOnce()
  const fail = (): never => {
    throw new Error('EIO')
  }
  expect(atOnce.try(fail)).toBeUndefined()
  expect(atOnce.try(() => 1)).toBe(1)
})
