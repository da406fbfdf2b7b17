import { useEffect, useState } from 'preact/hooks'
import { askJson } from './api.ts'

/** Neither is there while the server has not answered. */
interface Answer<T> {
  readonly answer?: T
  /** Why there is none. */
  readonly problem?: string
}

/** Asks the server once, and again when `again` changes: until then the last answer stays. */
export const useAnswer = <T>(path: string, again?: unknown): Answer<T> => {
  const [answer, setAnswer] = useState<Answer<T>>({})
  useEffect(() => {
    const left = new AbortController()
    askJson<T>(path, {}, left.signal).then(
      (answer) => setAnswer({ answer }),
      (error: Error) => {
        if (!left.signal.aborted) setAnswer({ problem: error.message })
      },
    )
    return () => left.abort()
  }, [path, again])
  return answer
}
