import * as z from 'zod'
import { countBytes } from '../core/byte-order.ts'
import { RASTER_FORMATS, type RasterFormat } from '../core/format.ts'
import { isObject } from '../core/json.ts'
import { PRIVATE_SEGMENT, whyNotSourceKey } from '../core/source-key.ts'
import type { DialectConfig, ServeConfig, SourceConfig } from './config.ts'
import { type Faults, joinPath, readObject } from './faults.ts'
import { describeFound } from './found.ts'
import { checkPresets } from './imgproxy-presets.ts'
import { boolean, choice, type Fields, object, wholeNumber } from './schema-values.ts'

/** URLs of an nginx with `image_filter`, and with `secure_link` where there is a secret. */
export interface NginxDialectInput {
  readonly type: 'nginx'
  /** What the URLs begin with: `/t/` of `/t/300x200/a.jpg`. */
  readonly prefix: string
  /** The name of the source, where there are several. */
  readonly source?: string | undefined
  /** The secret in `secure_link_md5 "$uri <secret>"`; of several, any may fit. */
  readonly secret?: string | readonly string[] | undefined
  /** Without a secret: allows anybody to ask for any size. */
  readonly unsigned?: boolean | undefined
  /** The query argument that holds the signature. Default `key`. */
  readonly arg?: string | undefined
  /** The mode of `image_filter`. Default `resize`. */
  readonly mode?: 'resize' | 'crop' | 'rotate' | undefined
  /** The angle of `rotate`, counter-clockwise as in nginx. */
  readonly degrees?: 90 | 180 | 270 | undefined
  /** The number of `image_filter_jpeg_quality`. Default 75. */
  readonly quality?: number | undefined
}

/** URLs of imgproxy. */
export interface ImgproxyDialectInput {
  readonly type: 'imgproxy'
  /** What the URLs begin with. Default `/`. */
  readonly prefix?: string | undefined
  /**
   * The only source that they can name. Default: every source that a URL's `s3://`, `https://` or `local://` begins
   * with.
   */
  readonly source?: string | undefined
  /** In hex; of several keys, the first belongs to the first salt. */
  readonly key?: string | readonly string[] | undefined
  readonly salt?: string | readonly string[] | undefined
  /** Bytes, 1..32. Default 32. */
  readonly signatureSize?: number | undefined
  /** Whether `unsafe` is accepted as a signature; without keys, anything is. */
  readonly unsigned?: boolean | undefined
  /** Options by name, such as `rs:fill:300:200/q:70`; `default` is applied before all others. */
  readonly presets?: Readonly<Record<string, string>> | undefined
  /** Whether a URL may name only presets. */
  readonly onlyPresets?: boolean | undefined
  /** The text before every source in a URL. */
  readonly baseUrl?: string | undefined
  /** Chosen from by `Accept` where a URL names no format. Default: none, so the original's format. */
  readonly autoFormat?: readonly RasterFormat[] | undefined
  /** For URLs that name none. Default: the top-level `quality`. */
  readonly quality?: number | undefined
  /**
   * The setting of imgproxy-cache, for pages that ask its bucket first: `serve` also stores each result under
   * `folder` and the MD5 of the URL's path.
   */
  readonly cacheKeys?: { readonly folder: string } | undefined
}

/** The URLs of another image server, answered as it did. */
export type DialectInput = NginxDialectInput | ImgproxyDialectInput

const text = z.string({ error: 'a text' })
const PREFIX_ALLOWED = 'a path with "/" at both ends, such as /t/'
const prefix = z
  .string({ error: PREFIX_ALLOWED })
  .regex(/^\/(?:[A-Za-z0-9._~-]+\/)*$/, { error: PREFIX_ALLOWED })
const quality = wholeNumber(1, 100)
const SECRET_ALLOWED = 'a text, not empty, or a list of such'
const secretText = z.string({ error: SECRET_ALLOWED }).min(1, { error: SECRET_ALLOWED })
const HEX_ALLOWED = 'hex digits, an even number of them, or a list of such'
const hex = z.string({ error: HEX_ALLOWED }).regex(/^(?:[0-9a-f]{2})+$/i, { error: HEX_ALLOWED })

const oneOrMore = <S extends z.ZodType<string>>(schema: S, allowed: string) =>
  z.union(
    [schema.transform((one) => [one]), z.array(schema, { error: allowed }).min(1, { error: allowed })],
    {
      error: allowed,
    },
  )

