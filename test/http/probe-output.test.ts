import { expect, test } from 'vitest'
import { Problem } from '../../src/core/problem.ts'
import { probeOutput } from '../../src/http/probe-output.ts'
import { createManualClock } from '../support/manual-clock.ts'

const clock = createManualClock()
const failing = (error: unknown) => ({ probe: () => Promise.reject(error) })

test.each(['store-denied', 'store-missing', 'store-credentials', 'store-key-refused'] as const)(
  'an output that is %s keeps serve from starting',
  async (code) => {
    await expect(probeOutput(failing(new Problem(code, 'no')), clock)).rejects.toMatchObject({ code })
  },
)

test('one that is only away or full does not, nor one that does not answer', async () => {
  for (const code of ['store-unavailable', 'store-full'] as const)
    await probeOutput(failing(new Problem(code, 'later')), clock)
  const asked = probeOutput({ probe: () => new Promise(() => {}) }, clock)
  await clock.advance(5_000)
  await asked
})
