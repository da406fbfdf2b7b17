import { isPassing, Problem } from '../core/problem.ts'
import type { WritableStore } from '../store/port.ts'
import type { Clock } from '../waiting/clock.ts'
import { withTimeLimit } from '../waiting/time-limit.ts'

const PROBE_TIMEOUT_MS = 5_000

/**
 * Fails, with its Problem, where an output could never be used: it is a file, or there is no right to it. A server that
 * is started while its store is away serves when that is back.
 */
export const probeOutput = async (output: Pick<WritableStore, 'probe'>, clock: Clock): Promise<void> => {
  const deadline = {
    ms: PROBE_TIMEOUT_MS,
    signal: new AbortController().signal,
    onTimeout: () => new Problem('store-timeout', 'The output did not answer in time.'),
  }
  try {
    await withTimeLimit(clock, deadline, (signal) => output.probe({ signal, forWriting: true }))
  } catch (error) {
    if (!isPassing(error)) throw error
  }
}
