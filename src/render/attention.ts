import type { Size } from '../core/geometry.ts'
import type { Focus } from '../core/transform.ts'
import { openSource } from './decode.ts'
import { firstFrame, type Pixels, readPixels, toSharp } from './pixels.ts'
import type { Header } from './port.ts'
import { sharp } from './sharp.ts'
import { toUnreadable } from './unreadable.ts'

const RASTER_SIDE = 256
/** libvips's smartcrop looks at the raster on a grid of 32 × 32 cells. */
const GRID = 32

/**
 * The upright picture reduced to fit 256 × 256. Always made straight from the source and never from what the sizes
 * asked for happen to need, so that what is found on it is the same for every size, density and path; this second
 * decode is at a fraction where the format allows it.
 */
export const readRaster = (bytes: Uint8Array, header: Header): Promise<Pixels> =>
  readPixels(
    openSource(bytes, header).resize(RASTER_SIDE, RASTER_SIDE, {
      fit: 'inside',
      withoutEnlargement: !header.facts.isScalable,
    }),
  ).catch((cause: unknown) => {
    throw toUnreadable(bytes, cause)
  })

/** What a source has been reduced to so far. */
export interface Reductions {
  /** The smallest that is yet properly larger than `size`, else the largest there is. */
  find(size: Size): Pixels
}

/**
 * Nearly the same from what the sizes needed anyway, for what need not be exact: a second decode of a large picture
 * costs a fifth of all its results. Undefined where that is too small.
 */
export const reduceToRaster = async (
  reductions: Reductions,
  { facts: { width, height, isScalable } }: Header,
): Promise<Pixels | undefined> => {
  const scale = Math.min(RASTER_SIDE / width, RASTER_SIDE / height, isScalable ? Infinity : 1)
  const size = {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  }
  const found = reductions.find(size)
  if (found.width < size.width || found.height < size.height) return undefined
  return readPixels(toSharp(firstFrame(found)).resize(size.width, size.height, { fit: 'fill' }))
}

/**
 * Where the eye goes on a source: skin, saturation and edges, as libvips weighs them on its raster.
 *
 * `attentionX` and `attentionY` were measured with spots of skin on a plain ground: they count from the left
 * upper corner of the raster given (not of the crop), and name the left upper corner of a cell, so they lie half
 * a cell (4 of 256 pixels) too far to the left and to the top; half a cell is added. Good to one cell, 1/32.
 */
export const findAttention = async (raster: Pixels): Promise<Focus> => {
  const { width, height } = raster
  const half =
    width >= height ? { width: Math.ceil(width / 2), height } : { width, height: Math.ceil(height / 2) }
  if (half.width === width && half.height === height) return CENTRE

  // Half of the longer side: sharp then crops without resampling first, which would move the coordinates.
  const { info } = await toSharp(await flatten(raster))
    .resize({ ...half, fit: 'cover', position: sharp.strategy.attention })
    .raw()
    .toBuffer({ resolveWithObject: true })
  return {
    x: toPerMille(info.attentionX ?? width / 2, width),
    y: toPerMille(info.attentionY ?? height / 2, height),
  }
}

/** libvips's smartcrop weighs transparent pixels by the colour that they happen to have. */
const flatten = async (raster: Pixels): Promise<Pixels> =>
  raster.channels === 3 ? raster : readPixels(toSharp(raster).flatten({ background: '#808080' }))

const CENTRE: Focus = { x: 500, y: 500 }

const toPerMille = (pixel: number, side: number): number =>
  Math.min(1000, Math.round((pixel / side + 1 / (2 * GRID)) * 1000))
