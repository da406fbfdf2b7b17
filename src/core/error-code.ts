import { Problem } from './problem.ts'

/** The code of an error of Node's or of a system call (`ENOENT`, `ERR_…`); "" where it has none. */
export const errorCodeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** Why a file cannot be read, as the end of a sentence that begins with its path. */
export const describeUnreadable = (error: unknown): string => {
  const code = errorCodeOf(error) || String(error)
  return code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`
}

/** Problem `file-not-written`, with the reason that the system gives, and what to do. */
export const unwritten = (path: string, cause: unknown): Problem => {
  const code = errorCodeOf(cause)
  const hint = HINTS.get(code)
  return new Problem('file-not-written', `${path} cannot be written (${code || cause})`, {
    subject: path,
    cause,
    ...(hint !== undefined && { hint }),
  })
}

/** To catch an error of writing `path` with: throws {@link unwritten}. */
export const failWriting =
  (path: string) =>
  (cause: unknown): never => {
    throw unwritten(path, cause)
  }

const RIGHTS = 'Check its owner and permissions, and those of its folder.'
const HINTS: ReadonlyMap<string, string> = new Map([
  ['EACCES', RIGHTS],
  ['EPERM', RIGHTS],
  ['EISDIR', 'It is a folder: name a file.'],
  ['ENOENT', 'Its folder does not exist: make it, or name another file.'],
  ['ENOSPC', 'The disk is full.'],
  ['ENOTDIR', 'A part of its path is a file, not a folder.'],
  ['EROFS', 'The disk can only be read.'],
])
