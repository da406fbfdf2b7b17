import { expect, it } from 'vitest'
import { createServerClock } from '../../src/store/server-clock.ts'

const NOW = 1_700_000_000_000
const YEAR_MS = 365 * 86_400_000

it.each([
  ['to the second', 0, 0],
  ['by what the way takes', -3_000, 5_000],
  ['by a year, behind', -YEAR_MS, 200],
  ['by thirty years, ahead', 30 * YEAR_MS, 200],
])('a server that differs %s is known for that', (_, aheadMs, wayMs) => {
  const clock = createServerClock()
  expect(clock.offsetMs()).toBe(0)
  const isSame = Math.abs(aheadMs) < 10_000
  for (let i = 0; i < 20; i++) {
    const askedAt = NOW + i * 777
    const date = Math.floor((askedAt + aheadMs + wayMs / 2) / 1_000) * 1_000
    clock.hear(date, { askedAt, answeredAt: askedAt + wayMs })
    expect(Math.abs(clock.offsetMs() - (isSame ? 0 : aheadMs))).toBeLessThanOrEqual(isSame ? 0 : 1_000)
  }
})

it.each([0, 1, 0.4375])(
  'a difference is in whole milliseconds, as the ledger keeps times (way: %s ms)',
  (wayMs) => {
    const clock = createServerClock()
    clock.hear(NOW + YEAR_MS + 0.2031, { askedAt: NOW, answeredAt: NOW + wayMs })
    expect(clock.offsetMs()).toSatisfy(Number.isInteger)
  },
)

it('an answer without a time says nothing, and one that agrees is believed', () => {
  const clock = createServerClock()
  clock.hear(NOW + YEAR_MS, { askedAt: NOW, answeredAt: NOW })
  const known = clock.offsetMs()
  clock.hear(Number.NaN, { askedAt: NOW, answeredAt: NOW })
  expect(clock.offsetMs()).toBe(known)
  // Somebody has set ours.
  clock.hear(NOW + YEAR_MS, { askedAt: NOW + YEAR_MS, answeredAt: NOW + YEAR_MS })
  expect(clock.offsetMs()).toBe(0)
})
