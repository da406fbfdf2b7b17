/** What the answers of a server tell of its clock. */
export interface ServerClock {
  /** By how many whole milliseconds it is ahead of ours; 0 while nothing shows a difference. */
  offsetMs(): number
  /** To be called with the time in an answer; `askedAt` and `answeredAt` are by our clock. */
  hear(date: number, span: { readonly askedAt: number; readonly answeredAt: number }): void
}

/** Smaller differences are normal between two synchronisations of a clock. */
const GRAIN_MS = 2_000

/** Dates are in whole seconds, and an answer takes some time: a difference that may come from this counts as none. */
export const createServerClock = (): ServerClock => {
  let offset = 0
  return {
    offsetMs: () => offset,
    hear: (date, { askedAt, answeredAt }) => {
      if (Number.isNaN(date)) return
      const least = date - answeredAt - GRAIN_MS
      const most = date + 1_000 - askedAt + GRAIN_MS
      // While the answers allow it, the last offset is kept, so that the time does not jump back and forth.
      if (least <= 0 && most >= 0) offset = 0
      else if (offset < least || offset > most) offset = Math.round((least + most) / 2)
    },
  }
}
