import { foldDensity, toDpr } from '../core/density.ts'
import type { Format } from '../core/format.ts'
import { type Extent, MAX_DPR, MIN_BLUR, type Operations, type Padding } from '../core/operations.ts'
import type { CompassPoint, CoverPosition, Focus } from '../core/position.ts'
import { MAX_SIDE, type Resize, type Transform } from '../core/transform.ts'
import type { ImgproxyCrop, ImgproxyOptions } from './imgproxy-options.ts'

/** Settings of an imgproxy that its URLs do not contain. */
export interface ImgproxySetting {
  /** For URLs that name none, 1..100. */
  readonly quality: number
  readonly watermark?: ConfiguredWatermark
}

interface ConfiguredWatermark {
  readonly id: string
  readonly position?: CompassPoint | Focus
  readonly opacity: number
  readonly scale: number
}

/** The transform that shows what a URL's options ask for; undefined where no key can express it. */
export const toTransform = (
  options: ImgproxyOptions,
  format: Format,
  setting: ImgproxySetting,
): Transform | undefined => {
  const size = toSize(options)
  const crop = toCrop(options)
  const mark = toWatermark(options, setting)
  if (size === undefined || crop === undefined || mark === undefined) return undefined
  const { background } = options
  const transform: Transform = foldDensity({
    ...size,
    ...toTurns(options),
    ...crop,
    ...(options.trim !== undefined && { trim: options.trim }),
    ...toFilters(options),
    ...(options.maxBytes > 0 && { max: Math.max(1, Math.floor(options.maxBytes / 1000)) }),
    ...mark,
    ...(background !== '' && { background }),
    quality: options.quality || options.formatQuality[format] || setting.quality,
  })
  return (transform.dpr ?? 1) <= MAX_DPR ? transform : undefined
}

type SizeParts = Pick<Transform, 'resize' | 'dpr' | 'pad' | 'enlarge'>

/**
 * A zoom equals a density where both multiply one length. Unlike a zoom, a density is reduced where the picture is
 * small; this matters where padding or the composition depend on it.
 */
const toSize = (options: ImgproxyOptions): SizeParts | undefined => {
  const { dpr, zoomX, zoomY, enlarge, width, height, type } = options
  const pad = toPad(options)
  const isForced = type === 'force' && width > 0 && height > 0
  // Two different zooms stretch the picture; so does `force` with only one side, by the picture's other side.
  if (pad === undefined || (zoomX !== zoomY && !isForced)) return undefined
  if (type === 'force' && !isForced && width + height > 0) return undefined
  const isOneFactor = pad === 'none' && (enlarge || isScaledWhole(options)) && zoomX === zoomY
  const zoomed = isOneFactor ? options : zoom(options)
  const resize = zoomed && toResize(zoomed)
  if (resize === undefined) return undefined
  const density = toDpr(isOneFactor ? dpr * zoomX : dpr)
  return {
    resize,
    dpr: density,
    ...(pad !== 'none' && { pad }),
    ...(enlarge && (resize.kind !== 'full' || density !== 1) && { enlarge }),
  }
}

/** Whether one factor answers the URL for any picture: only canvases and cuts need more. */
const isScaledWhole = ({ type, extend, width, height }: ImgproxyOptions): boolean =>
  !extend && (width === 0 || height === 0 || type === 'fit' || type === 'force')

/** The options with the zoom multiplied in; undefined where that gives no whole pixels, or too many for a canvas. */
const zoom = (options: ImgproxyOptions): ImgproxyOptions | undefined => {
  const { width, height, zoomX, zoomY, dpr, type, extend } = options
  if (zoomX === 1 && zoomY === 1) return options
  const zoomed = { width: zoomSide(width, zoomX), height: zoomSide(height, zoomY) }
  const isExact = zoomed.width === width * zoomX && zoomed.height === height * zoomY
  const isBox = width > 0 && height > 0
  const isCanvas = isBox && dpr === 1 && (type === 'fill' || type === 'fill-down' || extend)
  return (isExact || isCanvas) && width + height > 0 ? { ...options, ...zoomed } : undefined
}

/** Half away from zero, as imgproxy rounds. 0 stays "derived from the other"; nothing else becomes 0. */
const zoomSide = (side: number, factor: number): number =>
  side === 0 ? 0 : Math.max(1, Math.round(side * factor))

const toResize = (options: ImgproxyOptions): Resize | undefined => {
  const { width, height, extend } = options
  const box = { width: Math.min(width, MAX_SIDE), height: Math.min(height, MAX_SIDE) }
  if (Math.max(width, height) > MAX_SIDE && !isUnseen(options)) return undefined
  if (width === 0 && height === 0) return { kind: 'full' }
  if (width === 0 || height === 0) {
    if (extend) return undefined
    return width === 0 ? { kind: 'height', height: box.height } : { kind: 'width', width: box.width }
  }
  return toBox(options, box)
}

/**
 * Whether a side that is longer than a key can say makes no difference: no picture is that large, and without `enlarge`
 * the result ends where the picture does. Other types depend on the proportions of the box, and padding fills it.
 */
const isUnseen = ({ type, enlarge, extend, width, height, dpr }: ImgproxyOptions): boolean =>
  !enlarge && !extend && (type === 'fit' || (type === 'fill' && dpr === 1) || width === 0 || height === 0)

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
  // A picture that is enlarged to fill its box leaves nothing to extend.
  if (extend && !(enlarge && type !== 'auto')) return undefined
  if (type === 'force') return { kind: enlarge ? 'fill' : 'stretch', ...box }
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

/** Larger than any picture; a crop is cut down to the picture. */
const MAX_EXTENT = 65_535

/** A key cannot express a share that is no whole per cent. */
const toExtent = (side: number): Extent | undefined => {
  if (side === 0) return WHOLE
  if (side >= 1) return { pixels: Math.min(Math.floor(side), MAX_EXTENT) }
  const percent = side * 100
  const near = Math.round(percent)
  return Math.abs(percent - near) < 1e-9 && near > 0 ? { percent: near } : undefined
}

const toPad = ({ pad }: ImgproxyOptions): Padding | 'none' | undefined => {
  const [top, right, bottom, left] = pad
  const widest = Math.max(...pad)
  if (widest > MAX_SIDE) return undefined
  return widest === 0 ? 'none' : { top, right, bottom, left }
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

/** The watermark exactly as configured, or none. */
const toWatermark = (
  { watermark: asked }: ImgproxyOptions,
  { watermark: known }: ImgproxySetting,
): Operations | undefined => {
  if (asked === undefined || asked.opacity === 0) return {}
  if (known === undefined || asked.opacity !== known.opacity) return undefined
  const isThere = asked.position === undefined || samePosition(asked.position, known.position)
  const isSized = asked.scale === undefined || asked.scale === known.scale
  return isThere && isSized ? { watermark: known.id } : undefined
}

const samePosition = (a: CoverPosition | 'centre', b: CoverPosition | undefined): boolean =>
  JSON.stringify(a) === JSON.stringify(b ?? 'centre')
