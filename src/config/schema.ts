import * as z from 'zod'
import { RASTER_FORMATS } from '../core/format.ts'
import { MAX_SIDE } from '../core/transform.ts'
import { DEFAULT_FORMATS, DEFAULT_INCLUDE } from './defaults.ts'
import { dialectSchema } from './dialects.ts'
import { encodersSchema } from './encoders-schema.ts'
import { checkPattern } from './match.ts'
import { operationFields } from './operations-schema.ts'
import { position } from './position-schema.ts'
import {
  boolean,
  bytes,
  checkedLater,
  choice,
  duration,
  headerValue,
  type Input,
  list,
  numberIn,
  object,
  wholeNumber,
} from './schema-values.ts'
import { serveSchema } from './serve-schema.ts'
import { watermarkSchema } from './watermark.ts'

/**
 * What `imgsizes.config` may contain. Each option is one row: what it means and its default in words, then what is
 * allowed. Types, the JSON Schema and docs/reference/configuration.md are made of the rows. The message of every schema
 * is not an error but what is allowed.
 */

const side = wholeNumber(1, MAX_SIDE)
const sides = list(side, `whole numbers 1..${MAX_SIDE}`)
/** 1..100. */
export const quality = wholeNumber(1, 100)
const formats = list(choice([...RASTER_FORMATS, 'original']), [...RASTER_FORMATS, 'original'].join(', '))

const glob = z.string({ error: 'a glob' }).superRefine((pattern, context) => {
  const allowed = checkPattern(pattern)
  if (allowed !== undefined) context.addIssue({ code: 'custom', message: allowed })
})
const globs = z.array(glob, { error: 'a list of globs' })

