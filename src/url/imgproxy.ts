import { createHash } from 'node:crypto'
import { type Format, originalFormatOf } from '../core/format.ts'
import { type Extent, MIN_BLUR, type Operations } from '../core/operations.ts'
import type { CompassPoint, CoverPosition, Focus } from '../core/position.ts'
import type { SourceKey } from '../core/source-key.ts'
import { MAX_SIDE, type Resize, type Transform } from '../core/transform.ts'
import { negotiateFormat } from './accept.ts'
import { type Dialect, type ForeignReading, type ForeignRequest, refusal } from './dialect.ts'
import {
  applyOption,
  applyPresets,
  DEFAULT_OPTIONS,
  type ImgproxyCrop,
  type ImgproxyOptions,
  type Presets,
  readFormat,
} from './imgproxy-options.ts'
import { type ImgproxyKey, isImgproxySignature } from './imgproxy-signature.ts'
import { findSource, type SourceRoot } from './source-roots.ts'

/** How an imgproxy was set up. */
export interface ImgproxyDialect {
  readonly prefix: string
  /** Of several, any holds. None: whatever stands in the signature's place is accepted. */
  readonly keys: readonly ImgproxyKey[]
  /** Whether `unsafe` and `insecure` are accepted beside signatures. */
  readonly isUnsigned: boolean
  /** Bytes of a signature, 1..32. */
  readonly signatureSize: number
  /** `default` is applied first. */
  readonly presets: Presets
  readonly onlyPresets: boolean
  /** Put before every source URL. */
  readonly baseUrl: string
  /** Chosen from by `Accept` where a URL names no format; none: the original's. */
  readonly autoFormat: readonly Format[]
  /** Where a URL says none, 1..100. */
  readonly quality: number
  readonly roots: readonly SourceRoot[]
  readonly watermark?: ConfiguredWatermark
  /** As imgproxy-cache had it: what the names of aliases begin with. Absent: there are none. */
  readonly cacheFolder?: string
}

export interface ConfiguredWatermark {
  readonly id: string
  readonly position?: CompassPoint | Focus
  readonly opacity: number
  readonly scale: number
}

/**
 * `{prefix}{signature}/{option}/…/plain/{source url}[@{ext}]` and `…/{base64url source url}[.{ext}]`. A signature
 * that does not hold is 403, all else that is wrong 404.
 */
export const createImgproxyDialect = (options: ImgproxyDialect): Dialect => ({
  prefix: options.prefix,
  read: (request) => {
    if (!request.rawPath.startsWith(options.prefix)) return undefined
    const path = request.rawPath.slice(options.prefix.length)
    const slash = path.indexOf('/')
    if (slash < 1) return refusal('url-invalid')
    const rest = repair(path.slice(slash))
    const signature = path.slice(0, slash)
    if (!isSigned(signature, rest, options)) return refusal('signature-wrong')
    return readSigned({ signature, rest }, request, options)
  },
})

/** A URL after its prefix: `rest` as it was signed, from its "/" on. */
interface SignedPath {
  readonly signature: string
  readonly rest: string
}

/**
 * As imgproxy-cache named what it stored: by the path that the page has written, escapes and all. What a proxy has
 * respelled on the way goes by that name too, so that one signature never has two. None for what ends or differs
 * from visitor to visitor: under an alias it would stay, and be shown to all.
 */
const nameAlias = (
  { signature, rest }: SignedPath,
  { expires, isNegotiated }: { readonly expires: number; readonly isNegotiated: boolean },
  { prefix, cacheFolder }: ImgproxyDialect,
): string | undefined =>
  cacheFolder === undefined || expires !== 0 || isNegotiated
    ? undefined
    : cacheFolder + createHash('md5').update(`${prefix}${signature}${rest}`).digest('hex')

/** Browsers and proxies escape the colons of options, and merge the slashes of a source. */
const repair = (path: string): string => {
  const at = path.indexOf('/plain/')
  const options = (at === -1 ? path : path.slice(0, at)).replace(/%3a/gi, ':')
  const source = at === -1 ? '' : path.slice(at)
  return (
    options +
    source.replace(/^\/plain\/([a-z0-9]+):\/(?!\/)/, (_, scheme: string) =>
      scheme === 'local' ? '/plain/local:///' : `/plain/${scheme}://`,
    )
  )
}

const isSigned = (signature: string, path: string, options: ImgproxyDialect): boolean => {
  const { keys, signatureSize: size, isUnsigned } = options
  if (isUnsigned && (keys.length === 0 || signature === 'unsafe' || signature === 'insecure')) return true
  return isImgproxySignature(signature, path, { keys, size })
}

