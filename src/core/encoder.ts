/**
 * How each format is encoded: what it costs and weighs, never what its key promises. Names and ranges are sharp's:
 * `effort` 0..9 for AVIF, 0..6 for WebP, 1..10 for GIF; `compressionLevel` 0..9 for PNG; absent, sharp's own, and for GIF 6.
 * `progressive` is told only where it is false: one scan, and the Huffman tables that the standard gives, which is
 * sharp's `optimiseCoding: false` as well.
 * Told only where it is not so: WebPs are lossless where that is smaller, PNGs have a palette where that holds all of
 * their colours; with `look` also where nobody can tell. With `search` the encoder's own number is found for each result, so that it looks as its quality says.
 */
export interface EncoderOptions {
  readonly avif: { readonly effort: number; readonly search?: true }
  readonly webp: { readonly effort: number; readonly search?: true; readonly lossless?: false }
  readonly jpeg: { readonly mozjpeg: boolean; readonly progressive?: false; readonly search?: true }
  readonly png: { readonly compressionLevel?: number; readonly palette?: 'look' | false }
  readonly gif: { readonly effort?: number }
}

/**
 * Raised by whoever changes what is seen in a result: the resampling, the quality table, the attention point, where
 * padding falls. Every result is then stale. Upgrades of the encoders themselves do not raise it; they are recorded
 * beside the recipe.
 */
export const RENDER_REVISION = 3

/** The same for what is left of an SVG that is served as one. */
export const VECTOR_REVISION = 1
