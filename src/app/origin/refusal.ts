import { type Problem, type ProblemCode, policyOf } from '../../core/problem.ts'

/** No picture. The code is stable and for programs; `statusOf` is the status that it has. */
export interface Refused {
  readonly kind: 'refused'
  readonly code: ProblemCode
}

/** A refusal with this code. */
export const refuse = (code: ProblemCode): Refused => ({ kind: 'refused', code })

/**
 * What visitors are told of a failed fetch or render. Codes of stores are not told: they show how the server is built.
 */
export const toRefused = ({ code }: Problem): Refused => {
  if (code === 'store-timeout') return refuse('source-timeout')
  const { fault, status } = policyOf(code)
  return refuse(fault === 'place' || status === undefined ? 'source-unavailable' : code)
}

/** Whether the machine may be at fault and not the picture: such a failure is soon forgotten. */
export const isPerhapsOurs = (code: ProblemCode): boolean => {
  const { fault, again, status } = policyOf(code)
  return status === 422 && (fault === 'machine' || again === 'soon')
}

/** Whether only this result failed: other results of the same source may succeed. */
export const isOfOneResult = (code: ProblemCode): boolean => policyOf(code).fault === 'result'
