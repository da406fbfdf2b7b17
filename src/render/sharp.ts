import { createRequire } from 'node:module'
import type sharpPackage from 'sharp'

/** By `require`, for its ES modules are looked for and read one by one: 58 ms of each thread's start for 35. */
export const sharp: typeof sharpPackage = createRequire(import.meta.url)('sharp')

/** What every decoder is told: damage is an error, a camera's harmless warnings are not; the limits are ours. */
export const DECODING = { failOn: 'error', limitInputPixels: false, limitInputChannels: false } as const

/**
 * sharp, set up for one thread of many. To be called by each thread, since importing sharp in a new one resets the
 * settings of the whole process: no cache (nothing is asked for twice), and one core for each picture, which also
 * pins the bytes of an AVIF. What may be loaded at all is not its business: see `loaders.ts`.
 */
export const setUpSharp = (): typeof sharp => {
  sharp.cache(false)
  sharp.concurrency(1)
  return sharp
}
