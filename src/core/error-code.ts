/** The code of an error of Node's or of a system call (`ENOENT`, `ERR_…`); "" where it has none. */
export const errorCodeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