const readSigned = (path: SignedPath, request: ForeignRequest, dialect: ImgproxyDialect): ForeignReading => {
  const segments = path.rest.slice(1).split('/')
  const read = dialect.onlyPresets ? readPresets(segments, dialect) : readOptions(segments, dialect)
  const named = read && readSourceUrl(read.rest)
  if (read === undefined || named === undefined) return refusal('url-invalid')
  const { options } = read
  if (options.expires !== 0 && options.expires < request.now) return refusal('url-expired')
  const source = findSource(withBase(named.url, dialect), dialect.roots)
  if (source === undefined) return refusal('source-missing')
  const { format, isNegotiated } = chooseFormat(named.format ?? options.format, source, request, dialect)
  const transform = toTransform(options, format, dialect)
  if (transform === undefined) return refusal('url-invalid')
  const alias = nameAlias(path, { expires: options.expires, isNegotiated }, dialect)
  return { kind: 'variant', source, transform, format, isNegotiated, ...(alias !== undefined && { alias }) }
}

/** A URL that has it already stays. */
const withBase = (url: string, { baseUrl }: ImgproxyDialect): string =>
  url.startsWith(baseUrl) ? url : baseUrl + url

interface Read {
  readonly options: ImgproxyOptions
  /** The segments of the source. */
  readonly rest: readonly string[]
}

const readOptions = (segments: readonly string[], { presets }: ImgproxyDialect): Read | undefined => {
  let options = withDefault(presets)
  const end = segments.findIndex((segment) => !segment.includes(':'))
  if (end === -1) return undefined
  for (const option of segments.slice(0, end)) options = options && applyOption(option, options, presets)
  return options && { options, rest: segments.slice(end) }
}

const readPresets = (
  [names = '', ...rest]: readonly string[],
  { presets }: ImgproxyDialect,
): Read | undefined => {
  const before = withDefault(presets)
  const options = before && applyPresets(names.split(':'), before, presets)
  return options && { options, rest }
}

const withDefault = (presets: Presets): ImgproxyOptions | undefined =>
  Object.hasOwn(presets, 'default') ? applyPresets(['default'], DEFAULT_OPTIONS, presets) : DEFAULT_OPTIONS

interface NamedSource {
  readonly url: string
  readonly format?: Format
}

const readSourceUrl = (segments: readonly string[]): NamedSource | undefined => {
  const isPlain = segments[0] === 'plain'
  const text = isPlain ? segments.slice(1).join('/') : segments.join('')
  const [encoded = '', ending = '', ...more] = text.split(isPlain ? '@' : '.')
  const url = isPlain ? decodePercent(encoded) : decodeBase64(encoded)
  const format = ending === '' ? undefined : readFormat(ending)
  if (url === undefined || url === '' || more.length > 0 || (ending !== '' && format === undefined))
    return undefined
  return { url, ...(format !== undefined && { format }) }
}

const decodePercent = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined // a broken escape, or bytes that are no UTF-8
  }
}

const decodeBase64 = (text: string): string | undefined => {
  const unpadded = text.replace(/=+$/, '')
  if (!/^[A-Za-z0-9_-]+$/.test(unpadded) || unpadded.length % 4 === 1) return undefined
  const decoded = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  try {
    return decoded.decode(Buffer.from(unpadded, 'base64url'))
  } catch {
    return undefined // bytes that are no UTF-8
  }
}

const chooseFormat = (
  named: Format | undefined,
  source: SourceKey,
  { accept }: ForeignRequest,
  { autoFormat }: ImgproxyDialect,
): { readonly format: Format; readonly isNegotiated: boolean } => {
  if (named !== undefined) return { format: named, isNegotiated: false }
  if (autoFormat.length === 0) return { format: originalFormatOf(source), isNegotiated: false }
  return { format: negotiateFormat(accept, [...autoFormat, 'original'], source), isNegotiated: true }
}

const toTransform = (
  options: ImgproxyOptions,
  format: Format,
  dialect: ImgproxyDialect,
): Transform | undefined => {
  const resize = toResize(options)
  const crop = toCrop(options)
  const mark = toWatermark(options, dialect)
  if (resize === undefined || crop === undefined || mark === undefined) return undefined
  const { background } = options
  return {
    resize,
    ...toTurns(options),
    ...crop,
    ...(options.trim !== undefined && { trim: options.trim }),
    ...toPad(options),
    ...toFilters(options),
    ...(options.enlarge && resize.kind !== 'full' && { enlarge: true }),
    ...(options.maxBytes > 0 && { max: Math.max(1, Math.floor(options.maxBytes / 1000)) }),
    ...mark,
    ...(background !== undefined && { background }),
    quality: options.quality || options.formatQuality[format] || dialect.quality,
  }
}

/** Half away from zero, as imgproxy rounds. */
const scaleSide = (side: number, ...factors: readonly number[]): number =>
  Math.round(factors.reduce((scaled, factor) => scaled * factor, side))

