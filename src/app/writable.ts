import { Problem } from '../core/problem.ts'
import { PRIVATE_SEGMENT } from '../core/source-key.ts'
import type { Ledger } from './ledger.ts'
import type { Results } from './results.ts'

/** What the next attempt may not meet: no reason to give up before the first. */
const PASSING: ReadonlySet<string> = new Set(['store-unavailable', 'store-timeout'])

/**
 * A function that makes sure, the first time it is called, that results can be stored and recorded: else everything
 * would be made for nothing. A run that has nothing to make does not call it, and writes nothing.
 */
export const createWriteCheck = ({
  results,
  ledger,
}: {
  readonly results: Results
  readonly ledger: Ledger
}): (() => Promise<void>) => {
  let checking: Promise<void> | undefined
  const check = async (): Promise<void> => {
    try {
      await results.store.probe({ into: `${PRIVATE_SEGMENT}/` })
      await ledger.probeWriting()
    } catch (error) {
      if (!(error instanceof Problem) || !PASSING.has(error.code)) throw error
    }
  }
  return () => {
    checking ??= check()
    return checking
  }
}
