import { Problem } from '../core/problem.ts'
import type { Clock } from '../waiting/clock.ts'
import { withTimeLimit } from '../waiting/time-limit.ts'

interface HealthOptions {
  /** Rejects where the store cannot be reached, or nothing can be rendered. */
  readonly probe: (signal: AbortSignal) => Promise<void>
  readonly isDraining: () => boolean
  readonly clock: Clock
  readonly onFailed: (error: unknown) => void
}

/** Whether this process should get requests. */
export interface Health {
  isReady(): Promise<boolean>
}

const PROBE_EVERY_MS = 5_000
const PROBE_TIMEOUT_MS = 4_000

/** Probes at most every five seconds, however often `isReady` is called. */
export const createHealth = ({ probe, isDraining, clock, onFailed }: HealthOptions): Health => {
  let probedAt = Number.NEGATIVE_INFINITY
  let reachable: Promise<boolean> = Promise.resolve(false)

  const ask = async (): Promise<boolean> => {
    try {
      const onTimeout = () =>
        new Problem(
          'store-timeout',
          `the store, or a process to render in, did not answer within ${PROBE_TIMEOUT_MS / 1000} s`,
          {
            hint: 'It is asked every 5 s; /readyz answers 503 meanwhile.',
          },
        )
      await withTimeLimit(clock, { ms: PROBE_TIMEOUT_MS, onTimeout }, probe)
      return true
    } catch (error) {
      onFailed(error)
      return false
    }
  }
  return {
    isReady: async () => {
      if (isDraining()) return false
      if (clock.now() - probedAt >= PROBE_EVERY_MS) {
        probedAt = clock.now()
        reachable = ask()
      }
      return reachable
    },
  }
}
