/**
 * A function that runs `work`. Asked while it runs, it runs once more after that, however often it was asked. Each call
 * ends with the run that began after it.
 */
export const createRerun = (work: () => Promise<void>): (() => Promise<void>) => {
  let running = Promise.resolve()
  let next: Promise<void> | undefined
  const run = (): Promise<void> => {
    next = undefined
    running = work()
    return running
  }
  return () => {
    next ??= running.then(run, run)
    return next
  }
}
