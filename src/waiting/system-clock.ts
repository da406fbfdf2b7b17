import type { Clock } from './clock.ts'
import { onAbort } from './signals.ts'

/** The time of this machine. */
export const systemClock: Clock = {
  now: () => Math.floor(performance.now()),
  date: () => Date.now(),
  random: () => Math.random(),
  wait: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const timer = setTimeout(() => {
        stop()
        resolve()
      }, ms)
      const stop = onAbort(signal, () => {
        clearTimeout(timer)
        reject(signal?.reason)
      })
    }),
  alarm: (ms, ring) => {
    const timer = setTimeout(ring, ms)
    return () => clearTimeout(timer)
  },
}
