declare global {
  /**
   * Filled by the file of `imgsizes build --types images.d.ts`. Global, because that file also declares
   * modules by pattern, which a file that augments a module cannot do.
   */
  interface ImgsizesKnownImages {}
}

/**
 * The sources and sizes of this project, for the compiler. Any text is accepted until the file of
 * `imgsizes build --types images.d.ts` writes adds `source` and `size`.
 */
export interface KnownImages extends ImgsizesKnownImages {}

/** A source: its path, or an absolute URL of it. */
export type SourceName = KnownImages extends { readonly source: infer S extends string }
  ? S | `http${string}`
  : string

/** A configured size. */
export type SizeName = KnownImages extends { readonly size: infer S extends string } ? S : string

/** A size, or a transform as in a key: `300x200.cover.q80`. */
export type SizeOrTransform = SizeName | `${number}${string}.q${string}`