const toResize = (options: ImgproxyOptions): Resize | undefined => {
  const { dpr, zoomX, zoomY, enlarge, extend } = options
  const width = scaleSide(options.width, dpr, zoomX)
  const height = scaleSide(options.height, dpr, zoomY)
  if (Math.max(width, height) > MAX_SIDE) return undefined
  if (width === 0 && height === 0) {
    const isZoomed = zoomX !== 1 || zoomY !== 1 || dpr < 1 || (enlarge && dpr !== 1)
    return isZoomed ? undefined : { kind: 'full' }
  }
  if (width === 0 || height === 0) {
    if (extend || zoomX !== zoomY) return undefined
    return width === 0 ? { kind: 'height', height } : { kind: 'width', width }
  }
  return toBox(options, { width, height })
}

const toBox = (
  { type, enlarge, extend, extendGravity, gravity }: ImgproxyOptions,
  box: { readonly width: number; readonly height: number },
): Resize | undefined => {
  const position = gravity === 'centre' ? {} : { position: gravity }
  if (type === 'fit') {
    if (!extend) return { kind: 'inside', ...box }
    const isEdge = typeof extendGravity === 'string' && extendGravity !== 'attention'
    if (!isEdge) return undefined
    return { kind: 'contain', ...box, ...(extendGravity !== 'centre' && { position: extendGravity }) }
  }
  // What fills its box and is enlarged to do so leaves nothing to extend.
  if (extend && !(enlarge && type !== 'auto')) return undefined
  if (type === 'force') return { kind: 'fill', ...box }
  if (type === 'auto') return { kind: 'auto', ...box, ...position }
  if (enlarge) return { kind: 'cover', ...box, ...position }
  return { kind: type === 'fill-down' ? 'down' : 'clip', ...box, ...position }
}

const toTurns = ({ rotate, flipH, flipV }: ImgproxyOptions): Operations => {
  const flip = flipH ? (flipV ? 'hv' : 'h') : flipV ? 'v' : undefined
  return { ...(rotate !== 0 && { rotate }), ...(flip !== undefined && { flip }) }
}

const WHOLE: Extent = { percent: 100 }

const toCrop = ({ crop, gravity }: ImgproxyOptions): Operations | undefined => {
  if (crop === undefined) return {}
  const [width, height] = [toExtent(crop.width), toExtent(crop.height)]
  if (width === undefined || height === undefined) return undefined
  if (width === WHOLE && height === WHOLE) return {}
  return { crop: { width, height, ...cropPosition(crop, gravity) } }
}

const cropPosition = (
  crop: ImgproxyCrop,
  gravity: CoverPosition | 'centre',
): { readonly position?: CoverPosition } => {
  const at = crop.gravity ?? gravity
  return at === 'centre' ? {} : { position: at }
}

/** A part that is no whole percent, no key can say. */
const toExtent = (side: number): Extent | undefined => {
  if (side === 0) return WHOLE
  if (side >= 1) return { pixels: Math.round(side) }
  const percent = side * 100
  const near = Math.round(percent)
  return Math.abs(percent - near) < 1e-9 && near > 0 ? { percent: near } : undefined
}

const toPad = ({ pad, dpr }: ImgproxyOptions): Operations => {
  const [top, right, bottom, left] = pad
  if (Math.max(...pad) === 0) return {}
  const scaled = (side: number): number => Math.min(MAX_SIDE, scaleSide(side, dpr))
  const padding = { top: scaled(top), right: scaled(right), bottom: scaled(bottom), left: scaled(left) }
  return Math.max(...Object.values(padding)) === 0 ? {} : { pad: padding }
}

const toFilters = (options: ImgproxyOptions): Operations => {
  const [blur, sharpen] = [Math.round(options.blur * 100), Math.round(options.sharpen * 100)]
  const { pixelate } = options
  return {
    ...(blur >= MIN_BLUR && { blur }),
    ...(sharpen >= 1 && { sharpen }),
    ...(pixelate >= 2 && { pixelate }),
  }
}

/** The configured watermark as configured, or none. */
const toWatermark = (
  { watermark: asked }: ImgproxyOptions,
  { watermark: known }: ImgproxyDialect,
): Operations | undefined => {
  if (asked === undefined || asked.opacity === 0) return {}
  if (known === undefined || asked.opacity !== known.opacity) return undefined
  const isThere = asked.position === undefined || samePosition(asked.position, known.position)
  const isSized = asked.scale === undefined || asked.scale === known.scale
  return isThere && isSized ? { watermark: known.id } : undefined
}

const samePosition = (a: CoverPosition | 'centre', b: CoverPosition | undefined): boolean =>
  JSON.stringify(a) === JSON.stringify(b ?? 'centre')
