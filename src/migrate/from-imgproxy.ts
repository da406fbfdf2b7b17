import { parseEnv } from 'node:util'
import type { ConfigInput } from '../config/config-input.ts'
import { DEFAULT_FORMATS } from '../config/defaults.ts'
import type { ImgproxyDialectInput } from '../config/dialects.ts'
import { defined } from '../core/defined.ts'
import { readImgproxyPresets } from './imgproxy-presets.ts'
import { toPresetSizes } from './imgproxy-sizes.ts'
import { readImgproxySources } from './imgproxy-sources.ts'
import { isOn, type NumberRange, readNumber, type Take, toList } from './imgproxy-values.ts'
import { explainVariable, isSilent } from './imgproxy-variables.ts'
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
  for (const [name, value] of variables) if (!isSilent(name, value)) notes.push(explainVariable(name))
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

const readVariables = (text: string): Map<string, string> =>
  new Map(
    Object.entries(parseEnv(text)).flatMap(([name, value]) =>
      name.startsWith('IMGPROXY_') && value !== undefined && value !== ''
        ? [[name.slice('IMGPROXY_'.length), value] as const]
        : [],
    ),
  )

const readDialect = (take: Take, notes: string[]): ImgproxyDialectInput => {
  const [key, salt] = [toList(take('KEY')), toList(take('SALT'))]
  const size = readNumber('SIGNATURE_SIZE', { least: 1, most: 32 }, { take, notes })
  const quality = readNumber('QUALITY', { least: 1, most: 100, absent: 80 }, { take, notes })
  const prefix = take('PATH_PREFIX')?.replace(/^\/*/, '/').replace(/\/*$/, '/')
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
