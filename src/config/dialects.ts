import * as z from 'zod'
import { countBytes } from '../core/byte-order.ts'
import { compact } from '../core/defined.ts'
import { RASTER_FORMATS } from '../core/format.ts'
import { isObject } from '../core/json.ts'
import { MAX_SIDE } from '../core/resize.ts'
import { PRIVATE_SEGMENT, whyNotSourceKey } from '../core/source-key.ts'
import { compileUrlForm } from '../core/url-form.ts'
import type { DialectConfig, ServeConfig, SourceConfig } from './config.ts'
import { describeFound, type Faults, joinPath, readObject } from './faults.ts'
import { checkPresets } from './imgproxy-presets.ts'
import { boolean, choice, type Input, object, wholeNumber } from './schema-values.ts'

const text = z.string({ error: 'a text' })
const PREFIX_ALLOWED = 'a path with "/" at both ends, such as /t/'
const prefix = z
  .string({ error: PREFIX_ALLOWED })
  .regex(/^\/(?:[A-Za-z0-9._~-]+\/)*$/, { error: PREFIX_ALLOWED })
const quality = wholeNumber(1, 100)
const side = wholeNumber(1, MAX_SIDE)
const SECRET_ALLOWED = 'a text, not empty, or a list of such'
const secretText = z.string({ error: SECRET_ALLOWED }).min(1, { error: SECRET_ALLOWED })
const HEX_ALLOWED = 'hex digits, an even number of them, or a list of such'
const hex = z.string({ error: HEX_ALLOWED }).regex(/^(?:[0-9a-f]{2})+$/i, { error: HEX_ALLOWED })

const oneOrMore = <S extends z.ZodType<string>>(schema: S, allowed: string) =>
  z.union(
    [schema.transform((one) => [one]), z.array(schema, { error: allowed }).min(1, { error: allowed })],
    { error: allowed },
  )

const FORM_ALLOWED =
  '{path} with {width}, {height} or {size}, and text without digits between them, such as {width}/{path} or {path}?w={width}'

const ARG_ALLOWED = 'a name of letters, digits and "_"'

const nginxSchema = object({
  /** `'nginx'`. */
  type: z.literal('nginx'),
  /** What the URLs begin with: `/t/` of `/t/300x200/a.jpg`. */
  prefix,
  /**
   * What follows the prefix: `{path}` is the original's; `{width}`, `{height}` or, for both, `{size}` are digits or `-`,
   * also as arguments: `{path}?w={width}&h={height}`. `{stem}-{size}.{ending}` has a size before the ending. Without a
   * form it is `{width}x{height}/{path}`, and no other URL under the prefix is answered. Default: none.
   */
  form: z
    .string({ error: FORM_ALLOWED })
    .refine((form) => compileUrlForm(form) !== undefined, { error: FORM_ALLOWED })
    .optional(),
  /** Pixels, 1..16383, where a URL names no width: always, or without its argument. Default: the picture's own. */
  width: side.optional(),
  /** The same for the height. Default: the picture's own. */
  height: side.optional(),
  /** The name of the source, where there are several. Default: none. */
  source: text.optional(),
  /** The secret in `secure_link_md5 "$uri <secret>"`; of several, any may fit. Default: none. */
  secret: oneOrMore(secretText, SECRET_ALLOWED).optional(),
  /** Without a secret: allows anybody to ask for any size. Default `false`. */
  unsigned: boolean.prefault(false),
  /** The query argument that holds the signature. Default `'key'`. */
  arg: z
    .string({ error: ARG_ALLOWED })
    .regex(/^[A-Za-z0-9_]+$/, { error: ARG_ALLOWED })
    .prefault('key'),
  /** The mode of `image_filter`: `resize`, `crop` or `rotate`. Default `'resize'`. */
  mode: choice(['resize', 'crop', 'rotate']).prefault('resize'),
  /** With `rotate`, the angle, counter-clockwise as in nginx: 90, 180, 270. Default: none. */
  degrees: z.literal([90, 180, 270], { error: '90, 180, 270' }).optional(),
  /** The number of `image_filter_jpeg_quality`. Default `75`. */
  quality: quality.prefault(75),
})

/** URLs of an nginx with `image_filter`, and with `secure_link` where there is a secret. */
export interface NginxDialectInput extends Input<typeof nginxSchema> {}

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

