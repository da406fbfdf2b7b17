import { isSameSize, type PictureSize, wholePixels } from '../core/geometry.ts'
import type { Focus } from '../core/position.ts'
import { cropRegion, focusInRegion, type Preparation, type Region, turnFocus } from '../core/preparation.ts'
import { firstFrame, mapFrames, type Pixels, toSharp } from './pixels.ts'

/** A picture ready for its resize. */
interface Prepared {
  /** Larger than `size` where a drawing was made larger for later steps. */
  readonly pixels: Pixels
  readonly size: PictureSize
  /** The point that attracts the eye. */
  readonly attention?: Focus
}

/** Trims, rotates, flips and crops. The pixels are `scale` times as large as the stated size. */
export const prepare = async (
  picture: Pixels,
  { trim, rotate: degrees, flip: how, crop }: Preparation,
  { scale, attention }: { readonly scale: number; readonly attention?: Focus },
): Promise<Prepared> => {
  const { width, height } = picture
  const whole: Region = { width, height, left: 0, top: 0 }
  const trimmed = trim === undefined ? whole : await findTrimmed(picture, trim)
  let pixels = await extract(picture, trimmed)
  let eye = attention && focusInRegion(attention, trimmed, picture)
  if (degrees !== undefined) pixels = await mapFrames(pixels, (frame) => frame.rotate(degrees))
  // `h` swaps left and right.
  if (how !== undefined)
    pixels = await mapFrames(pixels, (frame) => frame.flop(how.includes('h')).flip(how.includes('v')))
  eye =
    eye && turnFocus(eye, { ...(degrees !== undefined && { rotate: degrees }), ...(how && { flip: how }) })
  const upright = wholePixels({ width: pixels.width / scale, height: pixels.height / scale })
  const region = cropRegion(crop, upright, eye)
  eye = eye && focusInRegion(eye, region, upright)
  return {
    pixels: await extract(pixels, multiply(region, pixels, scale)),
    size: { width: region.width, height: region.height },
    ...(eye !== undefined && { attention: eye }),
  }
}

const multiply = (region: Region, { width, height }: Pixels, by: number): Region => {
  if (by === 1) return region
  const left = Math.min(width - 1, Math.round(region.left * by))
  const top = Math.min(height - 1, Math.round(region.top * by))
  return {
    left,
    top,
    width: Math.max(1, Math.min(width - left, Math.round(region.width * by))),
    height: Math.max(1, Math.min(height - top, Math.round(region.height * by))),
  }
}

const extract = async (picture: Pixels, region: Region): Promise<Pixels> => {
  if (isSameSize(region, picture)) return picture
  const { left, top, width, height } = region
  return mapFrames(picture, (frame) => frame.extract({ left, top, width, height }))
}

/**
 * The part of a picture without edges in the colour of its upper left pixel, each channel within
 * `threshold` of it; the whole picture where nothing would be left. For an animation, the first frame decides.
 */
const findTrimmed = async (picture: Pixels, threshold: number): Promise<Region> => {
  const { width, height } = picture
  const whole: Region = { width, height, left: 0, top: 0 }
  // libvips needs at least three pixels to look for edges.
  if (width < 3 || height < 3) return whole
  const { info } = await toSharp(firstFrame(picture))
    .trim({ threshold })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const left = -(info.trimOffsetLeft ?? 0)
  const top = -(info.trimOffsetTop ?? 0)
  return { width: info.width, height: info.height, left, top }
}