const nginxSchema = object({
  type: z.literal('nginx'),
  prefix,
  source: text.optional(),
  secret: oneOrMore(secretText, SECRET_ALLOWED).optional(),
  unsigned: boolean.optional(),
  arg: z
    .string()
    .regex(/^[A-Za-z0-9_]+$/, { error: 'a name of letters, digits and "_"' })
    .optional(),
  mode: choice(['resize', 'crop', 'rotate']).optional(),
  degrees: z.literal([90, 180, 270], { error: '90, 180, 270' }).optional(),
  quality: quality.optional(),
} satisfies Fields<NginxDialectInput>)

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
  type: z.literal('imgproxy'),
  prefix: prefix.optional(),
  source: text.optional(),
  key: oneOrMore(hex, HEX_ALLOWED).optional(),
  salt: oneOrMore(hex, HEX_ALLOWED).optional(),
  signatureSize: wholeNumber(1, 32).optional(),
  unsigned: boolean.optional(),
  presets: z.record(z.string(), text, { error: 'an object of names and options' }).optional(),
  onlyPresets: boolean.optional(),
  baseUrl: text.optional(),
  autoFormat: z.array(choice(RASTER_FORMATS), { error: FORMATS_ALLOWED }).optional(),
  quality: quality.optional(),
  cacheKeys: object({ folder: cacheFolder }).optional(),
} satisfies Fields<ImgproxyDialectInput>)

/** What dialects depend on, and where faults are collected. */
export interface DialectsContext {
  readonly quality: number
  /** Undefined where the sources are wrong themselves. */
  readonly sources?: readonly SourceConfig[]
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
    checkReached(dialect.prefix, { path, owners, faults: context.faults })
    return [dialect]
  })
}

/** If two dialects have one prefix, the second is never asked. */
const checkReached = (
  prefix: string,
  {
    path,
    owners,
    faults,
  }: { readonly path: string; readonly owners: Map<string, string>; readonly faults: Faults },
): void => {
  const owner = owners.get(prefix)
  owners.set(prefix, owner ?? path)
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

const readDialect = (entry: unknown, context: DialectContext): DialectConfig | undefined => {
  const { path, faults } = context
  const type = isObject(entry) ? entry.type : undefined
  if (type !== 'nginx' && type !== 'imgproxy') {
    faults.add({ path: joinPath(path, 'type'), found: describeFound(type), allowed: 'nginx, imgproxy' })
    return undefined
  }
  const faultsBefore = faults.count
  const dialect =
    type === 'nginx'
      ? readNginx(readObject(nginxSchema, entry, { path, faults, isHidden: true }), context)
      : readImgproxy(readObject(imgproxySchema, entry, { path, faults, isHidden: true }), context)
  return faults.count > faultsBefore ? undefined : dialect
}

const readNginx = (
  fields: z.output<typeof nginxSchema> | undefined,
  context: DialectContext,
): DialectConfig | undefined => {
  if (fields === undefined) return undefined
  const { mode = 'resize', degrees, secret = [] } = fields
  const { path, faults } = context
  checkSigned('secret', secret, fields.unsigned, context)
  const sourceName = readSourceName(fields.source, true, context)
  if ((mode === 'rotate') !== (degrees !== undefined))
    faults.add({
      path: joinPath(path, 'degrees'),
      found: degrees === undefined ? 'nothing' : `set with mode ${mode}`,
      allowed: 'with mode rotate, and only then: 90, 180, 270',
    })
  return {
    type: 'nginx',
    prefix: fields.prefix,
    ...(sourceName !== undefined && { sourceName }),
    secrets: secret,
    arg: fields.arg ?? 'key',
    mode: mode === 'rotate' ? { rotate: degrees ?? 90 } : mode,
    quality: fields.quality ?? 75,
  }
}

const readImgproxy = (
  fields: z.output<typeof imgproxySchema> | undefined,
  context: DialectContext,
): DialectConfig | undefined => {
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
  checkPresets(fields.presets ?? {}, { ...context, path: joinPath(context.path, 'presets') })
  return {
    type: 'imgproxy',
    prefix: fields.prefix ?? '/',
    ...(sourceName !== undefined && { sourceName }),
    keys: key.map((each, i) => ({ key: each, salt: salt[i] ?? '' })),
    isUnsigned: fields.unsigned ?? false,
    signatureSize: fields.signatureSize ?? 32,
    presets: fields.presets ?? {},
    onlyPresets: fields.onlyPresets ?? false,
    baseUrl: fields.baseUrl ?? '',
    autoFormat: fields.autoFormat ?? [],
    quality: fields.quality ?? context.quality,
    ...(fields.cacheKeys && { cacheFolder: fields.cacheKeys.folder }),
  }
}

/** An alias keeps its name for ever, is visible to anybody, and is deleted only by `build` and similar commands. */
const checkCacheKeys = ({ path, faults, versions, serve }: DialectContext): void => {
  const hindrances = [
    ...(versions ? ['versions'] : []),
    ...(serve.expiring ? ['serve.expiring'] : []),
    ...(serve.cache ? ['serve.cache'] : []),
  ]
  for (const hindrance of hindrances)
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
  unsigned: boolean | undefined,
  { path, faults }: DialectContext,
): void => {
  if (given.length > 0 || unsigned === true) return
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
