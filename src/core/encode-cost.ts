import type { Format } from './format.ts'

/**
 * What an encode costs, a megapixel, at the default options: milliseconds of one core, by twelve photographs. Apart from
 * what else is known of a format, for a browser that shows pictures has no use of it.
 */
const ENCODE_MS: Readonly<Record<Format, number>> = {
  avif: 450,
  webp: 90,
  jpg: 60,
  png: 45,
  gif: 1600,
  svg: 0,
}

/** What encoding so many pixels costs, in milliseconds of one core as predicted. */
export const predictEncodeMs = (format: Format, pixels: number): number => (pixels * ENCODE_MS[format]) / 1e6
