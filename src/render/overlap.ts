/** Pieces of work, so many of them at once. */
export interface Overlap {
  /** Begins `work`, and waits until another may begin. Throws what an earlier one has failed with. */
  begin(work: () => Promise<void>): Promise<void>
  /** Waits until all that has begun has ended, and throws what the first of them has failed with. */
  end(): Promise<void>
}

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
