import type { Format } from './format.ts'

/**
 * What an encode with the default options costs, measured with twelve photographs at quality 80: milliseconds of one
 * core per megapixel, and bytes per pixel of results 960 pixels wide. Not in `format.ts`, because browsers load that and
 * do not need this.
 */
const COSTS: Readonly<Record<Format, { readonly ms: number; readonly bytes: number }>> = {
  avif: { ms: 450, bytes: 0.042 },
  webp: { ms: 90, bytes: 0.072 },
  jpg: { ms: 60, bytes: 0.072 },
  png: { ms: 45, bytes: 1.4 },
  gif: { ms: 1600, bytes: 0.7 },
  svg: { ms: 0, bytes: 0 },
}

/** The predicted cost of encoding so many pixels, in milliseconds of one core. */
export const predictEncodeMs = (format: Format, pixels: number): number => (pixels * COSTS[format].ms) / 1e6

/** The bytes per pixel that a photograph usually has at quality 80. */
export const predictDensity = (format: Format): number => COSTS[format].bytes
