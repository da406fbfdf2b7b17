import { resolve } from 'node:path'
import type * as z from 'zod'
import type { EncoderOptions } from '../core/encoder.ts'
import { isObject } from '../core/json.ts'
import { readBaseUrl } from './base-url.ts'
import {
  type Config,
  describePlace,
  folderOf,
  type LimitsConfig,
  type ServeConfig,
  type SizeConfig,
  type SourceConfig,
  type WritablePlace,
} from './config.ts'
import { ConfigProblem } from './config-problem.ts'
import * as defaults from './defaults.ts'
import { readDialects } from './dialects.ts'
import type { ConfigDisk } from './disk.ts'
import type { EncodersInput } from './encoders-schema.ts'
import { Faults, readObject } from './faults.ts'
import { checkState, placeSources } from './overlap.ts'
import { type PlaceContext, readFilePlace, readSources, readWritablePlace } from './places.ts'
import { configSchema } from './schema.ts'
import { addMissingSecret, readSecrets } from './secrets.ts'
import { readSize } from './sizes.ts'
import { readWatermark } from './watermark.ts'

interface ConfigOrigin {
  /** The folder that relative folders are relative to. */
  readonly root: string
  readonly file?: string
  /** Where its paths are looked up; undefined where it is not for a run on this machine. */
  readonly disk?: ConfigDisk
  /** Whether the caller needs a secret: where there are other faults, a missing secret is then told with them. */
  readonly needsSecret?: boolean
}

type Fields = z.output<typeof configSchema>

/**
 * Checks a configuration and fills in defaults; all mistakes are thrown together as one {@link ConfigProblem}. If only
 * the secret is missing, this is no fault here: see `requireSecrets`.
 */
export const resolveConfig = (input: unknown, origin: ConfigOrigin): Config => {
  const faults = new Faults()
  const root = resolve(origin.root)
  // Both must be there; what reads them says so.
  const withPlaces = isObject(input) ? { source: undefined, output: undefined, ...input } : input
  const fields = readObject(configSchema, withPlaces, { path: '', faults })
  if (fields === undefined) throw new ConfigProblem(faults.list, origin.file)
  const disk = origin.disk && { disk: origin.disk }
  const places = readPlaces(fields, { root, faults, ...disk })
  const rest = readRest(fields, { root, faults, ...disk, ...places })
  if (origin.needsSecret && fields.secret === undefined && faults.count > 0) addMissingSecret(faults)
  if (places === undefined || faults.count > 0) throw new ConfigProblem(faults.list, origin.file)
  return { file: origin.file, root, ...places, ...rest }
}

type Places = Pick<Config, 'sources' | 'output' | 'state'>

const readPlaces = (
  fields: Fields,
  { disk, ...context }: Omit<PlaceContext, 'path'> & Pick<ConfigOrigin, 'disk'>,
): Places | undefined => {
  const { faults } = context
  const sources = readSources(fields.source, { ...context, path: 'source' })
  const output = readWritablePlace(fields.output, { ...context, path: 'output' })
  const state =
    fields.state === undefined ? undefined : readWritablePlace(fields.state, { ...context, path: 'state' })
  if (output === undefined) return undefined
  const realPath = disk?.realPath
  if (state !== undefined) checkState(state, { sources, output }, { faults, realPath })
  return { sources: placeSources(sources, output, { faults, realPath }), output, state }
}

type RestContext = Omit<ServeContext, 'encoders'> & { readonly sources?: readonly SourceConfig[] }

const readRest = (fields: Fields, context: RestContext): Omit<Config, 'file' | 'root' | keyof Places> => {
  const { faults } = context
  const { include, exclude, quality, sidecars, vectors, colors, versions, revision } = fields
  const formats = [...new Set(fields.formats)]
  const encoders = readEncoders(fields.encoders, {
    under: defaults.DEFAULT_ENCODERS,
    path: 'encoders',
    faults,
  })
  const watermark = readWatermark(fields.watermark, context)
  const overrides =
    fields.overrides === undefined
      ? undefined
      : readFilePlace(fields.overrides, { ...context, path: 'overrides' })
  const serve = readServe(fields.serve, { ...context, encoders })
  // A fault must not cause another message about what depends on it.
  const knowsFormats = !faults.has('formats')
  const watermarkId = watermark?.id ?? (faults.has('watermark') ? 'wrong' : undefined)
  return {
    baseUrl: readBaseUrl(fields.baseUrl, faults) ?? '/',
    secrets: readSecrets(fields.secret, { path: 'secret', faults }),
    include,
    exclude,
    formats,
    quality,
    sizes: Object.entries(fields.sizes).flatMap(([name, input]): readonly SizeConfig[] => {
      const known = knowsFormats ? formats : undefined
      const size = readSize(name, input, { quality, faults, formats: known, watermarkId })
      return size === undefined ? [] : [size]
    }),
    watermark,
    overrides,
    sidecars,
    vectors,
    colors,
    versions,
    revision,
    encoders,
    cacheControl: fields.cacheControl ?? defaults.defaultCacheControl(versions),
    foreignCacheControl: defaults.toForeignCacheControl(fields.cacheControl, versions),
    limits: toLimits(fields.limits),
    dialects: readDialects(fields.dialects, { quality, versions, serve, faults, sources: context.sources }),
    serve,
  }
}

