import { isSameSize } from '../../core/geometry.ts'
import type { Region } from '../../core/preparation.ts'
import { mapFrames, type Pixels } from '../pixels.ts'

/** A part of the picture. */
export const extract = async (picture: Pixels, region: Region): Promise<Pixels> => {
  if (isSameSize(region, picture)) return picture
  const { left, top, width, height } = region
  return mapFrames(picture, (frame) => frame.extract({ left, top, width, height }))
}
