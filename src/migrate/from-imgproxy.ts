import { parseEnv } from 'node:util'
import type { ConfigInput } from '../config/config-input.ts'
import { DEFAULT_FORMATS } from '../config/defaults.ts'
import type { ImgproxyDialectInput } from '../config/imgproxy-dialect.ts'
import { defined } from '../core/defined.ts'
import { readImgproxyPresets } from './imgproxy-presets.ts'
import { toPresetSizes } from './imgproxy-sizes.ts'
import { readImgproxySources } from './imgproxy-sources.ts'
import { isOff, isOn, type NumberRange, readNumber, type Take, toList } from './imgproxy-values.ts'
import type { Migration } from './migration.ts'

/**
 * The configuration that imgproxy's environment means. `presetsText`: the file of IMGPROXY_PRESETS_PATH, if readable.
 */
export const migrateImgproxy = (text: string, presetsText?: string): Migration => {
  const variables = readVariables(text)
  const take = (name: string): string | undefined => {
    const value = variables.get(name)
    variables.delete(name)
    return value
  }
  const notes: string[] = []
  if (variables.size === 0)
    notes.push('ATTENTION: no variable IMGPROXY_… is set there: look whether it is the right file.')
  notes.push(...noteUnread(text))
  const baseUrl = take('BASE_URL')
  const presets = readImgproxyPresets({ take, notes, text: presetsText })
  const dialect = {
    ...readDialect(take, notes),
    ...(baseUrl !== undefined && { baseUrl }),
    ...(Object.keys(presets).length > 0 && { presets }),
  }
  const { autoFormat = [], quality = 80 } = dialect
  const { sizes, formats } = toPresetSizes({ presets, autoFormat, quality }, notes)
  const rest = { ...readImgproxySources({ take, notes, baseUrl }), ...readRest(take, notes) }
  for (const [name, value] of variables) notes.push(...explainVariable(name, value))
  const offers = offerAutoCaching(autoFormat, rest.cacheControl, notes)
  const config = {
    ...rest,
    dialects: [dialect],
    ...(formats.length > 0 && { formats: [...DEFAULT_FORMATS, ...formats] }),
    ...(Object.keys(sizes).length > 0 && { sizes }),
  }
  return { config, notes, offers }
}

/** A year, imgproxy's default. */
const USUAL_CACHE_CONTROL = 'public, max-age=31536000'

/**
 * imgproxy lets shared caches keep answers whose format was chosen by `Accept`. Here those are private by default: a
 * cache that ignores Vary would send one browser a format that only another can show.
 */
const offerAutoCaching = (
  autoFormat: readonly string[],
  cacheControl: string | undefined,
  notes: string[],
): readonly string[] => {
  if (autoFormat.length === 0) return []
  const before = cacheControl ?? USUAL_CACHE_CONTROL
  notes.push(
    `Answers whose format Accept has chosen are "private, max-age=86400" here, so that a CDN keeps none of them; imgproxy said "${before}". Where the CDN heeds Vary: Accept, say serve.autoCacheControl as offered.`,
  )
  return [`serve: { autoCacheControl: '${before}' }, where the CDN in front heeds Vary: Accept`]
}

/** The file of presets that an environment names. */
export const presetsFileOf = (text: string): string | undefined => readVariables(text).get('PRESETS_PATH')

