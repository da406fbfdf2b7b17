import * as z from 'zod'
import { type FormatChoice, RASTER_FORMATS } from '../core/format.ts'
import { MAX_SIDE } from '../core/transform.ts'
import type { DialectInput } from './dialects.ts'
import { type EncodersInput, encodersSchema } from './encoders-schema.ts'
import { checkPattern } from './match.ts'
import { type OperationsInput, operationFields } from './operations-schema.ts'
import { type PositionInput, position } from './position-schema.ts'
import {
  boolean,
  bytes,
  choice,
  duration,
  type Fields,
  headerValue,
  list,
  object,
  wholeNumber,
} from './schema-values.ts'
import { type ServeInput, serveSchema } from './serve-schema.ts'
import { type WatermarkInput, watermarkSchema } from './watermark.ts'

/**
 * What `imgsizes.config` may contain. The interfaces are for people and their editors (declarations made from zod have
 * no comments); the schemas check the same fields, and the compiler checks that both agree. The message of every schema
 * is not an error but what is allowed.
 */

/** A source with settings of its own. */
export interface PlaceInput {
  /** Folder, `s3://bucket/prefix` or `https://host/path/`. */
  readonly uri: string
  /** HTTPS only: whether the host may be in a private network. Default false. */
  readonly allowPrivate?: boolean | undefined
  /** HTTPS only: sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** One source as a text or object; or several by name. */
export type SourceInput = string | PlaceInput | { readonly [name: string]: string | PlaceInput }

/** A secret that plan, copies, prune and verify accept, but `serve` refuses. */
export interface RetiredSecretInput {
  readonly value: string
  readonly retired: true
}

/**
 * What signs URLs: a text of at least 16 bytes without white space at its ends, or a list of them. The first one signs,
 * and all are accepted. A retired one is an object.
 */
export type SecretInput = string | readonly (string | RetiredSecretInput)[]

/** One entry of `sizes`: `widths`, `heights`, `width`, `height`, or `width` and `height`, or `full`. */
export interface SizeInput extends OperationsInput {
  /** The original's own size. */
  readonly full?: true | undefined
  /** Widths in pixels, for a `srcset`. */
  readonly widths?: readonly number[] | undefined
  /** Heights in pixels. */
  readonly heights?: readonly number[] | undefined
  /** Pixels, 1..16383: the width of the result; with `height`, of the box that `fit` uses. */
  readonly width?: number | undefined
  /** Pixels, 1..16383: the height of the result; with `width`, of the box that `fit` uses. */
  readonly height?: number | undefined
  /**
   * Needs width and height. Default `cover`. For pictures smaller than the box, `cover` (and `down`, imgproxy's
   * `fill-down`) keeps the proportions of the box; `clip` cuts each side separately, as imgproxy's `fill` and nginx's
   * `crop` do; `auto` is `clip` where picture and box are both portrait or both landscape, otherwise `inside`. `fill`
   * stretches each side as far as the picture has it, `stretch` (imgproxy's `force`) keeps the proportions of the box.
   */
  readonly fit?: 'cover' | 'inside' | 'contain' | 'fill' | 'stretch' | 'auto' | 'down' | 'clip' | undefined
  /** With `contain` an edge or corner; with `cover`, `down`, `clip` and `auto` any. Default: the centre. */
  readonly position?: PositionInput | undefined
  /** `#rrggbb`, behind transparency and in padding. */
  readonly background?: string | undefined
  /** 1..100. Default: the top-level `quality`. */
  readonly quality?: number | undefined
  /** Multiples of `width` and `height`. Default [1]. */
  readonly densities?: readonly number[] | undefined
  /** Globs over source keys. Default: every source. */
  readonly match?: string | readonly string[] | undefined
  /** The formats that `build` makes ahead, from the top-level `formats`. Default: all of them. */
  readonly formats?: readonly FormatChoice[] | undefined
  /**
   * How wide pages show its pictures, as in the attribute `sizes`: `(max-width: 60rem) 100vw, 60rem`. Default for
   * `widths` and `heights`: as wide as the window, but no wider than the picture.
   */
  readonly sizes?: string | undefined
  /**
   * Whether SVGs are drawn at this size, as pixels. Default: where the size has formats of its own; otherwise they stay
   * vectors. With `vectors: 'draw'` every size draws them.
   */
  readonly draw?: boolean | undefined
}

/** The limits of originals: beyond them `build` names an original as failed, and `serve` answers 422 or 504. */
export interface LimitsInput {
  /** The largest file of an original: bytes, or a text such as `64MB` or `64MiB`. Default `64MB`. */
  readonly sourceBytes?: number | string | undefined
  /** Width times height of an original, of all its frames together, by its header. Default 100,000,000. */
  readonly sourcePixels?: number | undefined
  /** The most frames of an animation; `sourcePixels` limits their pixels. Default 10,000. */
  readonly frames?: number | undefined
  /** Width times height of a result, all of its frames together. Default 40,000,000. */
  readonly outputPixels?: number | undefined
  /** How long a store may take to answer: a text such as `15s` or `500ms`. Default `15s`. */
  readonly fetchTimeout?: string | undefined
  /** How long a render may take, with the reading of the header: a text such as `30s`. Default `30s`. */
  readonly renderTimeout?: string | undefined
  /**
   * What to do with an original that is cut off or damaged: `refuse` it, or `show` its readable part, the rest grey or
   * transparent. An original that only breaks a rule but has all its pixels is always rendered. Default `refuse`.
   */
  readonly damaged?: 'refuse' | 'show' | undefined
}

/** What `defineConfig` takes and `imgsizes.config` exports. */
export interface ConfigInput {
  /** In JSON, for editors: the path of the schema, `./node_modules/imgsizes/dist/config.schema.json`. */
  readonly $schema?: string | undefined
  /** Where the originals are: folder, `s3://bucket/prefix`, `https://host/path/`, or several by name. */
  readonly source: SourceInput
  /** Where results go: folder or `s3://bucket/prefix`. */
  readonly output: string
  /** Where the ledger is. Default: `.imgsizes/` in the output. */
  readonly state?: string | undefined
  /** The text before a key in a URL: `https://img.example.com/` or a path such as `/img/`. Default `/`. */
  readonly baseUrl?: string | undefined
  /** At least 16 bytes; of several, the first signs and all are accepted. */
  readonly secret?: SecretInput | undefined
  /** Globs over source keys: the originals that `build` makes results of. */
  readonly include?: readonly string[] | undefined
  /** Globs over source keys that neither `build` nor `serve` touches. */
  readonly exclude?: readonly string[] | undefined
  /** The formats that `serve` renders, the best first. Default avif, webp, original. */
  readonly formats?: readonly FormatChoice[] | undefined
  /** 1..100: how good results look, measured on mozjpeg's scale. Default 80. */
  readonly quality?: number | undefined
  /** What `build` makes of every original, by name; names are of letters, digits, `_` and `-`. Default: nothing. */
  readonly sizes?: Readonly<Record<string, SizeInput>> | undefined
  /** The picture that sizes with `watermark: true` lay over their results. */
  readonly watermark?: WatermarkInput | undefined
  /**
   * Options of single pictures, by name or glob: focus, quality, alt and more. A JSON file, or
   * `s3://bucket/path/pictures.json`.
   */
  readonly overrides?: string | undefined
  /** Whether a file `cat.jpg.json` beside `cat.jpg` sets the same options for that picture only. Default false. */
  readonly sidecars?: boolean | undefined
  /**
   * What to do with SVGs: `keep`, one cleaned SVG instead of all sizes without `draw`; `draw`, pixels of
   * every size. Default `keep`.
   */
  readonly vectors?: 'keep' | 'draw' | undefined
  /**
   * What to do with colours beyond sRGB, as phones take them since 2016: `keep` them, in Display P3, except in GIFs;
   * `srgb`, replace them by the nearest in sRGB. Default `keep`.
   */
  readonly colors?: 'keep' | 'srgb' | undefined
  /** Whether keys contain a version of their source. Default false. */
  readonly versions?: boolean | undefined
  /** A text; a change of it gives every picture a new URL. Needs `versions`. */
  readonly revision?: string | undefined
  /**
   * Options of encoders: they decide costs and file sizes, never what is shown. A change makes `build` encode that
   * format again. Default `{ avif: { effort: 3, search: true }, webp: { effort: 4, search: true },
   * jpeg: { mozjpeg: true, search: true }, png: {}, gif: {} }`.
   */
  readonly encoders?: EncodersInput | undefined
  /** The Cache-Control header of results. Default: a day, or a year where `versions` are on. */
  readonly cacheControl?: string | undefined
  /** The largest originals, and the longest times. Default: see `LimitsInput`. */
  readonly limits?: LimitsInput | undefined
  /** URLs of other image servers that `serve` answers too, from the same store. */
  readonly dialects?: readonly DialectInput[] | undefined
  /** Options that only `imgsizes serve` uses. Default: see `ServeInput`. */
  readonly serve?: ServeInput | undefined
}

const side = wholeNumber(1, MAX_SIDE)
/** 1..100. */
export const quality = wholeNumber(1, 100)
const formats = list(choice([...RASTER_FORMATS, 'original']), [...RASTER_FORMATS, 'original'].join(', '))

const glob = z.string({ error: 'a glob' }).superRefine((pattern, context) => {
  const allowed = checkPattern(pattern)
  if (allowed !== undefined) context.addIssue({ code: 'custom', message: allowed })
})

/** `#rrggbb` as its six lower-case digits. */
export const background = z
  .string({ error: "'#rrggbb'" })
  .regex(/^#?[0-9a-f]{6}$/i, { error: "'#rrggbb'" })
  .transform((text) => text.replace('#', '').toLowerCase())

const density = z
  .number({ error: 'a number 1..10' })
  .min(1, { error: 'a number 1..10' })
  .max(10, { error: 'a number 1..10' })

const SIZES = "the attribute sizes, such as '(max-width: 60rem) 100vw, 60rem'"

/** One entry of `sizes`, field by field; `sizes.ts` checks which fields go together. */
export const sizeSchema = object({
  widths: list(side, `whole numbers 1..${MAX_SIDE}`).optional(),
  heights: list(side, `whole numbers 1..${MAX_SIDE}`).optional(),
  width: side.optional(),
  height: side.optional(),
  full: z.literal(true, { error: 'true' }).optional(),
  fit: choice(['cover', 'inside', 'contain', 'fill', 'stretch', 'auto', 'down', 'clip']).optional(),
  position: position.optional(),
  background: background.optional(),
  quality: quality.optional(),
  densities: list(density, 'numbers 1..10').optional(),
  match: z
    .union([glob.transform((text) => [text]), list(glob, 'globs')], { error: 'a glob or a list of them' })
    .optional(),
  formats: formats.optional(),
  sizes: z.string({ error: SIZES }).trim().min(1, { error: SIZES }).optional(),
  draw: boolean.optional(),
  ...operationFields,
} satisfies Fields<SizeInput>)

const limits = object({
  sourceBytes: bytes.optional(),
  sourcePixels: wholeNumber(1).optional(),
  frames: wholeNumber(1).optional(),
  outputPixels: wholeNumber(1).optional(),
  fetchTimeout: duration.optional(),
  renderTimeout: duration.optional(),
  damaged: choice(['refuse', 'show']).optional(),
} satisfies Fields<LimitsInput>)

/** A place as an object. */
export const placeSchema = object({
  uri: z.string({ error: 'a folder, s3://bucket/prefix or https://host/path/' }).optional(),
  allowPrivate: boolean.optional(),
  headers: z
    .record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/), headerValue, {
      error: 'an object of header names and values',
    })
    .optional(),
} satisfies Fields<PlaceInput>)

