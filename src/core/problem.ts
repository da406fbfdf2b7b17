import { type ProblemCode, policyOf } from './problem-codes.ts'

/** What a {@link Problem} is made of besides its code and message. */
export interface ProblemDetails {
  /** What to do next, one sentence. */
  readonly hint?: string
  /** What it is about: a source key, an object key, a config path. */
  readonly subject?: string
  readonly cause?: unknown
}

/**
 * An expected failure: something a user, a picture or a network did, not a bug.
 *
 * `code` is stable, kebab-case and for programs; `message` is for people and names what was found and what
 * was expected. Neither holds a secret. A bug is a plain `Error` and is caught only at the edge.
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

/** `error` where it is a {@link Problem}; anything else is thrown on, for the edge to report as a bug. */
export const asProblem = (error: unknown): Problem => {
  if (error instanceof Problem) return error
  throw error
}

/** Whether `error` is a Problem that may be over by itself in a moment: worth another attempt. */
export const isPassing = (error: unknown): boolean =>
  error instanceof Problem && policyOf(error.code).again === 'soon'
