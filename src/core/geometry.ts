import { type Focus, toFocus } from './position.ts'
import { MAX_SIDE, type Resize } from './resize.ts'
import { unreachable } from './unreachable.ts'

/** Width and height in whole pixels, at least 1. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** A picture's size as the viewer sees it (EXIF orientation applied). */
export interface PictureSize extends Size {
  /** True for SVG: it may be drawn at any size, and its own need not be whole pixels. */
  readonly isScalable?: boolean
}

/** Offsets of a rectangle's left upper corner. */
export interface Offset {
  readonly left: number
  readonly top: number
}

/** How a result comes about: scale the whole picture, keep a part of it, lay that on a canvas. */
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
 * Nothing is enlarged unless the picture is scalable; rounding is half up and at least 1. `attention` is where
 * the eye goes on this picture, found once per source by the renderer; needed only by the position `attention`.
 */
export const layOut = (resize: Resize, picture: PictureSize, attention?: Focus): Layout => {
  switch (resize.kind) {
    case 'full':
      return uncut(fitInside(wholePixels(picture), { width: MAX_SIDE, height: MAX_SIDE }))
    case 'width':
      return uncut(
        scaleToWidth(picture, picture.isScalable ? resize.width : Math.min(resize.width, picture.width)),
      )
    case 'height':
      return uncut(
        scaleToHeight(picture, picture.isScalable ? resize.height : Math.min(resize.height, picture.height)),
      )
    case 'inside':
      return uncut(fitInside(picture, resize))
    case 'fill':
      return uncut(picture.isScalable ? sizeOf(resize) : smallerOf(picture, resize))
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

/** round(a × b ÷ c), half up, at least 1, in whole numbers so that no ratio is rounded twice. */
const proportion = (a: number, b: number, c: number): number =>
  Math.max(1, Math.floor((2 * a * b + c) / (2 * c)))

/** A size in whole pixels, at least 1: what a browser keeps free for a drawing whose sides are none. */
export const wholePixels = ({ width, height }: Size): Size => ({
  width: Math.max(1, Math.round(width)),
  height: Math.max(1, Math.round(height)),
})

const sizeOf = ({ width, height }: Size): Size => ({ width, height })

export const smallerOf = (a: Size, b: Size): Size => ({
  width: Math.min(a.width, b.width),
  height: Math.min(a.height, b.height),
})

const scaleToWidth = (picture: Size, width: number): Size => {
  const height = proportion(width, picture.height, picture.width)
  if (height > MAX_SIDE)
    return { width: proportion(MAX_SIDE, picture.width, picture.height), height: MAX_SIDE }
  return { width, height }
}

const scaleToHeight = (picture: Size, height: number): Size => {
  const width = proportion(height, picture.width, picture.height)
  if (width > MAX_SIDE)
    return { width: MAX_SIDE, height: proportion(MAX_SIDE, picture.height, picture.width) }
  return { width, height }
}

/** Factor min(W/w, H/h, 1): the side that binds is exact, the other by proportion. */
const fitInside = (picture: PictureSize, box: Size): Size => {
  if (!picture.isScalable && picture.width <= box.width && picture.height <= box.height)
    return sizeOf(picture)
  const widthBinds = box.width * picture.height <= box.height * picture.width
  return widthBinds
    ? { width: box.width, height: proportion(box.width, picture.height, picture.width) }
    : { width: proportion(box.height, picture.width, picture.height), height: box.height }
}

/** The box times min(1, w/W, h/H), so that the picture can fill it without being enlarged. */
export const shrinkBox = (box: Size, picture: PictureSize): Size => {
  if (picture.isScalable || (box.width <= picture.width && box.height <= picture.height)) return sizeOf(box)
  const widthBinds = picture.width * box.height <= picture.height * box.width
  return widthBinds
    ? { width: picture.width, height: proportion(picture.width, box.height, box.width) }
    : { width: proportion(picture.height, box.width, box.height), height: picture.height }
}

export const uncut = (size: Size): Layout => ({
  scaled: size,
  crop: { ...size, left: 0, top: 0 },
  canvas: size,
  offset: { left: 0, top: 0 },
})

/** On a canvas at least as large, at a place of it. */
export const onCanvas = (picture: Size, canvas: Size, at: Focus): Layout => ({
  ...uncut(picture),
  canvas,
  offset: {
    left: Math.round(((canvas.width - picture.width) * at.x) / 1000),
    top: Math.round(((canvas.height - picture.height) * at.y) / 1000),
  },
})

/** Scaled down until it covers the box, never up; what sticks out on either side is cut. */
const clip = (picture: PictureSize, box: Size, focus: Focus): Layout => {
  if (picture.isScalable || (picture.width >= box.width && picture.height >= box.height))
    return cropTo(picture, sizeOf(box), focus)
  return cutFrom(sizeOf(picture), smallerOf(picture, box), focus)
}

/** A square lies. */
export const isLying = ({ width, height }: Size): boolean => width >= height

const cropTo = (picture: Size, canvas: Size, focus: Focus): Layout =>
  cutFrom(coverBox(picture, canvas), canvas, focus)

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

/** The smallest size of the picture's proportions that covers the box. */
const coverBox = (picture: Size, box: Size): Size => {
  const widthBinds = box.width * picture.height >= box.height * picture.width
  return widthBinds
    ? { width: box.width, height: Math.max(box.height, proportion(box.width, picture.height, picture.width)) }
    : {
        width: Math.max(box.width, proportion(box.height, picture.width, picture.height)),
        height: box.height,
      }
}

/** Puts the focus in the middle of the crop as far as the picture's edges allow. */
export const cropOffset = (scaled: number, crop: number, focusPerMille: number): number =>
  Math.min(scaled - crop, Math.max(0, Math.round((scaled * focusPerMille) / 1000 - crop / 2)))
