import type { Problem } from '../../core/problem.ts'
import { type ProblemCode, policyOf } from '../../core/problem-codes.ts'

/** Why there is no picture. `http/` decides which status that is. */
export type RefusalReason =
  /** No result of ours can ever have this name. */
  | 'no-key'
  | 'forbidden'
  /** The key is well-formed and signed, but there is no such original. */
  | 'missing'
  /** There is an original, but no picture can be made of it. */
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

/** A refusal of this reason. */
export const refuse = (reason: RefusalReason, code: ProblemCode): Refused => ({
  kind: 'refused',
  reason,
  code,
})

/**
 * What visitors are told of a failed fetch or render. Codes of stores are not told: they show how the server is built.
 */
export const toRefused = ({ code }: Problem): Refused => {
  const { fault, status } = policyOf(code)
  if (code === 'store-timeout') return refuse('source-late', 'source-timeout')
  if (fault === 'place' || status === undefined) return refuse('source-failed', 'source-unavailable')
  if (status === 422) return refuse('unrenderable', code)
  return refuse(status === 404 ? 'missing' : 'overloaded', code)
}

/** Whether the machine may be at fault and not the picture: such a failure is soon forgotten. */
export const isPerhapsOurs = (code: ProblemCode): boolean => {
  const { fault, again, status } = policyOf(code)
  return status === 422 && (fault === 'machine' || again === 'soon')
}

/** Whether only this result failed: other results of the same source may succeed. */
export const isOfOneResult = (code: ProblemCode): boolean => policyOf(code).fault === 'result'
