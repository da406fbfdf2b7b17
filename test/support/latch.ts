/** Something to wait for. */
export interface Latch {
  /** Ends with the first `open`. */
  readonly opened: Promise<void>
  /** How many have come to wait by `pass`. */
  readonly waiting: number
  open(): void
  /** Counts whoever comes, and waits until it is opened. */
  pass(): Promise<void>
}

/** A latch that is shut until it is opened (Node 20 has no Promise.withResolvers). */
export const createLatch = (): Latch => {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  let waiting = 0
  return {
    opened,
    open,
    pass: () => {
      waiting++
      return opened
    },
    get waiting() {
      return waiting
    },
  }
}
