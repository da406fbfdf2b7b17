import { formatAdvice } from '../cli/format-numbers.ts'
import { Problem } from '../core/problem.ts'

/** One run after the other, each opened at its first use. */
interface Runs<T> {
  open(): Promise<T>
  /** The run that is open; undefined where there is none. */
  current(): Promise<T> | undefined
  /** The same, for the caller to close: the next use opens another. An error goes to whoever opened it. */
  take(): Promise<T | undefined>
}

/** The runs of a plugin. */
export const createRuns = <T>(openRun: () => Promise<T>): Runs<T> => {
  let opening: Promise<T> | undefined
  return {
    open: () => {
      opening ??= openRun()
      return opening
    },
    current: () => opening,
    take: () => {
      const opened = opening
      opening = undefined
      return opened?.catch(() => undefined) ?? Promise.resolve(undefined)
    },
  }
}

/** Bundlers and site generators print only the message of an error, so the hint is added to it. */
export const withHint = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    throw error instanceof Problem ? new Error(formatAdvice(error), { cause: error }) : error
  }
}
