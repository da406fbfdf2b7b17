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
export const RENDER_REVISION = 6

/** The same for vectors: to be raised by a change of what is left of an SVG. */
export const VECTOR_REVISION = 1
