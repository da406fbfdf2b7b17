import type { Format } from './format.ts'

/**
 * How each format is encoded: it decides costs and file sizes, never what a key promises. Names and ranges are sharp's:
 * `effort` 0..9 for AVIF, 0..6 for WebP, 1..10 for GIF; `compressionLevel` 0..9 for PNG. If absent: sharp's default,
 * and 6 for GIF. `progressive` is only set where it is false: one scan, with the standard's Huffman tables (sharp's
 * `optimiseCoding: false`). `lossless` and `palette` are only set where they differ from the default: WebPs are
 * lossless where that is smaller; PNGs have a palette where it holds all colours, with `look` also where nobody sees a
 * difference. With `search`, the encoder's number is searched for each result, so that it looks as its quality says.
 */
export interface EncoderOptions {
  readonly avif: { readonly effort: number; readonly search?: true }
  readonly webp: { readonly effort: number; readonly search?: true; readonly lossless?: false }
  readonly jpeg: { readonly mozjpeg: boolean; readonly progressive?: false; readonly search?: true }
  readonly png: { readonly compressionLevel?: number; readonly palette?: 'look' | false }
  readonly gif: { readonly effort?: number }
}

/**
 * To be raised by a change of what results show: the resampling, the quality table, the attention point, where padding
 * lies. Every result is then stale. New versions of the encoders do not raise it; they are recorded beside the recipe.
 */
export const RENDER_REVISION = 12

/** The same for vectors: to be raised by a change of what is left of an SVG. */
export const VECTOR_REVISION = 1

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
