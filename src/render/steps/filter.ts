import type { Size } from '../../core/geometry.ts'
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
const pixelateBy = (picture: Pixels, side: number): Pixels => {
  const { width, height, frames, samples } = picture
  const drawn = { ...picture, samples: Buffer.from(samples) }
  for (let frame = 0; frame < frames; frame++)
    for (let top = 0; top < height; top += side)
      for (let left = 0; left < width; left += side)
        fillWithMean(drawn, {
          left,
          top: frame * height + top,
          width: Math.min(side, width - left),
          height: Math.min(side, height - top),
        })
  return drawn
}

/** Colours count by how much they cover: a transparent pixel has no colour that anybody sees. */
const fillWithMean = (
  { samples, width, channels }: Pixels,
  box: Size & { readonly left: number; readonly top: number },
): void => {
  const sums = [0, 0, 0]
  let covered = 0
  const visit = (each: (at: number) => void): void => {
    for (let y = box.top; y < box.top + box.height; y++)
      for (let x = box.left; x < box.left + box.width; x++) each((y * width + x) * channels)
  }
  visit((at) => {
    const alpha = channels === 4 ? (samples[at + 3] ?? 0) : 255
    covered += alpha
    for (let c = 0; c < 3; c++) sums[c] = (sums[c] ?? 0) + (samples[at + c] ?? 0) * alpha
  })
  const mean = [
    ...sums.map((sum) => Math.round(sum / (covered || 1))),
    Math.round(covered / (box.width * box.height)),
  ]
  visit((at) => {
    for (let c = 0; c < channels; c++) samples[at + c] = mean[c] ?? 0
  })
}
