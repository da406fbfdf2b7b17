import type { WorkSoFar } from '../app/build-tally.ts'

/** Before this the first pictures say more of themselves than of the others. */
const LEAST_SECONDS = 3
const LEAST_DONE = 10
const LEAST_SHARE = 0.2

/**
 * How long the rest will take, in seconds, from what has been done since the first original was read; undefined while
 * that says too little. It stands still rather than grow: the next pictures may be quicker again, and nobody can
 * plan with a time that runs away.
 */
export const createTimeLeft = (): ((
  work: WorkSoFar,
  at: { readonly seconds: number; readonly totalBytes: number },
) => number | undefined) => {
  let begunAt: number | undefined
  let least = Number.POSITIVE_INFINITY
  return ({ plannedBytes, workBytes, doneBytes, done }, { seconds, totalBytes }) => {
    if (workBytes > 0) begunAt ??= seconds
    const elapsed = seconds - (begunAt ?? seconds)
    // What was not looked at yet is taken to be as much work as what was.
    const unseen = Math.max(0, totalBytes - plannedBytes) * (workBytes / Math.max(plannedBytes, 1))
    const all = workBytes + unseen
    if (elapsed < LEAST_SECONDS || done === 0 || (done < LEAST_DONE && doneBytes < all * LEAST_SHARE))
      return undefined
    least = Math.min(least, (elapsed * (all - doneBytes)) / Math.max(doneBytes, 1))
    return least
  }
}

/** `25 s`, `3 min`, `1 h 20 min`: no more exact than anybody knows. */
export const formatTimeLeft = (seconds: number): string => {
  if (seconds < 55) return `${Math.max(5, Math.ceil(seconds / 5) * 5)} s`
  const minutes = Math.ceil(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${Math.floor((minutes % 60) / 10) * 10} min`
}