/** `#rrggbb` as its six lower-case digits. */
export const background = z
  .string({ error: "'#rrggbb'" })
  .regex(/^#?[0-9a-f]{6}$/i, { error: "'#rrggbb'" })
  .transform((text) => text.replace('#', '').toLowerCase())

const SIZES = "the attribute sizes, such as '(max-width: 60rem) 100vw, 60rem'"

/** One entry of `sizes`, field by field; `sizes.ts` checks which fields go together. */
export const sizeSchema = object({
  /** `[320, 640]`: one result of each width in pixels, for a `srcset`. Default: none. */
  widths: sides.optional(),
  /** The same by heights. Default: none. */
  heights: sides.optional(),
  /** Pixels, 1..16383: the width of the result; with `height`, of the box that `fit` uses. Default: none. */
  width: side.optional(),
  /** Pixels, 1..16383: the height of the result; with `width`, of the box that `fit` uses. Default: none. */
  height: side.optional(),
  /** `true`: as large as the original. Default: none. */
  full: z.literal(true, { error: 'true' }).optional(),
  /**
   * With width and height. `cover` fills the box and crops the rest; `inside` keeps all of the picture; `contain` keeps
   * all and pads to the box; `fill` stretches each side as far as the picture has it. For pictures smaller than the
   * box, `cover` (and `down`, imgproxy's `fill-down`) keeps the proportions of the box; `clip` cuts each side
   * separately, as imgproxy's `fill` and nginx's `crop` do; `auto` is `clip` where picture and box are both portrait or
   * both landscape, otherwise `inside`; `stretch` (imgproxy's `force`) keeps the proportions of the box. Default
   * `'cover'`.
   */
  fit: choice(['cover', 'inside', 'contain', 'fill', 'stretch', 'auto', 'down', 'clip']).optional(),
  /**
   * What a crop keeps: `'top'`, `'bottom-left'` and so on, also where `contain` puts the picture. With `cover`, `down`,
   * `clip` and `auto` also `'attention'` (faces that the file marks, else where the eye goes) or `{ x: 333, y: 500 }`,
   * in thousandths of the picture. Default: the centre.
   */
  position: position.optional(),
  /** `'#rrggbb'`, under padding and transparency. Default: none. */
  background: background.optional(),
  /** 1..100, for this size alone. Default: the top-level `quality`. */
  quality: quality.optional(),
  /** Multiples of `width` and `height`: `[1, 2]` for sharp screens. Default `[1]`. */
  densities: list(numberIn(1, 10), 'numbers 1..10').optional(),
  /** Globs over source keys: the originals that have this size. Default: every source. */
  match: z
    .union([glob.transform((text) => [text]), list(glob, 'globs')], { error: 'a glob or a list of them' })
    .optional(),
  /** The formats that `build` makes ahead, from the top-level `formats`. Default: all of them. */
  formats: formats.optional(),
  /**
   * How wide pages show its pictures, as in the attribute of that name: `'(max-width: 60rem) 100vw, 60rem'`. Default:
   * with `widths` and `heights` as wide as the window, but no wider than the picture.
   */
  sizes: z.string({ error: SIZES }).trim().min(1, { error: SIZES }).optional(),
  /**
   * Whether SVGs are drawn at this size, as pixels. Otherwise they stay vectors. With `vectors: 'draw'` every size draws
   * them. Default: where the size has formats of its own.
   * @see SVGs, docs/reference/configuration.md#svgs
   */
  draw: boolean.optional(),
  ...operationFields,
})

/** One entry of `sizes`: `widths`, `heights`, `width`, `height`, or `width` and `height`, or `full`. */
export interface SizeInput extends Input<typeof sizeSchema> {}

const limitsSchema = object({
  /** The largest file of an original: bytes, or a text such as `64MB` or `64MiB`. Default `'64MB'`. */
  sourceBytes: bytes.prefault('64MB'),
  /** Width times height of an original, of all its frames together, by its header. Default `100_000_000`. */
  sourcePixels: wholeNumber(1).prefault(100_000_000),
  /** The most frames of an animation; `sourcePixels` limits their pixels. Default `10_000`. */
  frames: wholeNumber(1).prefault(10_000),
  /** Width times height of a result, all of its frames together. Default `40_000_000`. */
  outputPixels: wholeNumber(1).prefault(40_000_000),
  /** How long a store may take to answer: a text such as `15s` or `500ms`. Default `'15s'`. */
  fetchTimeout: duration.prefault('15s'),
  /** How long a render may take, with the reading of the header. Default `'30s'`. */
  renderTimeout: duration.prefault('30s'),
  /**
   * What to do with an original that is cut off or damaged: `refuse` it, or `show` its readable part, the rest grey or
   * transparent, and say so. One that only breaks a rule but has all its pixels is always rendered. Default `'refuse'`.
   */
  damaged: choice(['refuse', 'show']).prefault('refuse'),
})

/** A source with settings of its own. */
export const placeSchema = object({
  /** Folder, `s3://bucket/prefix` or `https://host/path/`. */
  uri: z.string({ error: 'a folder, s3://bucket/prefix or https://host/path/' }),
  /** HTTPS only: whether the host may be in a private network. Default `false`. */
  allowPrivate: boolean.prefault(false),
  /** HTTPS only: sent with every request. Default: none. */
  headers: z
    .record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/), headerValue, {
      error: 'an object of header names and values',
    })
    .optional(),
})
const place = z.union([z.string(), placeSchema])

const retiredSecret = object({
  /** Its text. */
  value: z.string(),
  /** `serve` refuses it; plan, copies, prune and verify accept it. */
  retired: z.literal(true),
})
const text = checkedLater(z.string())

