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

/** The time limit of one call of a store, and what the call is about. */
interface StoreLimit {
  readonly clock: Clock
  readonly ms: number
  readonly signal: AbortSignal | undefined
  readonly subject: string
}

/** Runs `work` on a store. Where it takes too long, Problem `store-timeout`: `late` within so many seconds. */
export const inStoreTime = <T>(
  late: string,
  { clock, ms, signal, subject }: StoreLimit,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const onTimeout = (): Problem => new Problem('store-timeout', `${late} within ${ms / 1000} s.`, { subject })
  return withTimeLimit(clock, { ms, signal, onTimeout }, work)
}

/** Runs `work` on the store of an original; Problem `store-timeout` where it takes too long. */
export const inSourceTime = <T>(
  source: SourceKey,
  { fetchTimeoutMs: ms, clock }: SourceTime,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => inStoreTime(`${source} was not read`, { clock, ms, signal, subject: source }, work)

/** Looks up an original within the time limit. */
export const findInTime = (
  source: SourceKey,
  options: SourceTime & { readonly originals: Pick<Originals, 'find'> },
  signal?: AbortSignal,
): Promise<ListedSource | undefined> =>
  inSourceTime(source, options, signal, (limited) => options.originals.find(source, { signal: limited }))
