import { Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { ListedSource } from '../../plan/group.ts'
import type { Clock } from '../../waiting/clock.ts'
import { withTimeLimit } from '../../waiting/time-limit.ts'
import type { Originals } from '../originals.ts'

/** The time limit of reads and looks at originals. */
export interface SourceTime {
  /** How long the store of an original may take for any one call. */
  readonly fetchTimeoutMs: number
  readonly clock: Clock
}

/** Runs `work` on the store of an original; Problem `store-timeout` where it takes too long. */
export const inSourceTime = <T>(
  source: SourceKey,
  { fetchTimeoutMs: ms, clock }: SourceTime,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => withTimeLimit(clock, { ms, signal, onTimeout: () => tooLate(source, ms) }, work)

/** Looks up an original within the time limit. */
export const findInTime = (
  source: SourceKey,
  options: SourceTime & { readonly originals: Pick<Originals, 'find'> },
  signal: AbortSignal,
): Promise<ListedSource | undefined> =>
  inSourceTime(source, options, signal, (limited) => options.originals.find(source, { signal: limited }))

const tooLate = (source: SourceKey, timeoutMs: number): Problem =>
  new Problem('store-timeout', `${source} was not read within ${timeoutMs / 1000} s.`, { subject: source })
