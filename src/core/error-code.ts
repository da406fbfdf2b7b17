/** The code of an error of Node's or of a system call (`ENOENT`, `ERR_…`); "" where it has none. */
export const errorCodeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** Why a file cannot be read, as the end of a sentence that begins with its path. */
export const describeUnreadable = (error: unknown): string => {
  const code = errorCodeOf(error) || String(error)
  return code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`
}
