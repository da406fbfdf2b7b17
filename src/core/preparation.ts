import { defined } from './defined.ts'
import { fallenDensity, layOutDense, padDense } from './dense-layout.ts'
import { cropOffset, type Layout, layOut, type Offset, type PictureSize, type Size } from './geometry.ts'
import type { Crop, Extent, Flip, Operations, Padding, Turn } from './operations.ts'
import { type Focus, toFocus } from './position.ts'
import type { Transform } from './transform.ts'

/** What is done to a picture before it is resized, in this order. */
export type Preparation = Pick<Operations, 'trim' | 'rotate' | 'flip' | 'crop'>

/** A part of a picture. */
export type Region = Size & Offset

/** The preparation that a transform asks for; undefined where it asks for none. */
export const preparationOf = ({ trim, rotate, flip, crop }: Transform): Preparation | undefined => {
  if (trim === undefined && rotate === undefined && flip === undefined && crop === undefined) return undefined
  return defined({ trim, rotate, flip, crop })
}

const turnSize = ({ width, height }: Size, rotate: Turn | undefined): Size =>
  rotate === 90 || rotate === 270 ? { width: height, height: width } : { width, height }

/** The part that a crop keeps of a rotated picture; `attention` is the point of it that attracts the eye. */
export const cropRegion = (crop: Crop | undefined, picture: Size, attention?: Focus): Region => {
  if (crop === undefined) return { width: picture.width, height: picture.height, left: 0, top: 0 }
  const width = measure(crop.width, picture.width)
  const height = measure(crop.height, picture.height)
  const focus = toFocus(crop.position, attention)
  return {
    width,
    height,
    left: cropOffset(picture.width, width, focus.x),
    top: cropOffset(picture.height, height, focus.y),
  }
}

const measure = (extent: Extent, side: number): number =>
  'percent' in extent
    ? Math.max(1, Math.floor((side * extent.percent + 50) / 100))
    : Math.min(extent.pixels, side)

/** Where a point of the picture lies after a turn and a flip. */
export const turnFocus = (focus: Focus, { rotate, flip }: Preparation): Focus =>
  mirror(TURN_FOCUS[rotate ?? 0](focus), flip)

const TURN_FOCUS: Readonly<Record<0 | Turn, (focus: Focus) => Focus>> = {
  0: (focus) => focus,
  90: ({ x, y }) => ({ x: 1000 - y, y: x }),
  180: ({ x, y }) => ({ x: 1000 - x, y: 1000 - y }),
  270: ({ x, y }) => ({ x: y, y: 1000 - x }),
}

const mirror = ({ x, y }: Focus, flip: Flip | undefined): Focus => ({
  x: flip?.includes('h') ? 1000 - x : x,
  y: flip?.includes('v') ? 1000 - y : y,
})

/** Where a point of the picture lies in a part of it; moved to the part's edge where it lies outside. */
export const focusInRegion = ({ x, y }: Focus, region: Region, picture: Size): Focus => ({
  x: perMille((x * picture.width) / 1000 - region.left, region.width),
  y: perMille((y * picture.height) / 1000 - region.top, region.height),
})

const perMille = (offset: number, side: number): number =>
  Math.min(1000, Math.max(0, Math.round((offset * 1000) / side)))

/** The size of the picture before its resize, where nothing is trimmed. */
export const preparedSize = ({ rotate, crop }: Preparation, picture: PictureSize): PictureSize => {
  const { width, height } = cropRegion(crop, turnSize(picture, rotate))
  return { width, height, ...(picture.isScalable && { isScalable: true }) }
}

/** The layout of a result: of the picture after its preparation, enlarged if the transform says so, with padding. */
export const layOutResult = (transform: Transform, prepared: PictureSize, attention?: Focus): Layout => {
  const { resize, dpr, pad, enlarge } = transform
  const picture = enlarge ? { ...prepared, isScalable: true } : prepared
  if (dpr === undefined) return padLayout(layOut(resize, picture, attention), pad)
  const padding = pad && padDense(pad, fallenDensity(resize, picture, dpr))
  return padLayout(layOutDense(resize, picture, dpr, attention), padding)
}

/** Padding makes the canvas larger and moves what lies on it. */
const padLayout = (layout: Layout, pad: Padding | undefined): Layout => {
  if (pad === undefined) return layout
  const { canvas, offset } = layout
  return {
    ...layout,
    canvas: { width: canvas.width + pad.left + pad.right, height: canvas.height + pad.top + pad.bottom },
    offset: { left: offset.left + pad.left, top: offset.top + pad.top },
  }
}

/** The pixel size of a result; undefined where something is trimmed, since that depends on the pixels. */
export const transformedSize = (transform: Transform, picture: PictureSize): Size | undefined =>
  transform.trim === undefined ? largestSize(transform, picture) : undefined

/** The same as if nothing were trimmed: no side of the result is longer, but its proportions may differ. */
export const largestSize = (transform: Transform, picture: PictureSize): Size =>
  layOutResult(transform, preparedSize(transform, picture)).canvas
