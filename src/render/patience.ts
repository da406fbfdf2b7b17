import { Problem } from '../core/problem.ts'

/**
 * Runs `take`, which waits for room, with a signal that aborts with the given one, or with Problem `overloaded`
 * after `waitMs`. Without a limit it is the given one.
 */
export const takeInTime = async <T>(
  waitMs: number | undefined,
  signal: AbortSignal | undefined,
  take: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> => {
  if (waitMs === undefined) return take(signal)
  const limited = new AbortController()
  const forward = (): void => limited.abort(signal?.reason)
  signal?.addEventListener('abort', forward, { once: true })
  if (signal?.aborted) forward()
  const timer = setTimeout(() => limited.abort(noRoom(waitMs)), waitMs)
  try {
    return await take(limited.signal)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', forward)
  }
}

const noRoom = (waitMs: number): Problem =>
  new Problem('overloaded', `No thread or no memory was free within ${waitMs / 1000} s.`)