const imgproxySchema = object({
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
  quality: quality.optional(),
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

/** The URLs of another image server, answered as it did. */
export const dialectSchema = z.union([nginxSchema, imgproxySchema])
/** One of `dialects`. */
export type DialectInput = NginxDialectInput | ImgproxyDialectInput

interface DialectsContext {
  readonly quality: number
  /** Undefined where the sources are wrong themselves. */
  readonly sources?: readonly SourceConfig[] | undefined
  readonly versions: boolean
  readonly serve: Pick<ServeConfig, 'cache' | 'expiring'>
  readonly faults: Faults
}

/** Reads `dialects` of a configuration. Faults are collected, and never show a secret. */
export const readDialects = (input: unknown, context: DialectsContext): readonly DialectConfig[] => {
  if (input === undefined) return []
  if (!Array.isArray(input)) {
    const allowed = "a list of objects such as { type: 'imgproxy' }"
    context.faults.add({ path: 'dialects', found: describeFound(input), allowed })
    return []
  }
  const owners = new Map<string, string>()
  return input.flatMap((entry: unknown, index) => {
    const path = joinPath('dialects', index)
    const dialect = readDialect(entry, { ...context, path })
    if (dialect === undefined) return []
    checkReached(dialect, { path, owners, faults: context.faults })
    return [dialect]
  })
}

/** If two dialects have one prefix, and the first no form, or the same, the second is never asked. */
const checkReached = (
  dialect: DialectConfig,
  { path, owners, faults }: { path: string; owners: Map<string, string>; faults: Faults },
): void => {
  const { prefix } = dialect
  const urls = prefix + (dialect.type === 'nginx' && dialect.form !== undefined ? dialect.form : '')
  const owner = owners.get(prefix) ?? owners.get(urls)
  owners.set(urls, owner ?? path)
  if (owner !== undefined)
    faults.add({
      path: joinPath(path, 'prefix'),
      found: `${JSON.stringify(prefix)}, which is that of ${owner} too`,
      allowed: 'a prefix of its own: with one prefix only the first is ever asked',
    })
}

interface DialectContext extends DialectsContext {
  readonly path: string
}

type ReadDialect = (entry: unknown, context: DialectContext) => DialectConfig | undefined

const readDialect: ReadDialect = (entry, context) => {
  const { path, faults } = context
  const type = isObject(entry) ? entry.type : undefined
  const [, read] = Object.entries(READERS).find(([known]) => known === type) ?? []
  if (read === undefined) {
    const allowed = Object.keys(READERS).join(', ')
    faults.add({ path: joinPath(path, 'type'), found: describeFound(type), allowed })
    return undefined
  }
  const faultsBefore = faults.count
  const dialect = read(entry, context)
  return faults.count > faultsBefore ? undefined : dialect
}

const readNginx: ReadDialect = (entry, context) => {
  const fields = readObject(nginxSchema, entry, { ...context, isHidden: true })
  if (fields === undefined) return undefined
  const { mode, degrees, secret = [], prefix, form, width, height, arg, quality } = fields
  const { path, faults } = context
  checkSigned('secret', secret, fields.unsigned, context)
  const sourceName = readSourceName(fields.source, true, context)
  if ((mode === 'rotate') !== (degrees !== undefined))
    faults.add({
      path: joinPath(path, 'degrees'),
      found: degrees === undefined ? 'nothing' : `set with mode ${mode}`,
      allowed: 'with mode rotate, and only then: 90, 180, 270',
    })
  const isSized = mode === 'rotate' || width !== undefined || height !== undefined
  if (form !== undefined && !isSized && !/\{(?:width|height|size)\}/.test(form))
    faults.add({
      path: joinPath(path, 'form'),
      found: `${JSON.stringify(form)}, which names no side`,
      allowed: 'with {width}, {height} or {size}; without beside width, height or mode rotate',
    })
  return {
    type: 'nginx',
    prefix,
    form,
    width,
    height,
    sourceName,
    secrets: secret,
    arg,
    mode: mode === 'rotate' ? { rotate: degrees ?? 90 } : mode,
    quality,
  }
}

const readImgproxy: ReadDialect = (entry, context) => {
  const fields = readObject(imgproxySchema, entry, { ...context, isHidden: true })
  if (fields === undefined) return undefined
  const { key = [], salt = [] } = fields
  checkSigned('key', key, fields.unsigned, context)
  if (key.length !== salt.length)
    context.faults.add({
      path: joinPath(context.path, 'salt'),
      found: `${salt.length} of them`,
      allowed: `as many as there are keys: ${key.length}`,
    })
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
    faults.add({
      path: joinPath(path, 'cacheKeys'),
      found: `set beside ${hindrance}`,
      allowed: `only where ${hindrance} is not set`,
    })
}

/** That URLs are not signed must be written; a missing environment variable must not have this effect. */
const checkSigned = (
  name: 'secret' | 'key',
  given: readonly string[],
  unsigned: boolean,
  { path, faults }: DialectContext,
): void => {
  if (given.length > 0 || unsigned) return
  faults.add({ path: joinPath(path, name), found: 'nothing', allowed: `a ${name}, or unsigned: true` })
}

const readSourceName = (
  name: string | undefined,
  isNeeded: boolean,
  { path, faults, sources }: DialectContext,
): string | undefined => {
  const names = sources?.flatMap((source) => source.name ?? []) ?? []
  const isKnown = name === undefined ? names.length === 0 || !isNeeded : names.includes(name)
  if (sources !== undefined && !isKnown)
    faults.add({
      path: joinPath(path, 'source'),
      found: name === undefined ? 'nothing' : JSON.stringify(name),
      allowed: names.length === 0 ? 'nothing: the one source has no name' : names.join(', '),
    })
  return name
}

const READERS: Readonly<Record<DialectConfig['type'], ReadDialect>> = {
  nginx: readNginx,
  imgproxy: readImgproxy,
}
