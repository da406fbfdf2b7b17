import { setMaxListeners } from 'node:events'

/** Tells when the user, or the system, wants this run to end. */
export interface Stop {
  /** Aborts at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal
  /** 130 or 143 (128 plus the signal's number) once it has come. */
  readonly exitCode: () => number | undefined
  dispose(): void
}

/** The signals that end a run. */
export type StopSignal = 'SIGINT' | 'SIGTERM'

const SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM']

const EXIT_CODES: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143 }

/**
 * The first signal asks to end: work that runs is finished and stored. The second ends the process at once, which is
 * safe too (law Crash); only that work is lost.
 */
export const listenForStop = (say: (text: string) => void, leave: (name: StopSignal) => void): Stop => {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal) // one for each read that runs: bounded by the concurrency, and no leak
  let first: StopSignal | undefined
  const take = (name: StopSignal): void => {
    if (first !== undefined) {
      leave(name)
      return
    }
    first = name
    say(
      `${name === 'SIGINT' ? 'Interrupted' : 'Told to stop'}: finishing the work that runs; once more to leave at once.`,
    )
    controller.abort(new Error(`stopped by ${name}`))
  }
  for (const name of SIGNALS) process.off(name, leaveBy).on(name, take)
  return {
    signal: controller.signal,
    exitCode: () => first && EXIT_CODES[first],
    dispose: () => {
      for (const name of SIGNALS) process.off(name, take).on(name, leaveBy)
    },
  }
}

/**
 * Runs to the end, or the process fails: Node ends with 0 where nothing is left to wait for, as when a configuration
 * awaits what never comes, or calls `process.exit`.
 */
export const runToEnd = async (run: () => Promise<number>): Promise<void> => {
  const fail = (code: number): void => {
    if (code !== 0) return
    process.stderr.write(
      'error: the process ended before the command did.\n' +
        '  Look at what the configuration waits for, and whether it calls process.exit.\n',
    )
    process.exitCode = 1
  }
  process.once('exit', fail)
  process.exitCode = await run()
  process.off('exit', fail)
}

/**
 * Makes a signal end this process at once where nobody listens for it, as it usually does. The first process of a
 * container gets no signal that it does not listen for, and would go on.
 */
export const leaveAtSignals = (): void => {
  for (const name of SIGNALS) process.on(name, leaveBy)
}

/**
 * Ends this process now, by the signal itself, so that a shell sees 130 or 143; by `process.exit` where the signal has
 * no effect, as for the first process of a container.
 */
export const leaveBy = (name: StopSignal): void => {
  process.removeAllListeners(name)
  // After all other listeners: a progress bar restores the cursor.
  process.on('exit', () => process.kill(process.pid, name))
  process.exit(EXIT_CODES[name])
}
