import * as z from 'zod'
import { countBytes } from '../core/byte-order.ts'
import { compact } from '../core/defined.ts'
import { RASTER_FORMATS } from '../core/format.ts'
import { IMGPROXY_NAMES, PRESET_NAMES } from '../core/imgproxy-names.ts'
import { PRIVATE_SEGMENT, whyNotSourceKey } from '../core/source-key.ts'
import {
  checkSigned,
  type DialectContext,
  oneOrMore,
  prefix,
  type ReadDialect,
  readSourceName,
  text,
} from './dialect-fields.ts'
import { joinPath, quote, type ReadContext, readObject } from './faults.ts'
import { boolean, choice, type Input, object, wholeNumber } from './schema-values.ts'
import { suggestName } from './suggest.ts'

const HEX_ALLOWED = 'hex digits, an even number of them, or a list of such'
const hex = z.string({ error: HEX_ALLOWED }).regex(/^(?:[0-9a-f]{2})+$/i, { error: HEX_ALLOWED })
const FORMATS_ALLOWED = `a list of ${RASTER_FORMATS.join(', ')}`

const FOLDER_ALLOWED =
  'what keys begin with: "", or at most 200 bytes such as cache/, no empty, "." or ".." segment, not .imgsizes'
const MAX_FOLDER_BYTES = 200
const ANY_MD5 = '0'.repeat(32)
const isFolder = (text: string): boolean =>
  whyNotSourceKey(text + ANY_MD5) === undefined &&
  !text.startsWith(PRIVATE_SEGMENT) &&
  countBytes(text) <= MAX_FOLDER_BYTES
const cacheFolder = z.string({ error: FOLDER_ALLOWED }).refine(isFolder, { error: FOLDER_ALLOWED })

/** An entry of `dialects` for imgproxy. */
export const imgproxySchema = object({
  /** `'imgproxy'`. */
  type: z.literal('imgproxy'),
  /** What the URLs begin with. Default `'/'`. */
  prefix: prefix.prefault('/'),
  /**
   * The only source that they can name. Default: every source that a URL's `s3://`, `https://` or `local://` begins
   * with.
   */
  source: text.optional(),
  /** In hex; of several keys, the first belongs to the first salt. Default: none. */
  key: oneOrMore(hex, HEX_ALLOWED).optional(),
  /** In hex, as many as there are keys. Default: none. */
  salt: oneOrMore(hex, HEX_ALLOWED).optional(),
  /** Bytes, 1..32. Default `32`. */
  signatureSize: wholeNumber(1, 32).prefault(32),
  /** Whether `unsafe` is accepted as a signature; without keys, anything is. Default `false`. */
  unsigned: boolean.prefault(false),
  /** Options by name, such as `rs:fill:300:200/q:70`; `default` is applied before all others. Default `{}`. */
  presets: z.record(z.string(), text, { error: 'an object of names and options' }).prefault({}),
  /** Whether a URL may name only presets. Default `false`. */
  onlyPresets: boolean.prefault(false),
  /** The text before every source in a URL. Default `''`. */
  baseUrl: text.prefault(''),
  /** Chosen from by `Accept` where a URL names no format. Without any, it is the original's. Default `[]`. */
  autoFormat: z.array(choice(RASTER_FORMATS), { error: FORMATS_ALLOWED }).prefault([]),
  /** 1..100, for URLs that name none. Default: the top-level `quality`. */
  quality: wholeNumber(1, 100).optional(),
  /**
   * The setting of imgproxy-cache, for pages that ask its bucket first: `serve` also stores each result under `folder`
   * and the MD5 of the URL's path. Default: none.
   */
  cacheKeys: object({
    /** What was `S3_FOLDER`: `''`, or a text such as `processed/`. */
    folder: cacheFolder,
  }).optional(),
})

/** URLs of imgproxy. */
export interface ImgproxyDialectInput extends Input<typeof imgproxySchema> {}

/** Reads such an entry. */
export const readImgproxy: ReadDialect = (entry, context) => {
  const fields = readObject(imgproxySchema, entry, { ...context, isHidden: true })
  if (fields === undefined) return undefined
  const { key = [], salt = [] } = fields
  checkSigned('key', key, fields.unsigned, context)
  if (key.length !== salt.length)
    context.faults.add(
      joinPath(context.path, 'salt'),
      `${salt.length} of them`,
      `as many as there are keys: ${key.length}`,
    )
  const sourceName = readSourceName(fields.source, false, context)
  if (fields.cacheKeys !== undefined) checkCacheKeys(context)
  checkPresets(fields.presets, { ...context, path: joinPath(context.path, 'presets') })
  return {
    type: 'imgproxy',
    prefix: fields.prefix,
    sourceName,
    keys: key.map((each, i) => ({ key: each, salt: salt[i] ?? '' })),
    isUnsigned: fields.unsigned,
    signatureSize: fields.signatureSize,
    presets: fields.presets,
    onlyPresets: fields.onlyPresets,
    baseUrl: fields.baseUrl,
    autoFormat: fields.autoFormat,
    quality: fields.quality ?? context.quality,
    cacheFolder: fields.cacheKeys?.folder,
  }
}

/** An alias keeps its name for ever, is visible to anybody, and is deleted only by `build` and similar commands. */
const checkCacheKeys = ({ path, faults, versions, serve }: DialectContext): void => {
  const { expiring, cache } = serve
  for (const hindrance of compact(
    versions && 'versions',
    expiring && 'serve.expiring',
    cache && 'serve.cache',
  ))
    faults.add(joinPath(path, 'cacheKeys'), `set beside ${hindrance}`, `only where ${hindrance} is not set`)
}

/** Finds presets that name an unknown option or preset: every URL that uses them would be a 404. */
const checkPresets = (
  presets: Readonly<Record<string, string>>,
  { path, faults }: Pick<ReadContext, 'path' | 'faults'>,
): void => {
  for (const [name, text] of Object.entries(presets)) {
    const options = text.split('/').filter((option) => option !== '')
    const unknown = options.flatMap((option) => listUnknown(option.split(':'), presets))
    const [first] = unknown
    if (first === undefined) continue
    faults.add(
      joinPath(path, name),
      unknown.map(({ what, name: unknownName }) => `${what} ${quote(unknownName)}`).join(', '),
      'options of imgproxy, such as rs:fill:300:200/q:70, and presets that are there',
      suggestName(first.name, first.known),
    )
  }
}

interface Unknown {
  readonly what: 'the unknown option' | 'the unknown preset'
  readonly name: string
  /** The names that it may be a misspelling of. */
  readonly known: readonly string[]
}

const listUnknown = (
  [option = '', ...args]: readonly string[],
  presets: Readonly<Record<string, string>>,
): readonly Unknown[] => {
  if (!IMGPROXY_NAMES.has(option))
    return [{ what: 'the unknown option', name: option, known: [...IMGPROXY_NAMES] }]
  if (!PRESET_NAMES.includes(option)) return []
  return args
    .filter((name) => !Object.hasOwn(presets, name))
    .map((name) => ({ what: 'the unknown preset', name, known: Object.keys(presets) }))
}
