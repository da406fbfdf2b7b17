/** A wish to end, from the keyboard or from whoever runs us. */
export interface Stop {
  /** Aborts at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal
  /** 130 or 143 (128 and the signal's number) once it has come. */
  readonly exitCode: () => number | undefined
  dispose(): void
}

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const

/**
 * The first signal asks to end: what is in flight is finished and stored. The second leaves at once, which is
 * safe too (law Crash), and only loses that work.
 */
export const listenForStop = (say: (text: string) => void, leave: (code: number) => void): Stop => {
  const controller = new AbortController()
  let exitCode: number | undefined
  const take = (name: 'SIGINT' | 'SIGTERM'): void => {
    if (exitCode !== undefined) {
      leave(EXIT_CODES[name])
      return
    }
    exitCode = EXIT_CODES[name]
    say(
      `${name === 'SIGINT' ? 'Interrupted' : 'Told to stop'}: ending what is under way; once more to leave at once.`,
    )
    controller.abort(new Error(`stopped by ${name}`))
  }
  process.on('SIGINT', take)
  process.on('SIGTERM', take)
  return {
    signal: controller.signal,
    exitCode: () => exitCode,
    dispose: () => {
      process.off('SIGINT', take)
      process.off('SIGTERM', take)
    },
  }
}
