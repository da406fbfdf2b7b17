import { createContext, runInContext } from 'node:vm'
import { errorCodeOf } from '../core/error-code.ts'

/** Which of `texts` a pattern matches as a whole; all false where it is invalid, or takes too long. */
export type TryPattern = (pattern: string, texts: readonly string[]) => readonly boolean[]

/** A busy machine may need most of it for a pattern of a microsecond. */
const TIMEOUT_MS = 1_000
/** After so many timeouts, no more patterns are tried. */
const MOST_TIMEOUTS = 5

/** For patterns of unknown authors: one of twenty letters can keep V8 busy for years. */
export const createPatternTrial = (): TryPattern => {
  const context = createContext({})
  const known = new Map<string, readonly boolean[]>()
  let timeouts = 0
  const attempt: TryPattern = (pattern, texts) => {
    if (timeouts === MOST_TIMEOUTS) return []
    try {
      Object.assign(context, { source: `^(?:${pattern})$`, texts })
      const code = 'texts.map((text) => new RegExp(source).test(text))'
      return runInContext(code, context, { timeout: TIMEOUT_MS })
    } catch (error) {
      if (errorCodeOf(error) === 'ERR_SCRIPT_EXECUTION_TIMEOUT') timeouts++
      return [] // invalid in JavaScript, as some syntax of PCRE is
    }
  }
  return (pattern, texts) => {
    const before = known.get(pattern)
    if (before !== undefined) return before
    const found = attempt(pattern, texts)
    known.set(pattern, found)
    return found
  }
}
