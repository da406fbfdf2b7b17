import type { Problem } from '../../core/problem.ts'
import { type ProblemCode, policyOf } from '../../core/problem-codes.ts'

/** Why there is no picture; which status that is, the web decides. */
export type RefusalReason =
  /** Nothing of ours could ever stand under that name. */
  | 'no-key'
  | 'forbidden'
  /** Signed and well formed, and there is no such picture. */
  | 'missing'
  /** There is an original, and no picture can be made of it. */
  | 'unrenderable'
  | 'source-failed'
  | 'source-late'
  | 'overloaded'
  | 'draining'
  | 'store-failed'

/** No picture. `code` is stable and for programs. */
export interface Refused {
  readonly kind: 'refused'
  readonly reason: RefusalReason
  readonly code: ProblemCode
}

export const refuse = (reason: RefusalReason, code: ProblemCode): Refused => ({
  kind: 'refused',
  reason,
  code,
})

/** What the world is told of a failed fetch or render. Codes of stores stay inside: they say how we are built. */
export const toRefused = ({ code }: Problem): Refused => {
  const { fault, status } = policyOf(code)
  if (code === 'store-timeout') return refuse('source-late', 'source-timeout')
  if (fault === 'place' || status === undefined) return refuse('source-failed', 'source-unavailable')
  if (status === 422) return refuse('unrenderable', code)
  return refuse(status === 404 ? 'missing' : 'overloaded', code)
}

/** Failures that may be the machine's fault rather than the picture's: not held against it for long. */
export const isPerhapsOurs = (code: ProblemCode): boolean => {
  const { fault, again, status } = policyOf(code)
  return status === 422 && (fault === 'machine' || again === 'soon')
}

/** Failures of one result whatever its source: others may well be made of that. */
export const isOfOneResult = (code: ProblemCode): boolean => policyOf(code).fault === 'result'
