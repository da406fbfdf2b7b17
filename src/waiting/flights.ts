import { orAborted } from './signals.ts'

/** Work that runs, by key: whoever asks for the same key meanwhile shares it. */
export interface Flights<T> {
  /** How many run. */
  readonly size: number
  /**
   * Joins the work on `key`, or starts it. A caller leaves by its signal. When the last one has left, the work's own
   * signal aborts, and the next caller starts it anew.
   */
  join(key: string, signal: AbortSignal, start: (signal: AbortSignal) => Promise<T>): Promise<T>
}

interface Flight<T> {
  readonly result: Promise<T>
  readonly controller: AbortController
  passengers: number
}

/** Made once: an abort without a reason creates an exception with a stack each time. */
const LEFT = new Error('Nobody waits for this any more.')

/** No work runs at first. */
export const createFlights = <T>(): Flights<T> => {
  const flights = new Map<string, Flight<T>>()
  const end = (key: string, flight: Flight<T>): void => {
    if (flights.get(key) === flight) flights.delete(key)
  }
  const launch = (key: string, start: (signal: AbortSignal) => Promise<T>): Flight<T> => {
    const controller = new AbortController()
    // Removed before any caller sees the result: a caller that joins again then starts new work.
    const result = start(controller.signal).finally(() => end(key, flight))
    const flight: Flight<T> = { result, controller, passengers: 0 }
    flights.set(key, flight)
    return flight
  }
  return {
    get size() {
      return flights.size
    },
    join: async (key, signal, start) => {
      signal.throwIfAborted()
      const flight = flights.get(key) ?? launch(key, start)
      flight.passengers++
      try {
        return await orAborted(flight.result, signal)
      } finally {
        flight.passengers--
        if (flight.passengers === 0) {
          end(key, flight)
          flight.controller.abort(signal.reason ?? LEFT)
        }
      }
    },
  }
}
