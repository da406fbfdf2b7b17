import { errorCodeOf } from './error-code.ts'
import { Problem } from './problem.ts'

/** Problem `file-not-written`, with the reason that the system gives. */
export const unwritten = (path: string, cause: unknown): Problem =>
  new Problem('file-not-written', `${path} cannot be written (${errorCodeOf(cause) || cause})`, {
    subject: path,
    cause,
  })
