import { type ProblemCode, policyOf } from './problem-codes.ts'

/** The parts of a {@link Problem} besides code and message. */
interface ProblemDetails {
  /** What to do next, one sentence. */
  readonly hint?: string | undefined
  /** What it is about: a source key, an object key, or a path in the configuration. */
  readonly subject?: string | undefined
  readonly cause?: unknown
}

/**
 * An expected failure: something a user, a picture or a network did, not a bug.
 *
 * `code` is stable, kebab-case and for programs; `message` is for people, and says what was found and what was
 * expected. Neither contains a secret. A bug is a plain `Error`, and is caught only at the edge.
 */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly hint?: string
  readonly subject?: string

  constructor(code: ProblemCode, message: string, details: ProblemDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    if (details.hint !== undefined) this.hint = details.hint
    if (details.subject !== undefined) this.subject = details.subject
  }
}

/** `error` if it is a {@link Problem}; anything else is thrown again, and reported as a bug at the edge. */
export const asProblem = (error: unknown): Problem => {
  if (error instanceof Problem) return error
  throw error
}

/** Whether `error` is a Problem that may be over in a moment, so that another attempt makes sense. */
export const isPassing = (error: unknown): boolean =>
  error instanceof Problem && policyOf(error.code).again === 'soon'
