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

/** How long somebody waits for work. */
export interface Patience {
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** Tells the worker that nobody waits any more: a thread ends before its next step, a process at once. */
  readonly giveUp?: () => void
}

/**
 * What comes of `work`, or the Problem `render-timeout`, or the signal's reason, whichever comes first. An encode
 * that has begun in a thread cannot be ended; what was taken for it is given back when it ends by itself.
 */
export const waitFor = <T>(work: Promise<T>, { timeoutMs, signal, giveUp }: Patience): Promise<T> =>
  new Promise((resolve, reject) => {
    const leave = (reason: unknown): void => {
      giveUp?.()
      reject(reason)
    }
    const timer = setTimeout(() => leave(renderTimeout(timeoutMs)), timeoutMs)
    const abort = (): void => leave(signal?.reason)
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
