import { type ConfigFault, ConfigProblem } from '../../src/config/config-problem.ts'
import { Problem } from '../../src/core/problem.ts'

/** The error of this kind that `work` throws; anything else fails the test. */
export const thrownBy = <T extends Error>(kind: new (...given: never[]) => T, work: () => unknown): T => {
  try {
    work()
  } catch (error) {
    if (error instanceof kind) return error
    throw error
  }
  throw new Error(`no ${kind.name} was thrown`)
}

/** What is wrong with the configuration that `work` reads; nothing where it is taken. */
export const configFaultsOf = (work: () => unknown): readonly ConfigFault[] => {
  try {
    work()
  } catch (error) {
    if (error instanceof ConfigProblem) return error.problems
    throw error
  }
  return []
}

/** The Problem that `work` rejects with; anything else fails the test. */
export const problemOf = async (work: Promise<unknown>): Promise<Problem> => {
  const error = await work.then(
    () => new Error('expected a Problem, but it succeeded'),
    (reason: unknown) => reason,
  )
  if (error instanceof Problem) return error
  throw error
}