const toLimits = ({
  fetchTimeout: fetchTimeoutMs,
  renderTimeout: renderTimeoutMs,
  ...rest
}: Fields['limits']): LimitsConfig => ({ ...rest, fetchTimeoutMs, renderTimeoutMs })

/** What the options of `serve` depend on, and where faults are collected. */
interface ServeContext {
  /** The folder that the placeholder's path is relative to. */
  readonly root: string
  readonly disk?: ConfigDisk
  /** Undefined where the output is wrong itself. */
  readonly output?: WritablePlace
  /** The top-level encoders, which the encoders of `serve` change. */
  readonly encoders: EncoderOptions
  readonly faults: Faults
}

/** `serve` of a configuration; times get their unit, and faults are collected. */
const readServe = (given: Fields['serve'], context: ServeContext): ServeConfig => {
  const { placeholder, cache, queue, timeouts, cors = [], timingAllowOrigin = [], ...rest } = given
  return {
    ...rest,
    encoders: readEncoders(given.encoders, {
      under: mergeEncoders(context.encoders, defaults.DEFAULT_SERVE_ENCODERS),
      path: 'serve.encoders',
      faults: context.faults,
    }),
    ...readPlaceholder(placeholder, context),
    cors,
    timingAllowOrigin,
    ...readCache(cache, context),
    queue: { length: queue.length, timeoutMs: queue.timeout },
    timeouts: { keepAliveMs: timeouts.keepAlive, headersMs: timeouts.headers, drainMs: timeouts.drain },
  }
}

const readPlaceholder = (
  file: string | undefined,
  { root, disk, faults }: ServeContext,
): Pick<ServeConfig, 'placeholder'> => {
  if (file === undefined) return {}
  const placeholder = resolve(root, file)
  if (disk !== undefined && !disk.isReadableFile(placeholder))
    faults.add(
      'serve.placeholder',
      `${placeholder}, which cannot be read`,
      'a picture file, its path relative to the configuration',
    )
  return { placeholder }
}

/** Not for buckets: they have lifecycle rules, and may be read without `serve`, so that uses are not seen. */
const readCache = (
  given: Fields['serve']['cache'],
  { output, faults }: ServeContext,
): Pick<ServeConfig, 'cache'> => {
  if (given === undefined) return {}
  if (output !== undefined && folderOf(output) === undefined)
    faults.add('serve.cache', `set for a ${describePlace(output).noun}`, 'only where the output is a folder')
  return { cache: { maxBytes: given.maxBytes, inactiveMs: given.inactive } }
}

/** `under`, changed by `given`; contradicting options are collected as faults. */
const readEncoders = (
  given: EncodersInput = {},
  { under, path, faults }: { readonly under: EncoderOptions; readonly path: string; readonly faults: Faults },
): EncoderOptions => {
  const merged = mergeEncoders(under, given)
  if (given.jpeg?.progressive === false && merged.jpeg.mozjpeg)
    faults.add(
      `${path}.jpeg.progressive`,
      'false beside mozjpeg, whose files are always progressive',
      'true, or mozjpeg: false as well',
    )
  return merged
}

/**
 * `under`, changed by `over`, option by option. Defaults of the encoder are left out: equal results have equal
 * recipes.
 */
const mergeEncoders = (under: EncoderOptions, over: EncodersInput): EncoderOptions => {
  const mozjpeg = over.jpeg?.mozjpeg ?? under.jpeg.mozjpeg
  const progressive = over.jpeg?.progressive ?? under.jpeg.progressive ?? true
  const compressionLevel = over.png?.compressionLevel ?? under.png.compressionLevel
  const lossless = over.webp?.lossless ?? under.webp.lossless
  const palette = over.png?.palette ?? under.png.palette
  const gifEffort = over.gif?.effort ?? under.gif.effort
  const searchOf = (format: 'avif' | 'webp' | 'jpeg') =>
    (over[format]?.search ?? under[format].search) ? ({ search: true } as const) : {}
  return {
    avif: { effort: over.avif?.effort ?? under.avif.effort, ...searchOf('avif') },
    webp: {
      effort: over.webp?.effort ?? under.webp.effort,
      ...searchOf('webp'),
      ...(lossless === false && { lossless }),
    },
    jpeg: { mozjpeg, ...(!mozjpeg && !progressive && { progressive }), ...searchOf('jpeg') },
    png: {
      ...(compressionLevel !== undefined && { compressionLevel }),
      ...(palette !== undefined && palette !== 'exact' && { palette }),
    },
    gif: gifEffort === undefined ? {} : { effort: gifEffort },
  }
}
