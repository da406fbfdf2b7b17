import type { EncoderOptions } from '../core/encoder.ts'
import type { FormatChoice } from '../core/format.ts'
import type { LimitsConfig, ServeConfig } from './config.ts'
import type { EncodersInput } from './encoders-schema.ts'

/** What a configuration means where it says nothing (docs/reference/configuration.md). */
export const DEFAULT_INCLUDE: readonly string[] = ['**/*.{jpg,jpeg,jpe,jfif,png,webp,avif,gif,tif,tiff,svg}']
export const DEFAULT_FORMATS: readonly FormatChoice[] = ['avif', 'webp', 'original']
export const DEFAULT_QUALITY = 80
export const DEFAULT_VECTORS = 'keep'
export const DEFAULT_COLORS = 'keep'
export const DEFAULT_BASE_URL = '/'

export const DEFAULT_ENCODERS: EncoderOptions = {
  avif: { effort: 3 },
  webp: { effort: 4 },
  jpeg: { mozjpeg: true },
  png: {},
  gif: {},
}

/** On top of `encoders` where a visitor waits. */
export const DEFAULT_SERVE_ENCODERS = {
  jpeg: { mozjpeg: false, progressive: false, search: false },
  webp: { search: false },
  avif: { effort: 1, search: false },
} as const satisfies EncodersInput

export const DEFAULT_LIMITS: LimitsConfig = {
  sourceBytes: 64_000_000,
  sourcePixels: 100_000_000,
  frames: 10_000,
  outputPixels: 40_000_000,
  fetchTimeoutMs: 15_000,
  renderTimeoutMs: 30_000,
  damaged: 'refuse',
}

/** Of `serve`, besides its encoders. */
export const DEFAULT_SERVE = {
  allow: 'signed',
  expiring: false,
  fill: 'siblings',
  cors: [],
  timingAllowOrigin: [],
  autoCacheControl: 'private, max-age=86400',
  log: { level: 'info', sample: 1 },
  queue: { length: 100, timeoutMs: 10_000 },
  trustProxy: 0,
  // Longer than the 60 s after which load balancers close idle connections, so that none is closed on a request.
  timeouts: { keepAliveMs: 65_000, headersMs: 10_000, drainMs: 25_000 },
} as const satisfies Omit<ServeConfig, 'encoders'>

/** What of a cache is deleted when nobody has asked for it for so long. */
export const DEFAULT_CACHE_INACTIVE_MS = 14 * 86_400_000

/** Of results: a versioned key never changes what it shows; any other does when its source does. */
export const defaultCacheControl = (versions: boolean): string =>
  versions ? 'public, max-age=31536000, immutable' : 'public, max-age=86400, stale-while-revalidate=604800'

/**
 * Of the URLs of other image servers, which name no version: with versions the header that is configured, unless
 * `immutable` says that it is meant for keys that have one.
 */
export const toForeignCacheControl = (configured: string | undefined, versions: boolean): string => {
  const isForVersions = configured === undefined || /\bimmutable\b/i.test(configured)
  return versions && isForVersions
    ? defaultCacheControl(false)
    : (configured ?? defaultCacheControl(versions))
}
