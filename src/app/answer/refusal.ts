import type { Problem } from '../../core/problem.ts'
import { SOURCE_FAULTS } from '../source-faults.ts'

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
  readonly code: string
}

export const refuse = (reason: RefusalReason, code: string): Refused => ({ kind: 'refused', reason, code })

/** What the world is told of a failed fetch or render. Codes of stores stay inside: they say how we are built. */
export const toRefused = ({ code }: Problem): Refused => {
  // With more memory it can be rendered, but not here.
  if (SOURCE_FAULTS.has(code) || code === 'too-large-for-memory') return refuse('unrenderable', code)
  if (code === 'watermark-unknown') return refuse('missing', code)
  if (code === 'overloaded' || code === 'render-unavailable') return refuse('overloaded', code)
  if (code === 'store-timeout') return refuse('source-late', 'source-timeout')
  return refuse('source-failed', 'source-unavailable')
}

/** Failures that may be the machine's fault rather than the picture's: not held against it for long. */
export const isPerhapsOurs = (code: string): boolean => code === 'render-timeout' || code === 'render-crashed'

/** Failures of one result whatever its source: others may well be made of that. */
export const isOfOneResult = (code: string): boolean => OF_ONE_RESULT.has(code)

const OF_ONE_RESULT: ReadonlySet<string> = new Set([
  'output-too-large',
  'watermark-unknown',
  'not-a-vector',
  'vector-unsafe',
])
