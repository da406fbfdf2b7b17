import { errorCodeOf } from './error-code.ts'
import { Problem } from './problem.ts'

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
