import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { leftMs } from '../../src/waiting/clock.ts'
import { orAborted } from '../../src/waiting/signals.ts'
import { heedTimeLimit, openWait, withTimeLimit } from '../../src/waiting/time-limit.ts'
import { createManualClock } from '../support/manual-clock.ts'

const onTimeout = (): Error => new Error('too late')
/** Ends when its signal aborts, with what that says. */
const heeding = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
const deaf = (): Promise<never> => new Promise(() => {})
const listenersOf = ({ signal }: AbortController): number => getEventListeners(signal, 'abort').length

describe('a limit of time', () => {
  it.each([
    ['that the work heeds', heedTimeLimit, heeding],
    ['that the work does not hear', withTimeLimit, deaf],
  ] as const)('%s ends it at its time, not before, and leaves nothing behind', async (_, run, work) => {
    const clock = createManualClock()
    const caller = new AbortController()
    let isOver = false
    const limited = run(clock, { ms: 100, signal: caller.signal, onTimeout }, work)
    const told = expect(limited).rejects.toThrow('too late')
    limited.catch(() => {
      isOver = true
    })
    await clock.advance(99)
    expect(isOver).toBe(false)
    await clock.advance(1)
    await told
    expect(listenersOf(caller)).toBe(0)
  })

  it('leaves no alarm behind where the work is done in time', async () => {
    const left = new Set<object>()
    const alarm = (): (() => void) => {
      const each = {}
      left.add(each)
      return () => void left.delete(each)
    }
    expect(await heedTimeLimit({ alarm }, { ms: 100, onTimeout }, async () => left.size)).toBe(1)
    expect(left.size).toBe(0)
  })

  it('ends with the signal that was given, also where that had aborted before', async () => {
    const clock = createManualClock()
    const caller = new AbortController()
    const limited = heedTimeLimit(clock, { ms: 100, signal: caller.signal, onTimeout }, heeding)
    caller.abort(new Error('gone'))
    await expect(limited).rejects.toThrow('gone')
    const late = withTimeLimit(clock, { ms: 100, signal: caller.signal, onTimeout }, deaf)
    await expect(late).rejects.toThrow('gone')
  })

  it('gives what the work gives, and stops its alarm', async () => {
    const clock = createManualClock()
    const caller = new AbortController()
    await expect(
      withTimeLimit(clock, { ms: 100, signal: caller.signal, onTimeout }, async () => 7),
    ).resolves.toBe(7)
    await clock.advance(200)
    expect(listenersOf(caller)).toBe(0)
  })

  it('counts down to nothing, and not below', () => {
    const clock = createManualClock(1_000)
    expect([leftMs(clock, { until: 1_200 }), leftMs(clock, { until: 900 })]).toEqual([200, 0])
  })
})

describe('waits that share a limit', () => {
  it('have together what one would have alone, and what passes between them does not count', async () => {
    const clock = createManualClock()
    const wait = openWait(clock, { waitMs: 100, onTimeout })
    const first = wait.for(() => clock.wait(60))
    await clock.advance(60)
    await first
    await clock.advance(10_000)
    const second = wait.for(heeding)
    const told = expect(second).rejects.toThrow('too late')
    let isOver = false
    second.catch(() => {
      isOver = true
    })
    await clock.advance(39)
    expect(isOver).toBe(false)
    await clock.advance(1)
    await told
  })

  it('last as long as it takes where there is none', async () => {
    const clock = createManualClock()
    const wait = openWait(clock, { onTimeout })
    const waiting = wait.for(() => clock.wait(1_000_000))
    await clock.advance(1_000_000)
    await waiting
  })
})

it('work that somebody leaves goes on unheard, and its signal forgets who left', async () => {
  const caller = new AbortController()
  const left = orAborted(deaf(), caller.signal)
  expect(listenersOf(caller)).toBe(1)
  caller.abort(new Error('gone'))
  await expect(left).rejects.toThrow('gone')
  await expect(orAborted(deaf(), caller.signal)).rejects.toThrow('gone')
  const other = new AbortController()
  await orAborted(Promise.resolve(), other.signal)
  await Promise.resolve()
  expect(listenersOf(other)).toBe(0)
})
