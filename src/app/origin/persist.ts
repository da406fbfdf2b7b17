import { asProblem, policyOf } from '../../core/problem.ts'
import type { Clock } from '../../waiting/clock.ts'
import type { TellAnswer } from './event.ts'

/** The last wait between them is of 16 s at most, and all of them are of half a minute. */
const MAX_ATTEMPTS = 8
const FIRST_WAIT_MS = 250

interface Persistence {
  /** The name of what is being stored, for the events. */
  readonly key: string
  readonly clock: Pick<Clock, 'wait' | 'random'>
  readonly tell: TellAnswer
  /** Ends the wait between attempts; `persist` then rejects with its reason. */
  readonly signal: AbortSignal
}

/** Tries `work` again while that may help, and gives its result; undefined where given up. Failures are told. */
export const persist = async <T>(
  { key, clock, tell, signal }: Persistence,
  work: () => Promise<T>,
): Promise<T | undefined> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      const problem = asProblem(error)
      if (attempt === MAX_ATTEMPTS || policyOf(problem.code).again === undefined) {
        tell({ kind: 'store-failed', key, problem })
        return undefined
      }
      tell({ kind: 'store-retried', key, problem })
      await clock.wait(backoffMs(attempt, clock.random()), signal)
    }
  }
}

/** Doubles with each attempt; a random part of up to a half is taken off, so that many do not come back at once. */
const backoffMs = (attempt: number, random: number): number =>
  FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + random / 2)
