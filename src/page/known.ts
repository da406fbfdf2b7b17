declare global {
  /**
   * Filled by the file that `imgsizes build --types images.d.ts` writes. Global, because that file also declares
   * modules by pattern, which a file that augments a module cannot.
   */
  interface ImgsizesKnownImages {}
}

/**
 * The sources and sizes of this project, for the compiler: empty, and so any text, until the file that
 * `imgsizes build --types images.d.ts` writes adds `source` and `size`.
 */
export interface KnownImages extends ImgsizesKnownImages {}

/** A source: its path, or the absolute URL under which it is known. */
export type SourceName = KnownImages extends { readonly source: infer S extends string }
  ? S | `http${string}`
  : string

/** A configured size. */
export type SizeName = KnownImages extends { readonly size: infer S extends string } ? S : string

/** A size, or a transform as it stands in a key: `300x200.cover.q80`. */
export type SizeOrTransform = SizeName | `${number}${string}.q${string}`
