/** What corresponds to variables that are no part of a configuration, by their names without IMGPROXY_. */
const MEANINGS: Readonly<Record<string, string>> = {
  BIND: 'imgsizes serve --host and --port',
  WORKERS: 'imgsizes serve --concurrency',
  CONCURRENCY: 'imgsizes serve --concurrency',
  PROMETHEUS_BIND: 'imgsizes serve --metrics-port',
  LOG_LEVEL: 'serve.log.level',
  KEEP_ALIVE_TIMEOUT: 'serve.timeouts.keepAlive',
  JPEG_PROGRESSIVE: 'serve.encoders.jpeg.progressive (what build makes is progressive)',
  HEALTH_CHECK_PATH: '/healthz and /readyz',
  GRACEFUL_STOP_TIMEOUT: 'serve.timeouts.drain',
  TIMEOUT: 'limits.fetchTimeout and limits.renderTimeout',
  WRITE_TIMEOUT: 'limits.fetchTimeout and limits.renderTimeout',
  READ_TIMEOUT: 'serve.timeouts.headers',
  READ_REQUEST_TIMEOUT: 'serve.timeouts.headers',
  AVIF_SPEED: 'encoders.avif.effort',
  WEBP_EFFORT: 'encoders.webp.effort',
  MAX_RESULT_DIMENSION: 'limits.outputPixels',
  MAX_ANIMATION_FRAMES: 'limits.frames, above which an animation is refused and not cut',
  WATERMARK_DATA: 'watermark.file: save it',
  WATERMARK_URL: 'watermark.file: save it',
  FALLBACK_IMAGE_DATA: 'serve.placeholder: save it',
  FALLBACK_IMAGE_URL: 'serve.placeholder: save it',
  TRUSTED_SIGNATURES: 'nothing: such URLs are 403',
  SOURCE_URL_ENCRYPTION_KEY: 'nothing: encrypted sources are 404',
  SECRET: 'nothing: the Authorization header is not looked at',
  SKIP_PROCESSING_FORMATS: 'nothing: every picture is rendered',
  URL_REPLACEMENTS: 'nothing: name what the replacements lead to under source, and URLs as they are stay 404',
  PREFERRED_FORMATS: 'nothing: without a format in the URL, and autoFormat, the ending of the source decides',
  ENABLE_CLIENT_HINTS: 'nothing: one URL shows one size',
  CACHE_CONTROL_PASSTHROUGH: 'nothing: cacheControl is one for all',
  AUTO_ROTATE: 'nothing: EXIF orientation is always heeded',
  ARGUMENTS_SEPARATOR: 'nothing: arguments are separated by ":"',
  BASE64_URL_INCLUDES_FILENAME: 'nothing: a file name after the source is taken for a part of it',
  SOURCE_URL_QUERY_SEPARATOR: 'nothing: sources have no query',
}

/** Variables that need no note: switches whose value is the behaviour here, and settings of imgproxy's own process. */
const SILENT: Readonly<Record<string, RegExp>> = {
  USE_ETAG: /./,
  USE_LAST_MODIFIED: /./,
  STRIP_METADATA: /./,
  KEEP_COPYRIGHT: /./,
  STRIP_COLOR_PROFILE: /./,
  JPEG_PROGRESSIVE: /^(?:0|f|false)$/i,
  AUTO_ROTATE: /^(?:1|t|true)$/i,
  SANITIZE_SVG: /^(?:1|t|true)$/i,
  MALLOC: /./,
  FREE_MEMORY_INTERVAL: /./,
  DOWNLOAD_BUFFER_SIZE: /./,
  BUFFER_POOL_CALIBRATION_THRESHOLD: /./,
  ENABLE_CLIENT_HINTS: /^(?:0|f|false)$/i,
  IGNORE_SSL_VERIFICATION: /^(?:0|f|false)$/i,
}

/** Whether a variable with this value needs no note. */
export const isSilent = (name: string, value: string): boolean => SILENT[name]?.test(value) ?? false

/** The note on a variable that the configuration does not contain. */
export const explainVariable = (name: string): string => {
  const meaning = MEANINGS[name]
  return meaning === undefined
    ? `IMGPROXY_${name} has no counterpart.`
    : `IMGPROXY_${name} is not carried over; it corresponds to ${meaning}.`
}
