import type { Region } from '../../core/preparation.ts'
import { firstFrame, type Pixels, toSharp } from '../pixels.ts'

/**
 * The part of a picture without edges in the colour of its upper left pixel, each channel within
 * `threshold` of it; the whole picture where nothing would be left. For an animation, the first frame decides.
 */
export const findTrimmed = async (picture: Pixels, threshold: number): Promise<Region> => {
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
