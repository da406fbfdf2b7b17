import type { PageNeeds } from '../../app/site/page-needs.ts'
import type { SourceKey } from '../../core/source-key.ts'

/**
 * Collects requests that come while work runs, and does them together as the next piece of work. The returned function
 * resolves once its request is done, and rejects if that piece of work does.
 */
export const joinRequests = <T>(
  work: (items: readonly T[]) => Promise<void>,
): ((items: Iterable<T>) => Promise<void>) => {
  let waiting: T[] = []
  let next: Promise<void> | undefined
  let running: Promise<unknown> = Promise.resolve()
  const start = async (): Promise<void> => {
    await running.catch(() => {}) // its own callers get the error
    await new Promise((resolve) => setImmediate(resolve)) // more requests may come at the same moment
    const items = waiting
    waiting = []
    next = undefined
    const done = work(items)
    running = done
    await done
  }
  return (items) => {
    const wanted = [...items]
    if (wanted.length === 0) return Promise.resolve()
    waiting.push(...wanted)
    next ??= start()
    return next
  }
}

interface Need {
  readonly source: SourceKey
  readonly size: string
}

/** Makes what pages need, each once: what comes while the last is made is made together. */
export const collectNeeds = (make: (due: PageNeeds) => Promise<void>) => {
  const all = new Map<SourceKey, Set<string>>()
  const add = joinRequests<Need>(async (needs) => {
    const due = new Map<SourceKey, Set<string>>()
    for (const { source, size } of needs) {
      if (all.get(source)?.has(size)) continue
      for (const sizes of [all, due]) sizes.set(source, (sizes.get(source) ?? new Set()).add(size))
    }
    if (due.size > 0) await make(due)
  })
  return { all: all as PageNeeds, add }
}
