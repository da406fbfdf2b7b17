import { expect } from 'vitest'

/** How often work is done anew that took too long: others' garbage and V8's compiler take the processor too. */
const MOST_TRIES = 3

/** Seconds of a core that this process has used. */
const cpuSecondsOfThis = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/**
 * Fails where work takes more of the processor, again and again. The bound stands for "in proportion": it is to be several
 * times what the work takes on a quiet machine, and far below what a power of its length would.
 */
export const expectCpuWithin = async (
  seconds: number,
  work: () => unknown,
  readSeconds: () => number = cpuSecondsOfThis,
): Promise<void> => {
  const tries: number[] = []
  while (tries.length < MOST_TRIES) {
    const before = readSeconds()
    await work()
    const used = readSeconds() - before
    if (used <= seconds) return
    tries.push(used)
  }
  expect.fail(`Took ${tries.map((used) => used.toFixed(2)).join(', ')} s of CPU, not ${seconds}`)
}
