import type { EncoderOptions } from '../core/encoder.ts'
import type { FormatChoice } from '../core/format.ts'
import type { LimitsConfig, ServeConfig } from './config.ts'
import type { EncodersInput } from './encoders-schema.ts'

/** Defaults of a configuration (docs/reference/configuration.md): which files are originals. */
export const DEFAULT_INCLUDE: readonly string[] = ['**/*.{jpg,jpeg,jpe,jfif,png,webp,avif,gif,tif,tiff,svg}']
/** See `formats`. */
export const DEFAULT_FORMATS: readonly FormatChoice[] = ['avif', 'webp', 'original']
/** See `quality`. */
export const DEFAULT_QUALITY = 80
/** See `vectors`. */
export const DEFAULT_VECTORS = 'keep'
/** See `colors`. */
export const DEFAULT_COLORS = 'keep'
/** See `baseUrl`. */
export const DEFAULT_BASE_URL = '/'

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

/** See `limits`. */
export const DEFAULT_LIMITS: LimitsConfig = {
  sourceBytes: 64_000_000,
  sourcePixels: 100_000_000,
  frames: 10_000,
  outputPixels: 40_000_000,
  fetchTimeoutMs: 15_000,
  renderTimeoutMs: 30_000,
  damaged: 'refuse',
}

/** See `serve`; its encoders are {@link DEFAULT_SERVE_ENCODERS}. */
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
  // Longer than the 60 s after which load balancers close idle connections: otherwise one may close during a request.
  timeouts: { keepAliveMs: 65_000, headersMs: 10_000, drainMs: 25_000 },
} as const satisfies Omit<ServeConfig, 'encoders'>

/** After how long without a request a cached result is deleted. */
export const DEFAULT_CACHE_INACTIVE_MS = 14 * 86_400_000

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
