/** Values one after the other, of which each can be gone back to. */
export interface History<T> {
  readonly past: readonly T[]
  readonly present: T
  readonly future: readonly T[]
}

export const openHistory = <T>(present: T): History<T> => ({ past: [], present, future: [] })

const MOST = 200

/** What follows from here on is forgotten. `isSameStep`: a drag is one step, however many points it passes. */
export const push = <T>({ past, present }: History<T>, next: T, isSameStep = false): History<T> => ({
  past: isSameStep ? past : [...past, present].slice(-MOST),
  present: next,
  future: [],
})

export const undo = <T>(history: History<T>): History<T> => {
  const { past, present, future } = history
  const before = past.at(-1)
  return past.length === 0
    ? history
    : { past: past.slice(0, -1), present: before as T, future: [present, ...future] }
}

export const redo = <T>(history: History<T>): History<T> => {
  const { past, present, future } = history
  const [next, ...rest] = future
  return future.length === 0 ? history : { past: [...past, present], present: next as T, future: rest }
}
