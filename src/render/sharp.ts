import { createRequire } from 'node:module'
import type sharpPackage from 'sharp'

/** By `require`, for its ES modules are looked for and read one by one: 58 ms of each start for 35. */
export const sharp: typeof sharpPackage = createRequire(import.meta.url)('sharp')

/** What every decoder is told: damage is an error, a camera's harmless warnings are not; the limits are ours. */
export const DECODING = { failOn: 'error', limitInputPixels: false, limitInputChannels: false } as const

/** Loaders of the formats that we sniff; all others are blocked, as a second wall behind `sniffMedia`. */
const LOADERS = ['Jpeg', 'Uhdr', 'Png', 'Webp', 'Heif', 'Nsgif', 'Tiff', 'Svg']

/**
 * For a process that renders and does nothing else: no cache (nothing is asked for twice), and one core for each step,
 * which also pins the bytes of an AVIF.
 */
export const setUpSharp = (): void => {
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: LOADERS.map((name) => `VipsForeignLoad${name}`) })
  sharp.cache(false)
  sharp.concurrency(1)
}
