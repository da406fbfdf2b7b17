import { Problem } from '../../core/problem.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { ListedSource } from '../../plan/group.ts'
import type { Clock } from '../../waiting/clock.ts'
import { withTimeLimit } from '../../waiting/time-limit.ts'
import type { Originals } from '../originals.ts'

export interface SourceTime {
  /** How long the store of an original may take, whatever it is asked. */
  readonly fetchTimeoutMs: number
  readonly clock: Clock
}

/** `work` on an original's store; Problem `store-timeout` where that takes too long. */
export const inSourceTime = <T>(
  source: SourceKey,
  { fetchTimeoutMs: ms, clock }: SourceTime,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => withTimeLimit(clock, { ms, signal, onTimeout: () => tooLate(source, ms) }, work)

/** Looks an original up in the time that it may take. */
export const findInTime = (
  source: SourceKey,
  options: SourceTime & { readonly originals: Pick<Originals, 'find'> },
  signal: AbortSignal,
): Promise<ListedSource | undefined> =>
  inSourceTime(source, options, signal, (limited) => options.originals.find(source, { signal: limited }))

const tooLate = (source: SourceKey, timeoutMs: number): Problem =>
  new Problem('store-timeout', `${source} was not read within ${timeoutMs / 1000} s.`, { subject: source })
