import { Problem } from '../../core/problem.ts'

/** One thing that was looked at, and how it stands. */
export interface Check {
  /** What it belongs to: `secret`, `output`, `base URL`, … */
  readonly part: string
  readonly name: string
  /** `warning`: works, and could be better; `skipped`: could not be looked at, or does not apply. */
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped'
  /** What was found, in words without secrets. */
  readonly found: string
  /** What to do about it. */
  readonly advice?: string
}

/** Runs one look. A Problem is a failed check, its hint the advice; `undefined` from `look` means that all is well. */
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
