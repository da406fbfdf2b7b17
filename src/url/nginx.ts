import { createHash } from 'node:crypto'
import { originalFormatOf } from '../core/format.ts'
import { decodePercent } from '../core/percent.ts'
import { parseSourceKey, type SourceKey } from '../core/source-key.ts'
import { MAX_SIDE, type Transform } from '../core/transform.ts'
import { compileUrlForm, type ReadUrlForm, type UrlParts } from '../core/url-form.ts'
import { type Dialect, type ForeignReading, type ForeignRequest, refusal } from './dialect.ts'
import { isOneOf } from './same-signature.ts'

/** How an nginx serves pictures under one prefix: by `image_filter`, and `secure_link` where there are secrets. */
export interface NginxDialect {
  readonly prefix: string
  /** What follows the prefix ({@link compileUrlForm}). Without one, all URLs under the prefix are of this dialect. */
  readonly form?: string | undefined
  /** Pixels, where a URL names no such side; undefined: the picture's own. */
  readonly width?: number | undefined
  readonly height?: number | undefined
  /** A signature may be valid under any of them; empty: URLs are not signed. */
  readonly secrets: readonly string[]
  /** The argument of the query that holds the signature. */
  readonly arg: string
  readonly mode: NginxMode
  /** 1..100 */
  readonly quality: number
  /** What the keys of its sources begin with: "" or the name of a source and "/". */
  readonly sourcePrefix: string
}

/** `rotate` counts counter-clockwise, as in nginx. */
type NginxMode = 'resize' | 'crop' | { readonly rotate: 90 | 180 | 270 }

/**
 * `{prefix}{W}x{H}/{path}?{arg}={K}`, or `{prefix}{form}`, where K is the unpadded base64url of MD5(uri " " secret), and
 * uri the path as nginx sees it: decoded once, slashes merged, dots resolved. W or H may be "-": the picture's own. A
 * wrong key is 404.
 */
export const createNginxDialect = (options: NginxDialect): Dialect => {
  const { prefix, form } = options
  const readParts = listForms(options)
  return {
    prefix,
    read: (request) => {
      const uri = normalisePath(request.rawPath)
      if (uri === undefined || !uri.startsWith(prefix)) return undefined
      const parts = readParts(uri.slice(prefix.length), (name) => findArgument(request.query, name))
      if (parts === undefined && form !== undefined) return undefined
      // Any URL has such a form: without a size it is a page, or a key of ours.
      if (prefix === '/' && ANY_PATH.test(form ?? '') && isWhole(parts)) return undefined
      return parts !== undefined && isSigned(uri, request, options) ? readShown(parts, options) : NOT_FOUND
    },
  }
}

// Not 403: it would tell that the picture exists, and nginx's usual configurations answer 404.
const NOT_FOUND = refusal('url-invalid')

const ANY_PATH = /^\{path\}\?(?:\w+=\{\w+\}&?)+$/

const NGINX_FORM = '{width}x{height}/{path}'

const isWhole = (parts: UrlParts | undefined): boolean =>
  [parts?.width, parts?.height].every((side = '-') => side === '-')

/** A location that only rotates may have no size in its URLs. */
const listForms = ({ form, mode }: NginxDialect): ReadUrlForm => {
  const forms = form !== undefined ? [form] : typeof mode === 'object' ? [NGINX_FORM, '{path}'] : [NGINX_FORM]
  const readers = forms.flatMap((each) => compileUrlForm(each) ?? [])
  return (rest, findIn) => {
    for (const read of readers) {
      const parts = read(rest, findIn)
      if (parts !== undefined) return parts
    }
    return undefined
  }
}

const readShown = (
  parts: UrlParts,
  { mode, quality, sourcePrefix, width, height }: NginxDialect,
): ForeignReading => {
  const source = parseSourceKey(sourcePrefix + parts.path)
  const shown = show(mode, readSide(parts.width, width), readSide(parts.height, height))
  return source === undefined || shown === undefined ? NOT_FOUND : toVariant(source, { ...shown, quality })
}

const toVariant = (source: SourceKey, transform: Transform): ForeignReading => ({
  kind: 'variant',
  source,
  transform,
  format: originalFormatOf(source),
  isNegotiated: false,
})

/**
 * Pixels, or `-` for the picture's own side; undefined where it is no size; `missing` where there is no text. Nothing is
 * enlarged, so larger sides are cut.
 */
const readSide = (text: string | undefined, missing: number | '-' = '-'): number | '-' | undefined => {
  if (text === undefined) return missing
  if (text === '-') return text
  if (!/^[0-9]+$/.test(text)) return undefined
  const side = Number(text)
  return side >= 1 ? Math.min(side, MAX_SIDE) : undefined
}

type Shown = Omit<Transform, 'quality'>
type Side = number | '-' | undefined

const show = (mode: NginxMode, width: Side, height: Side): Shown | undefined => {
  if (width === undefined || height === undefined) return undefined
  if (typeof mode === 'object') return showTurned(mode.rotate, width, height)
  return mode === 'crop' ? showCropped(width, height) : showWhole(width, height)
}

const showWhole = (width: number | '-', height: number | '-'): Shown => {
  if (width === '-') return { resize: height === '-' ? { kind: 'full' } : { kind: 'height', height } }
  return { resize: height === '-' ? { kind: 'width', width } : { kind: 'inside', width, height } }
}

/** With only one side given, nginx does not scale, but cuts that side. */
const showCropped = (width: number | '-', height: number | '-'): Shown => {
  if (width !== '-' && height !== '-') return { resize: { kind: 'clip', width, height } }
  const whole = { percent: 100 }
  return {
    resize: { kind: 'full' },
    ...(width !== '-' && { crop: { width: { pixels: width }, height: whole } }),
    ...(height !== '-' && { crop: { width: whole, height: { pixels: height } } }),
  }
}

/** nginx rotates what it has resized; we resize what is rotated, so the box is rotated too. */
const showTurned = (rotate: 90 | 180 | 270, width: number | '-', height: number | '-'): Shown => {
  const whole = rotate === 180 ? showWhole(width, height) : showWhole(height, width)
  return { ...whole, rotate: CLOCKWISE[rotate] }
}

const CLOCKWISE = { 90: 270, 180: 180, 270: 90 } as const

const isSigned = (uri: string, { query }: ForeignRequest, { secrets, arg }: NginxDialect): boolean => {
  if (secrets.length === 0) return true
  return isOneOf(
    findArgument(query, arg) ?? '',
    secrets.map((secret) => createHash('md5').update(`${uri} ${secret}`).digest('base64url')),
  )
}

/** The first argument of that name, in any letter case, as it is written: nginx decodes none. */
const findArgument = (query: string, name: string): string | undefined => {
  const found = query
    .split('&')
    .find((part) => part.slice(0, part.indexOf('=')).toLowerCase() === name.toLowerCase())
  return found?.slice(found.indexOf('=') + 1)
}

/** The path as nginx matches it; undefined where nginx would answer 400, or no file can have that name. */
export const normalisePath = (rawPath: string): string | undefined => {
  const text = decodePercent(rawPath)
  if (text === undefined || text.includes('\0') || !text.startsWith('/')) return undefined
  const segments: string[] = []
  for (const segment of text.split('/')) {
    if (segment === '..') {
      if (segments.pop() === undefined) return undefined
    } else if (segment !== '' && segment !== '.') segments.push(segment)
  }
  const isFolder = /\/\.{0,2}$/.test(text)
  return `/${segments.join('/')}${isFolder && segments.length > 0 ? '/' : ''}`
}
