/** Thumbnails that are asked for as tiles come into view, and not any more once they have left it. */

interface ThumbQueueOptions<T> {
  readonly load: (source: string, signal: AbortSignal) => Promise<T>
  /** Requests under way: browsers open six connections, and others are to have some. */
  readonly atOnce: number
  /** Held for who scrolls back. */
  readonly most: number
  /** Frees one that is held no longer. */
  readonly free: (thumb: T) => void
}

interface Waiting<T> {
  readonly source: string
  readonly done: (thumb: T | undefined) => void
  readonly left: AbortController
}

/** Loads thumbnails while they are wanted, and keeps some; nothing before the first request. */
export const createThumbQueue = <T>({ load, atOnce, most, free }: ThumbQueueOptions<T>) => {
  const held = new Map<string, T>()
  const waiting = new Set<Waiting<T>>()
  let running = 0
  const hold = (source: string, thumb: T): void => {
    const before = held.get(source)
    if (before !== undefined && before !== thumb) free(before)
    held.delete(source)
    held.set(source, thumb)
    for (const [oldest, its] of held) {
      if (held.size <= most) break
      held.delete(oldest)
      free(its)
    }
  }
  const start = async ({ source, done, left }: Waiting<T>): Promise<void> => {
    running++
    const thumb = await load(source, left.signal).catch(() => undefined)
    running--
    if (thumb !== undefined) hold(source, thumb)
    if (!left.signal.aborted) done(thumb)
    startNext()
  }
  const startNext = (): void => {
    for (const next of waiting) {
      if (running >= atOnce) return
      waiting.delete(next)
      void start(next)
    }
  }
  return {
    /** What is held of it already. */
    held: (source: string): T | undefined => {
      const thumb = held.get(source)
      // What is looked at is kept longest.
      if (thumb !== undefined) hold(source, thumb)
      return thumb
    },
    /** `done` is called once, unless the returned function is called before. */
    request: (source: string, done: (thumb: T | undefined) => void): (() => void) => {
      const one: Waiting<T> = { source, done, left: new AbortController() }
      waiting.add(one)
      startNext()
      return () => {
        waiting.delete(one)
        one.left.abort()
      }
    },
    clear: (): void => {
      for (const thumb of held.values()) free(thumb)
      held.clear()
    },
  }
}
