/** Counts pictures that will soon reach the renderer: they are being read, or wait for their turn. */
export interface Arrivals {
  readonly underWay: number
  /** Counts one more, until the returned function is called. */
  expect(): () => void
}

/** Begins at 0. */
export const createArrivals = (): Arrivals => {
  let underWay = 0
  return {
    get underWay() {
      return underWay
    },
    expect: () => {
      let isUnderWay = true
      underWay++
      return () => {
        if (isUnderWay) underWay--
        isUnderWay = false
      }
    },
  }
}
