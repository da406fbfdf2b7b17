import type { Region } from '../../core/preparation.ts'
import { firstFrame, type Pixels, toSharp } from '../pixels.ts'

/**
 * What is left of a picture without edges of one colour, that of its left upper pixel, each channel within
 * `threshold` of it; all of it where nothing would be left. Of an animation, what its first frame leaves.
 */
export const findTrimmed = async (picture: Pixels, threshold: number): Promise<Region> => {
  const { width, height } = picture
  const whole: Region = { width, height, left: 0, top: 0 }
  // libvips looks for edges among three pixels and more.
  if (width < 3 || height < 3) return whole
  const { info } = await toSharp(firstFrame(picture))
    .trim({ threshold })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const left = -(info.trimOffsetLeft ?? 0)
  const top = -(info.trimOffsetTop ?? 0)
  return { width: info.width, height: info.height, left, top }
}