/** The whole input, field by field; places, secrets and sizes are read further in the files of those names. */
export const configSchema = object({
  source: z.custom<SourceInput>().optional(),
  output: z.custom<string>().optional(),
  state: z.custom<string>().optional(),
  baseUrl: z.custom<string>().optional(),
  secret: z.custom<SecretInput>().optional(),
  include: z.array(glob, { error: 'a list of globs' }).optional(),
  exclude: z.array(glob, { error: 'a list of globs' }).optional(),
  formats: formats.optional(),
  quality: quality.optional(),
  sizes: z.record(z.string(), z.custom<SizeInput>(), { error: 'an object of names and sizes' }).optional(),
  watermark: watermarkSchema.optional(),
  overrides: z.custom<string>().optional(),
  sidecars: boolean.optional(),
  vectors: choice(['keep', 'draw']).optional(),
  colors: choice(['keep', 'srgb']).optional(),
  versions: boolean.optional(),
  revision: z.string({ error: 'a text' }).optional(),
  encoders: encodersSchema.optional(),
  cacheControl: headerValue.optional(),
  limits: limits.optional(),
  dialects: z.custom<readonly DialectInput[]>().optional(),
  serve: serveSchema.optional(),
  $schema: z.string({ error: 'a text' }).optional(),
} satisfies Fields<ConfigInput>)