/** The whole input; places, secrets, sizes and dialects are read further in the files of those names. */
export const configSchema = object({
  /**
   * Where the originals are: a folder, `s3://bucket/prefix`, `https://host/path/`, `{ uri, allowPrivate, headers }`, or
   * several by name: `{ blog: './posts', shop: 's3://shop/photos' }`. The name is then the first segment of every key.
   */
  source: checkedLater(z.union([place, z.record(z.string(), place)])),
  /** Where results go: a folder or `s3://bucket/prefix`. */
  output: text,
  /**
   * Where the ledger, the record of what each result was made from, is kept: a folder or `s3://bucket/prefix`, outside
   * output and source. Default: `.imgsizes/` in the output.
   */
  state: text.optional(),
  /** What precedes a key in a URL: `https://img.example.com/` or a path. `serve` answers at its path. Default `'/'`. */
  baseUrl: text.prefault('/'),
  /**
   * What signs URLs: at least 16 bytes, without white space at either end. With several, `[new, old]`, the first signs
   * and all are accepted; `{ value, retired: true }` is refused by `serve` and still recognised by `build` and `prune`.
   * Default: in a `.json` file `IMGSIZES_SECRET` of `.env` or of the environment.
   */
  secret: checkedLater(z.union([z.string(), z.array(z.union([z.string(), retiredSecret]))])).optional(),
  /**
   * Globs of the sources that `build` renders ahead of time; `serve` answers for others as well. BMPs and icons can be
   * read, and are left out as long as no glob names them. Default: JPEG, PNG, WebP, AVIF, GIF, TIFF, SVG by their names.
   */
  include: globs.prefault([...DEFAULT_INCLUDE]),
  /** Globs of what neither `build` nor `serve` touches, dot-files included. Default `[]`. */
  exclude: globs.prefault([]),
  /**
   * What `serve` renders, the best first. `original` goes by the ending of the name: jpg for a jpg, png for a png or
   * svg. Default `['avif', 'webp', 'original']`.
   */
  formats: formats.prefault([...DEFAULT_FORMATS]),
  /**
   * 1..100 on mozjpeg's scale: how good results look. Every other encoder is set to look the same. Default `80`.
   * @see What a quality promises, docs/reference/configuration.md#what-a-quality-promises
   */
  quality: quality.prefault(80),
  /**
   * What `build` makes of every original, by name; names are of letters, digits, `_` and `-`. Default: none.
   * @see A size, docs/reference/configuration.md#a-size
   */
  sizes: z
    .record(z.string(), checkedLater(sizeSchema), { error: 'an object of names and sizes' })
    .prefault({}),
  /** The picture that sizes with `watermark: true` lay over their results. Default: none. */
  watermark: watermarkSchema.optional(),
  /**
   * Options of single pictures, by name or glob: focus, quality, alt and more. A JSON file, or
   * `s3://bucket/path/pictures.json`. Default: none.
   * @see Overrides, docs/guides/overrides.md
   */
  overrides: text.optional(),
  /** Whether a file `cat.jpg.json` beside `cat.jpg` sets the same options for that picture only. Default `false`. */
  sidecars: boolean.prefault(false),
  /**
   * What to do with SVGs: `keep`, one cleaned SVG instead of all sizes without `draw`; `draw`, pixels of every size.
   * Default `'keep'`.
   * @see SVGs, docs/reference/configuration.md#svgs
   */
  vectors: choice(['keep', 'draw']).prefault('keep'),
  /**
   * What to do with colours beyond sRGB, which phones have taken since 2016: `keep` them, in Display P3, except in
   * GIFs; `srgb`, replace them by the nearest in sRGB. Default `'keep'`.
   * @see Wide colours, docs/reference/configuration.md#wide-colours
   */
  colors: choice(['keep', 'srgb']).prefault('keep'),
  /**
   * Whether keys contain a version of the original, so that a changed picture has a new URL and every URL may be cached
   * forever. Default `false`.
   */
  versions: boolean.prefault(false),
  /** With `versions`: a text whose change gives every picture a new URL. Default `''`. */
  revision: z.string({ error: 'a text' }).prefault(''),
  /**
   * How long encoding takes and how large files become, never what is shown. A change makes `build` encode that format
   * again. Default: as below.
   */
  encoders: encodersSchema.optional(),
  /**
   * The Cache-Control header of results. On S3 a change copies the objects onto themselves; nothing is rendered.
   * Default: a day, and for a week more while a newer one is fetched; with `versions` a year.
   */
  cacheControl: headerValue.optional(),
  /** The largest originals and results, checked before anything is decoded, and the longest fetch and render. Default: as below. */
  limits: limitsSchema.prefault({}),
  /**
   * URLs of nginx's `image_filter` and of imgproxy that `serve` answers as well, from the same store. Default: none.
   * @see Old URLs keep working, docs/guides/migrate/README.md
   */
  dialects: checkedLater(z.array(dialectSchema)).optional(),
  /** Options that only `imgsizes serve` uses. Default: as below. */
  serve: serveSchema.prefault({}),
  /**
   * In JSON, for editors: `./node_modules/imgsizes/dist/config.schema.json`, the JSON Schema of this file.
   * Default: none.
   */
  $schema: z.string({ error: 'a text' }).optional(),
})
