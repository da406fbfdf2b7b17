import pLimit from 'p-limit'
import { Problem } from '../core/problem.ts'
import type { DeleteFailure } from './port.ts'

interface DeleteEachOptions {
  readonly atOnce: number
  readonly signal: AbortSignal | undefined
  readonly deleteOne: (key: string) => Promise<unknown>
  /** A refusal as a Problem; any other error as it is, which ends all. */
  readonly toProblem: (error: unknown, key: string) => unknown
}

/** Deletes keys one by one; returns those that were refused. */
export const deleteEach = async (
  keys: readonly string[],
  { atOnce, signal, deleteOne, toProblem }: DeleteEachOptions,
): Promise<readonly DeleteFailure[]> => {
  const failures = await pLimit(atOnce).map(keys, async (key): Promise<DeleteFailure | undefined> => {
    signal?.throwIfAborted()
    try {
      await deleteOne(key)
      return undefined
    } catch (error) {
      signal?.throwIfAborted()
      const problem = toProblem(error, key)
      if (problem instanceof Problem) return { key, message: problem.message }
      throw problem
    }
  })
  return failures.filter((failure) => failure !== undefined)
}
