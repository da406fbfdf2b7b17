import { useState } from 'preact/hooks'
import { askJson } from './api.ts'
import { useReading } from './use-reading.ts'

/** Neither is there while the server has not answered. */
interface Answer<T> {
  readonly answer?: T
  /** Why there is none. */
  readonly problem?: string
}

/** Asks the server once, and again when `again` changes: until then the last answer stays. */
export const useAnswer = <T>(path: string, again?: unknown): Answer<T> => {
  const [answer, setAnswer] = useState<Answer<T>>({})
  useReading(
    async (signal) => setAnswer({ answer: await askJson<T>(path, {}, signal) }),
    [path, again],
    (problem) => setAnswer({ problem }),
  )
  return answer
}
