import * as z from 'zod'
import { MAX_SIDE } from '../core/resize.ts'
import { compileUrlForm } from '../core/url-form.ts'
import { checkSigned, oneOrMore, prefix, type ReadDialect, readSourceName, text } from './dialect-fields.ts'
import { joinPath, readObject } from './faults.ts'
import { boolean, choice, type Input, object, wholeNumber } from './schema-values.ts'

const side = wholeNumber(1, MAX_SIDE)
const SECRET_ALLOWED = 'a text, not empty, or a list of such'
const secretText = z.string({ error: SECRET_ALLOWED }).min(1, { error: SECRET_ALLOWED })
const FORM_ALLOWED =
  '{path} with {width}, {height} or {size}, and text without digits between them, such as {width}/{path} or {path}?w={width}'

const ARG_ALLOWED = 'a name of letters, digits and "_"'

/** An entry of `dialects` for nginx. */
export const nginxSchema = object({
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
  quality: wholeNumber(1, 100).prefault(75),
})

/** URLs of an nginx with `image_filter`, and with `secure_link` where there is a secret. */
export interface NginxDialectInput extends Input<typeof nginxSchema> {}

/** Reads such an entry. */
export const readNginx: ReadDialect = (entry, context) => {
  const fields = readObject(nginxSchema, entry, { ...context, isHidden: true })
  if (fields === undefined) return undefined
  const { mode, degrees, secret = [], prefix, form, width, height, arg, quality } = fields
  const { path, faults } = context
  checkSigned('secret', secret, fields.unsigned, context)
  const sourceName = readSourceName(fields.source, true, context)
  if ((mode === 'rotate') !== (degrees !== undefined))
    faults.add(
      joinPath(path, 'degrees'),
      degrees === undefined ? 'nothing' : `set with mode ${mode}`,
      'with mode rotate, and only then: 90, 180, 270',
    )
  const isSized = mode === 'rotate' || width !== undefined || height !== undefined
  if (form !== undefined && !isSized && !/\{(?:width|height|size)\}/.test(form))
    faults.add(
      joinPath(path, 'form'),
      `${JSON.stringify(form)}, which names no side`,
      'with {width}, {height} or {size}; without beside width, height or mode rotate',
    )
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
