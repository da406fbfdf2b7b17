/** Values in time order, for undo and redo. */
export interface History<T> {
  readonly past: readonly T[]
  readonly present: T
  readonly future: readonly T[]
}

/** A history of one value. */
export const openHistory = <T>(present: T): History<T> => ({ past: [], present, future: [] })

const MOST = 200

/** Values that were undone are dropped. `isSameStep`: replaces the present value, so that a drag is one step. */
export const push = <T>({ past, present }: History<T>, next: T, isSameStep = false): History<T> => ({
  past: isSameStep ? past : [...past, present].slice(-MOST),
  present: next,
  future: [],
})

/** Goes back one value; unchanged where there is none. */
export const undo = <T>(history: History<T>): History<T> => {
  const { past, present, future } = history
  if (past.length === 0) return history
  return { past: past.slice(0, -1), present: past.at(-1) as T, future: [present, ...future] }
}

/** Goes forward one value; unchanged where there is none. */
export const redo = <T>(history: History<T>): History<T> => {
  const { past, present, future } = history
  const [next, ...rest] = future
  return future.length === 0 ? history : { past: [...past, present], present: next as T, future: rest }
}
