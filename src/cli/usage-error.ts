import { suggestName } from '../config/suggest.ts'

/** The command line asks for something that cannot be: exit code 2, the message, and where to read more. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** `; did you mean card?`, to go behind what is wrong; "" where nothing known is like it. */
export const didYouMean = (wrong: string, known: readonly string[]): string => {
  const meant = suggestName(wrong, known)
  return meant === undefined ? '' : `; did you mean ${meant}?`
}

/** Why a file that the command line names cannot be read, as the end of a sentence about it. */
export const describeUnreadable = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  return code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`
}
