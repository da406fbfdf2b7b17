/** The command line asks for something that cannot be: exit code 2, the message, and where to read more. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
