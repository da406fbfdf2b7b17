import { createRequire } from 'node:module'
import type sharpPackage from 'sharp'
import type { Strictness } from './mend.ts'

/** By `require`, for its ES modules are looked for and read one by one: 58 ms of each start for 35. */
export const sharp: typeof sharpPackage = createRequire(import.meta.url)('sharp')

/** What every decoder is told: the limits are ours. */
export const decodeWith = (failOn: Strictness) =>
  ({ failOn, limitInputPixels: false, limitInputChannels: false }) as const

/** The same where damage is an error, and harmless warnings are none. */
export const DECODING = decodeWith('error')

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
