import type { Operations } from '../../core/operations.ts'
import { mapFrames, type Pixels } from '../pixels.ts'

/** What is done to the resized pixels, in this order. */
export type Filters = Pick<Operations, 'blur' | 'sharpen' | 'pixelate'>

/** Blurs, sharpens and pixelates, each frame by itself. */
export const applyFilters = async (picture: Pixels, filters: Filters): Promise<Pixels> => {
  const { blur, sharpen, pixelate } = filters
  const blurred = blur === undefined ? picture : await mapFrames(picture, (frame) => frame.blur(blur / 100))
  const sharp =
    sharpen === undefined
      ? blurred
      : await mapFrames(blurred, (frame) => frame.sharpen({ sigma: sharpen / 100 }))
  return pixelate === undefined ? sharp : pixelateBy(sharp, pixelate)
}

/** Squares of `side` pixels from the upper left corner, each in its mean colour; those at the edges are cut off. */
const pixelateBy = async (picture: Pixels, side: number): Promise<Pixels> => {
  const { width, height } = picture
  const [columns, rows] = [Math.ceil(width / side), Math.ceil(height / side)]
  const [right, bottom] = [columns * side - width, rows * side - height]
  const whole = await mapFrames(picture, (frame) => frame.extend({ right, bottom, extendWith: 'copy' }))
  const squares = await mapFrames(whole, (frame) =>
    frame.resize(columns, rows, { fit: 'fill', kernel: 'linear' }),
  )
  const drawn = await mapFrames(squares, (frame) =>
    frame.resize(columns * side, rows * side, { fit: 'fill', kernel: 'nearest' }),
  )
  return mapFrames(drawn, (frame) => frame.extract({ left: 0, top: 0, width, height }))
}
