import type { Format } from '../core/format.ts'
import { type Extent, MIN_BLUR, type Operations } from '../core/operations.ts'
import type { CompassPoint, CoverPosition, Focus } from '../core/position.ts'
import { MAX_SIDE, type Resize, type Transform } from '../core/transform.ts'
import type { ImgproxyCrop, ImgproxyOptions } from './imgproxy-options.ts'

/** What an imgproxy was told that no URL says. */
export interface ImgproxySetting {
  /** Where a URL says none, 1..100. */
  readonly quality: number
  readonly watermark?: ConfiguredWatermark
}

export interface ConfiguredWatermark {
  readonly id: string
  readonly position?: CompassPoint | Focus
  readonly opacity: number
  readonly scale: number
}

/** What a URL's options show; undefined where no key can say it. */
export const toTransform = (
  options: ImgproxyOptions,
  format: Format,
  setting: ImgproxySetting,
): Transform | undefined => {
  const resize = toResize(options)
  const crop = toCrop(options)
  const [pad, mark] = [toPad(options), toWatermark(options, setting)]
  if (resize === undefined || crop === undefined || pad === undefined || mark === undefined) return undefined
  const { background } = options
  return {
    resize,
    ...toTurns(options),
    ...crop,
    ...(options.trim !== undefined && { trim: options.trim }),
    ...pad,
    ...toFilters(options),
    ...(options.enlarge && resize.kind !== 'full' && { enlarge: true }),
    ...(options.maxBytes > 0 && { max: Math.max(1, Math.floor(options.maxBytes / 1000)) }),
    ...mark,
    ...(background !== '' && { background }),
    quality: options.quality || options.formatQuality[format] || setting.quality,
  }
}

/** Half away from zero, as imgproxy rounds. */
const scale = (length: number, ...factors: readonly number[]): number =>
  Math.round(factors.reduce((scaled, factor) => scaled * factor, length))

/** 0 stays "derived from the other", and nothing else becomes that. */
const scaleSide = (side: number, ...factors: readonly number[]): number =>
  side === 0 ? 0 : Math.max(1, scale(side, ...factors))

const toResize = (options: ImgproxyOptions): Resize | undefined => {
  const { dpr, zoomX, zoomY, enlarge, extend } = options
  const [width, height] = [scaleSide(options.width, dpr, zoomX), scaleSide(options.height, dpr, zoomY)]
  const box = { width: Math.min(width, MAX_SIDE), height: Math.min(height, MAX_SIDE) }
  if (Math.max(width, height) > MAX_SIDE && !isUnseen(options)) return undefined
  if (width === 0 && height === 0) {
    const isZoomed = zoomX !== 1 || zoomY !== 1 || dpr < 1 || (enlarge && dpr !== 1)
    return isZoomed ? undefined : { kind: 'full' }
  }
  if (width === 0 || height === 0) {
    if (extend || zoomX !== zoomY) return undefined
    return width === 0 ? { kind: 'height', height: box.height } : { kind: 'width', width: box.width }
  }
  return toBox(options, box)
}

/**
 * Whether it shows nothing that a side is longer than any key can say: no picture is that large, and what is not
 * enlarged ends where the picture does. The other types look at the proportions of the box, and padding fills it.
 */
const isUnseen = ({ type, enlarge, extend, width, height }: ImgproxyOptions): boolean =>
  !enlarge &&
  !extend &&
  (type === 'fit' || type === 'fill' || type === 'force' || width === 0 || height === 0)

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

/** More than any picture has; a crop is cut down to the picture. */
const MAX_EXTENT = 65_535

/** A part that is no whole percent, no key can say. */
const toExtent = (side: number): Extent | undefined => {
  if (side === 0) return WHOLE
  if (side >= 1) return { pixels: Math.min(Math.round(side), MAX_EXTENT) }
  const percent = side * 100
  const near = Math.round(percent)
  return Math.abs(percent - near) < 1e-9 && near > 0 ? { percent: near } : undefined
}

const toPad = ({ pad, dpr }: ImgproxyOptions): Operations | undefined => {
  const [top = 0, right = 0, bottom = 0, left = 0] = pad.map((side) => scale(side, dpr))
  const widest = Math.max(top, right, bottom, left)
  if (widest > MAX_SIDE) return undefined
  return widest === 0 ? {} : { pad: { top, right, bottom, left } }
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
