import { Problem } from '../../core/problem.ts'

/** One thing that was checked, and the result. */
export interface Check {
  /** What it belongs to: `secret`, `output`, `base URL`, … */
  readonly part: string
  readonly name: string
  /** `warning`: works, but could be better; `skipped`: could not be checked, or does not apply. */
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped'
  /** What was found, in words without secrets. */
  readonly found: string
  /** What to do about it. */
  readonly advice?: string | undefined
}

/** The result of looking; a text means that all is well. */
export type CheckResult = Pick<Check, 'status' | 'found' | 'advice'> | string

/** It does not work. */
export const failed = (found: string, advice: string): CheckResult => ({ status: 'failed', found, advice })

/** It works, but could be better. */
export const warning = (found: string, advice: string): CheckResult => ({ status: 'warning', found, advice })

/** It could not be checked, or does not apply. */
export const skipped = (found: string, advice?: string): CheckResult => ({ status: 'skipped', found, advice })

/** A verdict as a check. */
export const toCheck = (part: string, name: string, verdict: CheckResult): Check =>
  typeof verdict === 'string' ? { part, name, status: 'ok', found: verdict } : { part, name, ...verdict }

/** Runs one check. A Problem means that it failed, with its hint as advice. */
export const checkThat = async (
  part: string,
  name: string,
  look: () => Promise<CheckResult>,
): Promise<Check> => {
  try {
    return toCheck(part, name, await look())
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const { message, hint } = error
    return { part, name, status: 'failed', found: message, advice: hint }
  }
}
