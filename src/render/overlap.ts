/** Runs pieces of work, a limited number at once. */
export interface Overlap {
  /** Begins `work`, and waits until another piece may begin. Throws the error of an earlier piece. */
  begin(work: () => Promise<void>): Promise<void>
  /** Waits until all pieces have ended, and throws the error of the first that failed. */
  end(): Promise<void>
}

/** At most `atOnce` pieces run at once. */
export const openOverlap = (atOnce: number): Overlap => {
  const running = new Set<Promise<void>>()
  let failure: { readonly error: unknown } | undefined
  const throwFailure = (): void => {
    if (failure !== undefined) throw failure.error
  }
  return {
    async begin(work) {
      throwFailure()
      const piece = work()
        .catch((error) => {
          failure ??= { error }
        })
        .finally(() => running.delete(piece))
      running.add(piece)
      while (running.size >= atOnce) await Promise.race(running)
      throwFailure()
    },
    async end() {
      await Promise.all(running)
      throwFailure()
    },
  }
}
