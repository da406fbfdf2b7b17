import { type Focus, toFocus } from './position.ts'
import { MAX_SIDE, type Resize } from './resize.ts'
import { unreachable } from './unreachable.ts'

/** Width and height in whole pixels, at least 1. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** A picture's size as it is shown (EXIF orientation applied). */
export interface PictureSize extends Size {
  /** True for SVG: it can be drawn at any size, and its own need not be whole pixels. */
  readonly isScalable?: boolean
}

/** The upper left corner of a rectangle. */
export interface Offset {
  readonly left: number
  readonly top: number
}

/** How a result is made: scale the whole picture, keep a part of it, place that on a canvas. */
export interface Layout {
  /** The whole picture is resampled to this size. */
  readonly scaled: Size
  /** The part of `scaled` that is kept. */
  readonly crop: Size & Offset
  /** The size of the result; larger than `crop` only where it is padded. */
  readonly canvas: Size
  /** Where `crop` lies on `canvas`. */
  readonly offset: Offset
}

/**
 * How the picture becomes the result of `resize` (docs/reference/contracts.md, "the size of a result").
 *
 * Nothing is enlarged unless the picture is scalable. Rounding is half up, and at least 1. `attention` is the point
 * that attracts the eye, found once per source by the renderer; only the position `attention` needs it.
 */
export const layOut = (resize: Resize, picture: PictureSize, attention?: Focus): Layout => {
  switch (resize.kind) {
    case 'full':
      return uncut(fitInside(wholePixels(picture), { width: MAX_SIDE, height: MAX_SIDE }))
    case 'width':
      return uncut(fitInside(picture, { width: resize.width, height: MAX_SIDE }))
    case 'height':
      return uncut(fitInside(picture, { width: MAX_SIDE, height: resize.height }))
    case 'inside':
      return uncut(fitInside(picture, resize))
    case 'fill':
      return uncut(largestIn(resize, picture))
    case 'contain':
      return onCanvas(fitInside(picture, resize), sizeOf(resize), toFocus(resize.position))
    case 'stretch':
      return uncut(shrinkBox(resize, picture))
    case 'cover':
    case 'down':
      return cropTo(picture, shrinkBox(resize, picture), toFocus(resize.position, attention))
    case 'clip':
      return clip(picture, resize, toFocus(resize.position, attention))
    case 'auto':
      return isLying(picture) === isLying(resize)
        ? clip(picture, resize, toFocus(resize.position, attention))
        : uncut(fitInside(picture, resize))
    default:
      return unreachable(resize)
  }
}

/** round(a × b ÷ c), half up, at least 1; in whole numbers, so that no ratio is rounded twice. */
const proportion = (a: number, b: number, c: number): number =>
  Math.max(1, Math.floor((2 * a * b + c) / (2 * c)))

/** A size in whole pixels, at least 1: the space that a browser reserves for a drawing of any size. */
export const wholePixels = ({ width, height }: Size): Size => ({
  width: Math.max(1, Math.round(width)),
  height: Math.max(1, Math.round(height)),
})

/** Whether both sides are equal. */
export const isSameSize = (a: Size, b: Size): boolean => a.width === b.width && a.height === b.height

/** How many pixels a picture of this size has. */
export const area = ({ width, height }: Size): number => width * height

const sizeOf = ({ width, height }: Size): Size => ({ width, height })

/** The smaller of both widths and of both heights. */
export const smallerOf = (a: Size, b: Size): Size => ({
  width: Math.min(a.width, b.width),
  height: Math.min(a.height, b.height),
})

/** What the picture can fill of the box, each side by itself, without being enlarged. */
export const largestIn = (box: Size, picture: PictureSize): Size =>
  picture.isScalable ? sizeOf(box) : smallerOf(picture, box)

/** Scales by min(W/w, H/h, 1): the side that decides is exact, the other follows by proportion. */
const fitInside = (picture: PictureSize, box: Size): Size => {
  const { width, height } = largestIn(box, picture)
  return {
    width: Math.min(width, proportion(height, picture.width, picture.height)),
    height: Math.min(height, proportion(width, picture.height, picture.width)),
  }
}

/** The box times min(1, w/W, h/H), so that the picture can fill it without being enlarged. */
export const shrinkBox = (box: Size, picture: PictureSize): Size =>
  picture.isScalable ? sizeOf(box) : fitInside(sizeOf(box), picture)

/** The layout of a picture that is scaled to this size, without a crop or padding. */
export const uncut = (size: Size): Layout => ({
  scaled: size,
  // The other way round it takes 15 times as long, and plans and pages ask for millions.
  crop: { left: 0, top: 0, ...size },
  canvas: size,
  offset: { left: 0, top: 0 },
})

/** A picture placed on a canvas that is at least as large. */
export const onCanvas = (picture: Size, canvas: Size, at: Focus): Layout => ({
  ...uncut(picture),
  canvas,
  offset: {
    left: Math.round(((canvas.width - picture.width) * at.x) / 1000),
    top: Math.round(((canvas.height - picture.height) * at.y) / 1000),
  },
})

/** Scales down until the picture covers the box, never up; what lies outside of the box is cut. */
const clip = (picture: PictureSize, box: Size, focus: Focus): Layout =>
  cropTo(picture, largestIn(box, picture), focus)

/** Whether a size is landscape; a square is. */
export const isLying = ({ width, height }: Size): boolean => width >= height

const cropTo = (picture: Size, canvas: Size, focus: Focus): Layout =>
  cutFrom(coverBox(picture, canvas), canvas, focus)

/** The layout of a scaled picture of which a part of the size `canvas` is kept, around `focus`. */
export const cutFrom = (scaled: Size, canvas: Size, focus: Focus): Layout => ({
  scaled,
  crop: {
    ...canvas,
    left: cropOffset(scaled.width, canvas.width, focus.x),
    top: cropOffset(scaled.height, canvas.height, focus.y),
  },
  canvas,
  offset: { left: 0, top: 0 },
})

/** The smallest size with the picture's proportions that covers the box. */
const coverBox = (picture: Size, box: Size): Size => ({
  width: Math.max(box.width, proportion(box.height, picture.width, picture.height)),
  height: Math.max(box.height, proportion(box.width, picture.height, picture.width)),
})

/** The offset at which the focus is in the middle of the crop, as far as the picture's edges allow. */
export const cropOffset = (scaled: number, crop: number, focusPerMille: number): number =>
  Math.min(scaled - crop, Math.max(0, Math.round((scaled * focusPerMille) / 1000 - crop / 2)))
