import type { EncoderOptions } from '../core/encoder.ts'
import type { FormatChoice } from '../core/format.ts'
import type { EncodersInput } from './encoders-schema.ts'

/** Defaults that are used elsewhere as well, or follow from other options: see `include`. */
export const DEFAULT_INCLUDE: readonly string[] = ['**/*.{jpg,jpeg,jpe,jfif,png,webp,avif,gif,tif,tiff,svg}']
/** See `formats`. */
export const DEFAULT_FORMATS: readonly FormatChoice[] = ['avif', 'webp', 'original']
/** See `encoders`. */
export const DEFAULT_ENCODERS: EncoderOptions = {
  avif: { effort: 3, search: true },
  webp: { effort: 4, search: true },
  jpeg: { mozjpeg: true, search: true },
  png: {},
  gif: {},
}

/** Changes to `encoders` where a visitor waits. */
export const DEFAULT_SERVE_ENCODERS = {
  jpeg: { mozjpeg: false, progressive: false, search: false },
  webp: { search: false },
  avif: { effort: 1, search: false },
} as const satisfies EncodersInput

/**
 * The `Cache-Control` of results. A key with a version never changes what it shows; other keys do when the source
 * does.
 */
export const defaultCacheControl = (versions: boolean): string =>
  versions ? 'public, max-age=31536000, immutable' : 'public, max-age=86400, stale-while-revalidate=604800'

/**
 * The `Cache-Control` of URLs of other image servers, which name no version: the configured one, unless versions are on
 * and it says `immutable`, which is meant only for keys with a version.
 */
export const toForeignCacheControl = (configured: string | undefined, versions: boolean): string => {
  const isForVersions = configured === undefined || /\bimmutable\b/i.test(configured)
  return versions && isForVersions
    ? defaultCacheControl(false)
    : (configured ?? defaultCacheControl(versions))
}