/** Variables that a file names without a value that can be read: secrets of Kubernetes and ECS (`valueFrom`), among others. */
const noteUnread = (text: string): readonly string[] => {
  const read = new Set(Object.keys(parseEnv(toEnvironment(text))))
  return text.split('\n').flatMap((line, index) => {
    // What refers to a variable sets none.
    const named = line.replace(/(?:^|\s)(?:#|\/\/).*|\$[{(]?IMGPROXY_\w+/g, '').match(/\bIMGPROXY_\w+/g) ?? []
    return named
      .filter((name) => !read.has(name) && read.add(name))
      .map(
        (name) => `ATTENTION: line ${index + 1}: the value of ${name} does not stand there: add it by hand.`,
      )
  })
}

const readVariables = (text: string): Map<string, string> =>
  new Map(
    Object.entries(parseEnv(toEnvironment(text))).flatMap(([name, value]) =>
      name.startsWith('IMGPROXY_') && value !== undefined && value !== ''
        ? [[name.slice('IMGPROXY_'.length), value] as const]
        : [],
    ),
  )

/**
 * Lines of an `.env` for the variables of other files: of Docker Compose (`NAME: value`, `- NAME=value`), Kubernetes
 * (`- name: NAME`, then `value: value`) and ECS (the same as JSON), a Dockerfile (`ENV NAME=value`), and of a command
 * (`-e NAME=value \`). Other lines are left out: Node takes one without "=" for the beginning of the next name.
 */
const toEnvironment = (text: string): string =>
  text
    .replace(
      /^[ \t]*(?:-[ \t]*)?name:[ \t]*["']?(IMGPROXY_\w+)["']?[ \t]*\r?\n[ \t]*value:[ \t]*(.*)$/gm,
      '$1=$2',
    )
    .replace(
      /\{\s*(["']?)name\1\s*:\s*["']?(IMGPROXY_\w+)["']?\s*,\s*\1value\1\s*:\s*("(?:[^"\\\n]|\\.)*"\s*|[^"\s][^\n,}]*)\}/g,
      (_, _quote, name: string, value: string) => `\n${name}=${readText(value.trim())}\n`,
    )
    .replace(/^[ \t]*-[ \t]*(["'])(IMGPROXY_\w+)=(.*)\1[ \t]*$/gm, '$2=$3')
    .replace(
      /^[ \t]*(?:(?:-e|-|--env|ENV|export)[ \t]*)?["']?(IMGPROXY_\w+)["']?(?:[ \t]*=|:[ \t]|[ \t])(.*)$/gm,
      '$1=$2',
    )
    .replace(/^(IMGPROXY_.*)[\\,]$/gm, (_, line: string) => line.trimEnd())
    .match(/^IMGPROXY_\w+=(?:[ \t]*"[^"]*"|[ \t]*'[^']*'|.*)/gm)
    ?.join('\n') ?? ''

/** A text in JSON, or as YAML may have it, for a line of an `.env`. */
const readText = (written: string): string => {
  if (!written.startsWith('"')) return written
  try {
    const text = String(JSON.parse(written))
    return text.includes("'") ? `"${text}"` : `'${text}'`
  } catch {
    return written // YAML knows more escapes
  }
}

const readDialect = (take: Take, notes: string[]): ImgproxyDialectInput => {
  const [key, salt] = [toList(take('KEY')), toList(take('SALT'))]
  const size = readNumber('SIGNATURE_SIZE', { least: 1, most: 32 }, { take, notes })
  const quality = readNumber('QUALITY', { least: 1, most: 100, absent: 80 }, { take, notes })
  const prefix = take('PATH_PREFIX')
    ?.replace(/^\/*/, '/')
    .replace(/(?<!\/)\/*$/, '/')
  const autoFormat = readAutoFormat(take, notes)
  if (key.length === 0)
    notes.push('IMGPROXY_KEY is not set: unsigned: true lets anybody ask for any size of any source.')
  return {
    type: 'imgproxy',
    ...(prefix !== undefined && { prefix }),
    ...(key.length > 0 ? { key, salt } : { unsigned: true }),
    ...(size !== undefined && size !== 32 && { signatureSize: size }),
    ...(isOn(take('ONLY_PRESETS')) && { onlyPresets: true }),
    ...(autoFormat.length > 0 && { autoFormat }),
    ...(quality !== undefined && { quality }),
  }
}

/** Each option by its present name, and by that of version 3. */
const readAutoFormat = (take: Take, notes: string[]): readonly ('avif' | 'webp')[] =>
  (['avif', 'webp'] as const).filter((format) => {
    const name = format.toUpperCase()
    const isEnforced = isOn(take(`ENFORCE_${name}`))
    if (isEnforced)
      notes.push(`IMGPROXY_ENFORCE_${name}: a format that a URL names is kept; without one Accept decides.`)
    return [take(`AUTO_${name}`), take(`ENABLE_${name}_DETECTION`)].some(isOn) || isEnforced
  })

/** Limits, caching, headers for browsers, and the watermark. */
const readRest = (take: Take, notes: string[]): Partial<ConfigInput> => {
  const read = (name: string, range: NumberRange): number | undefined =>
    readNumber(name, range, { take, notes })
  const pixels = read('MAX_SRC_RESOLUTION', { least: 0.000_001, isFraction: true })
  const sourceBytes = read('MAX_SRC_FILE_SIZE', { least: 1 })
  const fetchSeconds = read('DOWNLOAD_TIMEOUT', { least: 1, most: MOST_SECONDS })
  const ttl = read('TTL', { least: 1 })
  const length = read('REQUESTS_QUEUE_SIZE', { least: 1, most: 100_000 })
  const limits = defined({
    sourcePixels: pixels && Math.round(pixels * 1e6),
    sourceBytes,
    fetchTimeout: fetchSeconds === undefined ? undefined : `${fetchSeconds}s`,
  })
  const [origin, fallback] = [take('ALLOW_ORIGIN'), take('FALLBACK_IMAGE_PATH')]
  if (fallback !== undefined)
    notes.push(
      'IMGPROXY_FALLBACK_IMAGE_PATH is serve.placeholder: the status of such answers stays what it is.',
    )
  const serve = defined({
    cors: origin,
    placeholder: fallback,
    queue: length === undefined ? undefined : { length },
  })
  return {
    ...(Object.keys(limits).length > 0 && { limits }),
    ...(ttl !== undefined && { cacheControl: `public, max-age=${ttl}` }),
    ...(Object.keys(serve).length > 0 && { serve }),
    ...readWatermark(take, notes),
  }
}

/** Timers have 31 bits for milliseconds. */
const MOST_SECONDS = 2_147_483

const readWatermark = (take: Take, notes: string[]): Pick<ConfigInput, 'watermark'> | undefined => {
  const file = take('WATERMARK_PATH')
  const range = { least: 0.000_001, most: 1, isFraction: true, absent: 1 } as const
  const opacity = readNumber('WATERMARK_OPACITY', range, { take, notes }) ?? 1
  if (file === undefined) return undefined
  notes.push(
    opacity === 1
      ? 'watermark: only the one that is configured can be asked for; say the opacity, position and scale that your URLs name.'
      : `IMGPROXY_WATERMARK_OPACITY=${opacity} is multiplied by that of each URL, and here it is what is shown: only URLs with wm:${opacity} are answered.`,
  )
  return { watermark: { file, ...(opacity < 1 && { opacity }) } }
}

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

/** Settings of imgproxy's own process, and what it keeps of a picture: they need no note. */
const SILENT =
  /^(?:USE_(?:ETAG|LAST_MODIFIED)|STRIP_(?:METADATA|COLOR_PROFILE)|KEEP_COPYRIGHT|MALLOC|FREE_MEMORY_INTERVAL|DOWNLOAD_BUFFER_SIZE|BUFFER_POOL_CALIBRATION_THRESHOLD)$/
/** Switches that need none where they are off, or on: that is the behaviour here. */
const SILENT_OFF = /^(?:JPEG_PROGRESSIVE|ENABLE_CLIENT_HINTS|IGNORE_SSL_VERIFICATION)$/
const SILENT_ON = /^(?:AUTO_ROTATE|SANITIZE_SVG)$/

/** The note on a variable that the configuration does not contain, if it needs one. */
const explainVariable = (name: string, value: string): readonly string[] => {
  const isUsual = isOn(value) ? SILENT_ON.test(name) : isOff(value) && SILENT_OFF.test(name)
  if (isUsual || SILENT.test(name)) return []
  const meaning = MEANINGS[name]
  const what =
    meaning === undefined ? 'has no counterpart' : `is not carried over; it corresponds to ${meaning}`
  return [`IMGPROXY_${name} ${what}.`]
}
