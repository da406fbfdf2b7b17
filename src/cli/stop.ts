/** A wish to end, from the keyboard or from whoever runs us. */
export interface Stop {
  /** Aborts at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal
  /** 130 or 143 (128 and the signal's number) once it has come. */
  readonly exitCode: () => number | undefined
  dispose(): void
}

export type StopSignal = 'SIGINT' | 'SIGTERM'

const SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM']

const EXIT_CODES: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143 }

/**
 * The first signal asks to end: what is in flight is finished and stored. The second leaves at once, which is
 * safe too (law Crash), and only loses that work.
 */
export const listenForStop = (say: (text: string) => void, leave: (name: StopSignal) => void): Stop => {
  const controller = new AbortController()
  let first: StopSignal | undefined
  const take = (name: StopSignal): void => {
    if (first !== undefined) {
      leave(name)
      return
    }
    first = name
    say(
      `${name === 'SIGINT' ? 'Interrupted' : 'Told to stop'}: ending what is under way; once more to leave at once.`,
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
 * Has a signal end this process at once wherever nobody listens for it, as it would by itself: but for the first process
 * of a container, which hears of no signal that it has not asked for, and would start and run on.
 */
export const leaveAtSignals = (): void => {
  for (const name of SIGNALS) process.on(name, leaveBy)
}

/**
 * Ends this process now, by the signal itself, so that a shell sees 130 or 143. `process.exit` is what is left where
 * the signal is none to the first process of a container.
 */
export const leaveBy = (name: StopSignal): void => {
  process.removeAllListeners(name)
  // After all other listeners: a progress bar gives the cursor back.
  process.on('exit', () => process.kill(process.pid, name))
  process.exit(EXIT_CODES[name])
}
