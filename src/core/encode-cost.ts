import type { Format } from './format.ts'

/**
 * The cost of an encode with the default options: milliseconds of one core per megapixel, measured with twelve
 * photographs. Not in `format.ts`, because browsers load that and do not need this.
 */
const ENCODE_MS: Readonly<Record<Format, number>> = {
  avif: 450,
  webp: 90,
  jpg: 60,
  png: 45,
  gif: 1600,
  svg: 0,
}

/** The predicted cost of encoding so many pixels, in milliseconds of one core. */
export const predictEncodeMs = (format: Format, pixels: number): number => (pixels * ENCODE_MS[format]) / 1e6
