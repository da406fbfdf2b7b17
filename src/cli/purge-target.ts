import { compileMatch, isGlob, type KeyMatcher, literalPrefix } from '../config/match.ts'
import { whyNotSourceKey } from '../core/source-key.ts'
import { UsageError } from './usage-error.ts'

/** One argument of `purge`: a source key, which may look like a glob. */
export interface PurgeTarget {
  readonly text: string
  /** Present where the text holds glob characters. */
  readonly isMatch?: KeyMatcher
  /** What every key of a matching source begins with. */
  readonly prefix: string
}

export const parsePurgeTarget = (text: string): PurgeTarget => {
  if (isGlob(text)) return { text, isMatch: compileMatch([text]), prefix: literalPrefix(text) }
  const why = whyNotSourceKey(text)
  if (why !== undefined) throw new UsageError(`${JSON.stringify(text)} is not a source name: it ${why}`)
  return { text, prefix: `${text}/` }
}

/** The longest beginning that all texts share: whole where they are one, else up to a "/", so that no character is cut. */
export const commonPrefix = (texts: readonly string[]): string => {
  const [first = '', ...others] = texts
  if (others.length === 0) return first
  let length = 0
  while (length < first.length && others.every((text) => text[length] === first[length])) length++
  return first.slice(0, first.slice(0, length).lastIndexOf('/') + 1)
}
