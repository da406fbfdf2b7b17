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

/** The `Cache-Control` of results. What a key with a version shows never changes; others change with the source. */
export const defaultCacheControl = (versions: boolean): string =>
  versions ? 'public, max-age=31536000, immutable' : 'public, max-age=86400, stale-while-revalidate=604800'

/** The `Cache-Control` of foreign URLs, which name no version: as configured, but `immutable` only without versions. */
export const toForeignCacheControl = (configured: string | undefined, versions: boolean): string => {
  const isForVersions = configured === undefined || /\bimmutable\b/i.test(configured)
  return versions && isForVersions
    ? defaultCacheControl(false)
    : (configured ?? defaultCacheControl(versions))
}
