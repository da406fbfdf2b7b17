import { asProblem, Problem, policyOf } from '../core/problem.ts'
import type { WritableStore } from '../store/port.ts'
import type { Clock } from '../waiting/clock.ts'
import { withTimeLimit } from '../waiting/time-limit.ts'

const PROBE_TIMEOUT_MS = 5_000

/**
 * Fails with a Problem where an output can never be used: it is a file, or access is denied. A store that is only away
 * at the moment, or full, is no reason to fail: what is stored is served, and the store is used when it is back.
 */
export const probeOutput = async (output: Pick<WritableStore, 'probe'>, clock: Clock): Promise<void> => {
  const onTimeout = () => new Problem('store-timeout', 'The output did not answer in time.')
  const limit = { ms: PROBE_TIMEOUT_MS, onTimeout }
  try {
    await withTimeLimit(clock, limit, (signal) => output.probe({ signal, forWriting: true }))
  } catch (error) {
    const { code } = asProblem(error)
    if (code === 'store-missing' || policyOf(code).again === undefined) throw error
  }
}
