import { Problem } from '../core/problem.ts'

/** How long somebody waits for room. */
export interface Patience {
  /** In all: Problem `overloaded` after that. Absent: until there is room. */
  readonly waitMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Waits for room, once or several times, and for no longer than `waitMs` together. */
export interface Wait {
  /** `take` waits with a signal that aborts with the given one's reason, or with Problem `overloaded`. */
  for<T>(take: (signal: AbortSignal | undefined) => Promise<T>): Promise<T>
}

export const openWait = ({ waitMs, signal }: Patience): Wait => {
  let leftMs = waitMs
  return {
    for: async (take) => {
      if (waitMs === undefined || leftMs === undefined) return take(signal)
      const startedAt = performance.now()
      const limited = new AbortController()
      const forward = (): void => limited.abort(signal?.reason)
      signal?.addEventListener('abort', forward, { once: true })
      if (signal?.aborted) forward()
      const timer = setTimeout(() => limited.abort(noRoom(waitMs)), Math.max(0, leftMs))
      try {
        return await take(limited.signal)
      } finally {
        clearTimeout(timer)
        signal?.removeEventListener('abort', forward)
        leftMs -= performance.now() - startedAt
      }
    },
  }
}

const noRoom = (waitMs: number): Problem =>
  new Problem('overloaded', `No process or no memory was free within ${waitMs / 1000} s.`)

/**
 * What comes of `work`, or the Problem `render-timeout`, or the signal's reason, whichever comes first: whoever asks
 * then ends the work.
 */
export const waitFor = <T>(
  work: Promise<T>,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<T> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(renderTimeout(timeoutMs)), timeoutMs)
    const abort = (): void => reject(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted) abort()
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    })
  })

const renderTimeout = (timeoutMs: number): Problem =>
  new Problem('render-timeout', `The picture took longer than ${timeoutMs / 1000} s.`, {
    hint: 'Raise limits.renderTimeout, or lower the effort of the encoders.',
  })
