import { createContext, runInContext } from 'node:vm'

/** Which of `texts` a pattern matches as a whole; none where it is no pattern, or takes too long to say. */
export type TryPattern = (pattern: string, texts: readonly string[]) => readonly boolean[]

const TIMEOUT_MS = 100
/** After so many that take too long, what is written like that is not tried any more. */
const MOST_TIMEOUTS = 10

/** For patterns that somebody else has written: one of twenty letters can keep V8 busy for years. */
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
      if (error instanceof Error && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
        timeouts++
      return [] // else a syntax that is PCRE's alone
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
