/** What the answers of a server tell of its clock. */
export interface ServerClock {
  /** By how much it is ahead of ours in milliseconds; 0 while nothing says that it differs. */
  offsetMs(): number
  /** An answer came with this time; `askedAt` and `answeredAt` by our clock. */
  hear(date: number, span: { readonly askedAt: number; readonly answeredAt: number }): void
}

/** What is less than a clock is off between two settings of it. */
const GRAIN_MS = 2_000

/** Dates come to a second, and some time between question and answer: what fits into that is no difference. */
export const createServerClock = (): ServerClock => {
  let offset = 0
  return {
    offsetMs: () => offset,
    hear: (date, { askedAt, answeredAt }) => {
      if (Number.isNaN(date)) return
      const least = date - answeredAt - GRAIN_MS
      const most = date + 1_000 - askedAt + GRAIN_MS
      // Within what an answer leaves open the last one is kept, so that the time does not leap to and fro.
      if (least <= 0 && most >= 0) offset = 0
      else if (offset < least || offset > most) offset = (least + most) / 2
    },
  }
}
