import { type Clock, withDeadline } from '../app/answer/clock.ts'
import { Problem } from '../core/problem.ts'
import type { WritableStore } from '../store/port.ts'

const PROBE_TIMEOUT_MS = 5_000

/** What mends itself: a server that is started while its store is away serves when that is back. */
const PASSING: ReadonlySet<string> = new Set(['store-unavailable', 'store-timeout'])

/** Fails, with its Problem, where an output could never be used: it is a file, or there is no right to it. */
export const probeOutput = async (output: Pick<WritableStore, 'probe'>, clock: Clock): Promise<void> => {
  const deadline = {
    ms: PROBE_TIMEOUT_MS,
    signal: new AbortController().signal,
    onTimeout: () => new Problem('store-timeout', 'The output did not answer in time.'),
  }
  try {
    await withDeadline(clock, deadline, (signal) => output.probe({ signal, forWriting: true }))
  } catch (error) {
    if (!(error instanceof Problem) || !PASSING.has(error.code)) throw error
  }
}
