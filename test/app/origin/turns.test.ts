import { expect, it } from 'vitest'
import { createTurns } from '../../../src/app/origin/turns.ts'
import { createManualClock } from '../../support/manual-clock.ts'

const setUp = () => {
  const clock = createManualClock()
  const turns = createTurns({ workers: 2, queueLength: 1, queueTimeoutMs: 1_000, clock })
  const leaving = new AbortController()
  const take = () => turns.take({ signal: leaving.signal, until: clock.now() + 1_000 })
  return { clock, turns, leaving, take, signal: leaving.signal }
}

it('admits as many as may render and wait, and one more when one has left', () => {
  const { clock, turns } = setUp()
  const [first] = [turns.admit(), turns.admit(), turns.admit()]
  expect(first?.until).toBe(clock.now() + 1_000)
  expect(() => turns.admit()).toThrow('The queue is full.')
  first?.leave()
  first?.leave()
  turns.admit()
  expect(() => turns.admit()).toThrow('The queue is full.')
})

it('gives a turn to as many as there are workers, and refuses whoever has waited too long', async () => {
  const { clock, turns, take } = setUp()
  const release = await take()
  await take()
  const [next, late] = [take(), take()].map((turn) => turn.then(() => 'taken', String))
  expect(turns.load).toMatchObject({ running: 2, waiting: 2 })
  release()
  expect(await next).toBe('taken')
  await clock.advance(1_000)
  expect(await late).toContain('No worker was free in time.')
  expect(turns.load).toMatchObject({ running: 2, waiting: 0 })
})

it('gives none to whoever has gone', async () => {
  const { turns, leaving, take } = setUp()
  leaving.abort(new Error('gone'))
  await expect(take()).rejects.toThrow('gone')
  expect(turns.load.running).toBe(0)
})

it('leaves a worker to visitors', async () => {
  const { turns, take, signal } = setUp()
  const release = await take()
  const spare = turns.takeSpare(signal)
  expect(turns.load.running).toBe(1)
  release()
  ;(await spare)()
  expect(turns.load.running).toBe(0)
})
