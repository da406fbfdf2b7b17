import { createRequire } from 'node:module'
import { loadSharp } from './load-sharp.ts'
import type { Strictness } from './mend.ts'

/** The package, loaded with this module: only processes that render load it. */
export const sharp = loadSharp(createRequire(import.meta.url))

/** Options of every decoder: its own limits are off, because ours apply. */
export const decodeWith = (failOn: Strictness) =>
  ({ failOn, limitInputPixels: false, limitInputChannels: false }) as const

/** The same where damage is an error, but harmless warnings are not. */
export const DECODING = decodeWith('error')

/** Loaders of the formats that we recognise; all others are blocked, as a second protection behind `sniffMedia`. */
const LOADERS = ['Jpeg', 'Uhdr', 'Png', 'Webp', 'Heif', 'Nsgif', 'Tiff', 'Svg']

/**
 * For a process that only renders: no cache, because nothing is asked for twice, and one core for each step,
 * which also makes the bytes of an AVIF always the same.
 */
export const setUpSharp = (): void => {
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: LOADERS.map((name) => `VipsForeignLoad${name}`) })
  sharp.cache(false)
  sharp.concurrency(1)
}
