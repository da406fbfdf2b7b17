import {
  cutFrom,
  isLying,
  type Layout,
  largestIn,
  onCanvas,
  type PictureSize,
  type Size,
  shrinkBox,
  smallerOf,
  uncut,
  wholePixels,
} from './geometry.ts'
import type { Padding } from './operations.ts'
import { type Focus, toFocus } from './position.ts'
import { MAX_SIDE, type Resize } from './resize.ts'
import { unreachable } from './unreachable.ts'

/**
 * How a picture becomes the result of `resize` at a density, which may be reduced (`density.ts`). Rounding is half up.
 * The picture is scaled by one factor, and the box by another (the reduced density): neither is rounded before the
 * other is applied.
 */
export const layOutDense = (resize: Resize, picture: PictureSize, dpr: number, attention?: Focus): Layout => {
  const left = fallenDensity(resize, picture, dpr)
  const shrink = shrinkOf(resize, picture)
  const factor = picture.isScalable ? left / shrink : left / Math.max(1, shrink)
  const scaled = times(picture, factor)
  switch (resize.kind) {
    case 'full':
    case 'width':
    case 'height':
    case 'inside':
      return whole(picture, factor)
    case 'contain': {
      const canvas = largerOf(times(resize, left), scaled)
      return onCanvas(scaled, canvas, toFocus(resize.position))
    }
    case 'clip':
      return cutFrom(scaled, smallerOf(times(resize, left), scaled), toFocus(resize.position, attention))
    case 'auto':
      return isLying(picture) === isLying(resize)
        ? cutFrom(scaled, smallerOf(times(resize, left), scaled), toFocus(resize.position, attention))
        : whole(picture, factor)
    case 'cover': {
      const box = times(resize, picture.isScalable ? dpr : Math.min(dpr, shrink))
      return cutFrom(scaled, smallerOf(box, scaled), toFocus(resize.position, attention))
    }
    case 'down': {
      const cut = shrinkBox(times(resize, left), scaled)
      return cutFrom(scaled, smallerOf(cut, scaled), toFocus(resize.position, attention))
    }
    case 'stretch':
      return uncut(times(resize, picture.isScalable ? dpr : Math.min(dpr, shrink)))
    case 'fill':
      return uncut(largestIn(times(resize, dpr), picture))
    default:
      return unreachable(resize)
  }
}

/** The density that remains when nothing may be enlarged by it. */
export const fallenDensity = (resize: Resize, picture: PictureSize, dpr: number): number => {
  if (picture.isScalable) return dpr
  const shrink = shrinkOf(resize, picture)
  // Where the picture does not fill the canvas, the canvas is as at density 1: its composition is kept.
  if (resize.kind === 'contain') return Math.min(dpr, Math.max(1, shrink))
  // If the picture is smaller than the box, a density below 1 only removes what is too much.
  return shrink < 1 ? Math.min(dpr / shrink, 1) : Math.min(dpr, shrink)
}

/** Padding at a density, rounded half to even, as imgproxy does. */
export const padDense = (pad: Padding, density: number): Padding => ({
  top: roundToEven(pad.top * density),
  right: roundToEven(pad.right * density),
  bottom: roundToEven(pad.bottom * density),
  left: roundToEven(pad.left * density),
})

/** How many times the picture is larger than the box, by the side that decides. */
const shrinkOf = (resize: Resize, picture: Size): number => {
  const byWidth = 'width' in resize ? picture.width / resize.width : undefined
  const byHeight = 'height' in resize ? picture.height / resize.height : undefined
  if (byWidth === undefined || byHeight === undefined) return byWidth ?? byHeight ?? 1
  const isWholeShown =
    resize.kind === 'inside' ||
    resize.kind === 'contain' ||
    (resize.kind === 'auto' && isLying(picture) !== isLying(resize))
  return isWholeShown ? Math.max(byWidth, byHeight) : Math.min(byWidth, byHeight)
}

const whole = (picture: Size, factor: number): Layout =>
  uncut(times(picture, Math.min(factor, MAX_SIDE / Math.max(picture.width, picture.height))))

/** In pixels: more than what floats lose of a side. */
const FLOAT_ERROR = 1e-9

/** Both sides times the factor, in whole pixels; a half is rounded up, also where floats make a little less of it. */
export const times = ({ width, height }: Size, factor: number): Size =>
  wholePixels({ width: width * factor + FLOAT_ERROR, height: height * factor + FLOAT_ERROR })

const largerOf = (a: Size, b: Size): Size => ({
  width: Math.max(a.width, b.width),
  height: Math.max(a.height, b.height),
})

const roundToEven = (length: number): number => {
  const rounded = Math.round(length)
  return Math.abs(length % 1) === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded
}
