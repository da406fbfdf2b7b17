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
  readonly advice?: string
}

/**
 * Runs one check. A Problem means that it failed, with its hint as advice; `undefined` from `look` means that all is
 * well.
 */
export const checkThat = async (
  part: string,
  name: string,
  look: () => Promise<Pick<Check, 'status' | 'found' | 'advice'> | string>,
): Promise<Check> => {
  try {
    const verdict = await look()
    return typeof verdict === 'string'
      ? { part, name, status: 'ok', found: verdict }
      : { part, name, ...verdict }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const { message, hint } = error
    return { part, name, status: 'failed', found: message, ...(hint !== undefined && { advice: hint }) }
  }
}
