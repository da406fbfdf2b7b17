import { suggestName } from '../config/suggest.ts'

/** The command line asks for something impossible: exit code 2, the message, and where to read more. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** `; did you mean card?`, to be added to a message; "" where no known name is similar. */
export const didYouMean = (wrong: string, known: readonly string[]): string => {
  const meant = suggestName(wrong, known)
  return meant === undefined ? '' : `; did you mean ${meant}?`
}
