import { resolve } from 'node:path'
import type { z } from 'zod'
import { readBaseUrl } from './base-url.ts'
import type { Config, LimitsConfig, SizeConfig, SourceConfig, WritablePlace } from './config.ts'
import { ConfigProblem } from './config-problem.ts'
import * as defaults from './defaults.ts'
import { readDialects } from './dialects.ts'
import { Faults, isObject, joinPath, readObject } from './faults.ts'
import { comparePlaces, type PlaceContext, readSources, readWritablePlace } from './places.ts'
import { configSchema } from './schema.ts'
import { readSecrets } from './secrets.ts'
import { mergeEncoders, readServe, type ServeContext } from './serve.ts'
import { readSize } from './sizes.ts'
import { readWatermark } from './watermark.ts'

/** Where a configuration comes from. */
export interface ConfigOrigin {
  /** Folder that relative folders are relative to. */
  readonly root: string
  /** The file that it was read from. */
  readonly file?: string
}

type Fields = z.output<typeof configSchema>

/**
 * A configuration as written, checked and with defaults; everything that is wrong with it is one
 * {@link ConfigProblem}. A missing secret is no fault here: see `requireSecrets`.
 */
export const resolveConfig = (input: unknown, origin: ConfigOrigin): Config => {
  const faults = new Faults()
  const root = resolve(origin.root)
  const fields = readObject(configSchema, input, { path: '', faults })
  if (fields === undefined) throw new ConfigProblem(faults.list, origin.file)
  const places = readPlaces(fields, { root, faults })
  const rest = readRest(fields, isObject(input) && input.formats !== undefined, {
    root,
    faults,
    ...(places && { output: places.output, sources: places.sources }),
  })
  if (places === undefined || faults.list.length > 0) throw new ConfigProblem(faults.list, origin.file)
  return { ...(origin.file !== undefined && { file: origin.file }), root, ...places, ...rest }
}

type Places = Pick<Config, 'sources' | 'output' | 'state'>

const readPlaces = (fields: Fields, context: Omit<PlaceContext, 'path'>): Places | undefined => {
  const { faults } = context
  const sources = readSources(fields.source, { ...context, path: 'source' })
  const output = readWritablePlace(fields.output, { ...context, path: 'output' })
  const state =
    fields.state === undefined ? undefined : readWritablePlace(fields.state, { ...context, path: 'state' })
  if (output === undefined) return undefined
  checkApart(sources, output, faults)
  return { sources, output, ...(state !== undefined && { state }) }
}

/** Results must not be taken for sources of more results, nor pruned with them. */
const checkApart = (sources: readonly SourceConfig[], output: WritablePlace, faults: Faults): void => {
  for (const { name, place } of sources) {
    const overlap = comparePlaces(place, output)
    if (overlap === 'apart') continue
    faults.add({
      path: name === undefined ? 'source' : joinPath('source', name),
      found: overlap === 'same' ? 'the same place as output' : 'a place inside the output',
      allowed: 'a place of its own; the output may lie inside the source',
    })
  }
}

/** Where relative files are, what the output is, where faults go. */
type RestContext = Omit<ServeContext, 'encoders'> & { readonly sources?: readonly SourceConfig[] }

const readRest = (
  fields: Fields,
  formatsGiven: boolean,
  context: RestContext,
): Omit<Config, 'file' | 'root' | keyof Places> => {
  const { faults } = context
  const formats = [...new Set(fields.formats ?? defaults.DEFAULT_FORMATS)]
  const quality = fields.quality ?? defaults.DEFAULT_QUALITY
  const versions = fields.versions ?? false
  const encoders = mergeEncoders(defaults.DEFAULT_ENCODERS, fields.encoders)
  const watermark = readWatermark(fields.watermark, context)
  const serve = readServe(fields.serve, { ...context, encoders })
  const knowsFormats = fields.formats !== undefined || !formatsGiven
  return {
    baseUrl:
      fields.baseUrl === undefined
        ? defaults.DEFAULT_BASE_URL
        : (readBaseUrl(fields.baseUrl, faults) ?? defaults.DEFAULT_BASE_URL),
    secrets: readSecrets(fields.secret, { path: 'secret', faults }),
    include: fields.include ?? defaults.DEFAULT_INCLUDE,
    exclude: fields.exclude ?? [],
    formats,
    quality,
    sizes: Object.entries(fields.sizes ?? {}).flatMap(([name, input]): readonly SizeConfig[] => {
      const size = readSize(name, input, {
        quality,
        faults,
        ...(knowsFormats && { formats }),
        ...(watermark && { watermarkId: watermark.id }),
      })
      return size === undefined ? [] : [size]
    }),
    ...(watermark && { watermark }),
    versions,
    revision: fields.revision ?? '',
    encoders,
    cacheControl: fields.cacheControl ?? defaults.defaultCacheControl(versions),
    foreignCacheControl: defaults.toForeignCacheControl(fields.cacheControl, versions),
    limits: toLimits(fields.limits),
    dialects: readDialects(fields.dialects, {
      quality,
      versions,
      serve,
      faults,
      ...(context.sources && { sources: context.sources }),
    }),
    serve,
  }
}

const toLimits = (given: Fields['limits'] = {}): LimitsConfig => ({
  sourceBytes: given.sourceBytes ?? defaults.DEFAULT_LIMITS.sourceBytes,
  sourcePixels: given.sourcePixels ?? defaults.DEFAULT_LIMITS.sourcePixels,
  frames: given.frames ?? defaults.DEFAULT_LIMITS.frames,
  outputPixels: given.outputPixels ?? defaults.DEFAULT_LIMITS.outputPixels,
  fetchTimeoutMs: given.fetchTimeout ?? defaults.DEFAULT_LIMITS.fetchTimeoutMs,
  renderTimeoutMs: given.renderTimeout ?? defaults.DEFAULT_LIMITS.renderTimeoutMs,
})
