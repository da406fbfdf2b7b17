/** Counts pictures that are on their way to the renderer: being read, looked at, or waiting for their turn. */
export interface Arrivals {
  readonly underWay: number
  /** One more is under way, until what is returned is called for the first time. */
  expect(): () => void
}

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
