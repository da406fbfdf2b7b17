import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { Problem, type ProblemCode } from '../core/problem.ts'

/** Whether a file system call failed because nothing is there: no such name, or a path through a file or a loop. */
export const isMissing = (error: unknown): boolean => MISSING.has(systemCodeOf(error) ?? '')

/** For `.catch`: gives undefined where nothing is there, and throws every other error again. */
export const undefinedIfMissing = (error: unknown): undefined => {
  if (!isMissing(error)) throw error
}

/** The `code` of a failed system call (`ENOENT`, …); undefined for any other error. */
export const systemCodeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined

/** A name too long for the file system cannot exist, so it is missing rather than an error. */
const MISSING = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'])

const CODES: Readonly<Record<string, ProblemCode>> = {
  EACCES: 'store-denied',
  EPERM: 'store-denied',
  EROFS: 'store-denied',
  ENOSPC: 'store-full',
  EDQUOT: 'store-full',
  ENOTDIR: 'store-key-refused',
  EISDIR: 'store-key-refused',
  ENOTEMPTY: 'store-key-refused',
  ENAMETOOLONG: 'store-key-refused',
  EILSEQ: 'store-key-refused',
  EINVAL: 'store-key-refused',
  EXDEV: 'store-key-refused',
}

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not access it',
  EPERM: 'this user may not change it',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of its path is a file there, not a folder',
  EISDIR: 'a folder of that name stands there',
  ENOTEMPTY: 'a folder of that name stands there',
  ENAMETOOLONG: 'its name is too long for the file system',
  EXDEV: 'it lies on another file system than .imgsizes/partial/, so it cannot be replaced in one step',
}

/** By the code of the system's error, or else of the Problem. */
const HINTS: Readonly<Record<string, string>> = {
  EXDEV: 'Keep all of the output on one file system: mount that one, not a folder in it.',
  'store-denied': 'Check owner and permissions of the folder, and the user this runs as.',
  'store-full': 'Free some space and run again; what was stored is complete.',
  'store-key-refused': 'Rename the source or the file in its way, or store on S3, where any key is possible.',
}

/** If one of these is refused, the folder around the given path is what may not be changed. */
const CHANGING = new Set(['mkdir', 'rmdir', 'unlink', 'rename', 'link'])

/** The file or folder whose permissions are in the way, perhaps deep below the place; undefined where unknown. */
const deniedPath = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined
  const { path, dest, syscall } = error as NodeJS.ErrnoException & { readonly dest?: string }
  if (path === undefined || syscall === undefined) return undefined
  if (CHANGING.has(syscall)) return dirname(dest ?? path)
  return isVisible(path) ? path : dirname(path)
}

/** False for a file that was to be made, and for anything in a folder that may not be entered. */
const isVisible = (path: string): boolean => {
  try {
    statSync(path)
    return true
  } catch {
    return false
  }
}

/**
 * A failed system call as a Problem about `subject` (a key; undefined: the whole place). Any other error, such as
 * a bug or an abort, is returned as it is.
 */
export const toFolderProblem = (error: unknown, place: string, subject?: string): unknown => {
  const errno = systemCodeOf(error)
  if (errno === undefined) return error
  const code = CODES[errno] ?? 'store-unavailable'
  const named = subject === undefined ? place : `"${subject}" in ${place}`
  const what = (code === 'store-denied' ? deniedPath(error) : undefined) ?? named
  return new Problem(code, `${what}: ${WORDS[errno] ?? 'the file system failed'} (${errno})`, {
    hint: HINTS[errno] ?? HINTS[code],
    subject,
    cause: error,
  })
}

/** Codes of errors that may concern only a part of a place; EIO is a bad sector, for example. */
const OF_A_PART = new Set(['EACCES', 'EPERM', 'EIO', 'EUCLEAN', 'ESTALE'])

/** Why the part `path` of a place could not be listed; throws errors that concern more than that part. */
export const toUnlistedProblem = (error: unknown, place: string, path: string): Problem => {
  if (isMissing(error))
    return new Problem('store-missing', `"${path}" in ${place} went away while it was listed`, {
      subject: path,
      cause: error,
    })
  const problem = OF_A_PART.has(systemCodeOf(error) ?? '') ? toFolderProblem(error, place, path) : error
  if (problem instanceof Problem) return problem
  throw problem
}
