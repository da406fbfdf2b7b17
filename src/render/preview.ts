import { rgbaToThumbHash } from 'thumbhash'
import { type Pixels, readPixels, toSharp } from './pixels.ts'
import type { Preview } from './port.ts'

/**
 * The longest side that is hashed. A ThumbHash accepts 100, but has at most seven waves per side, for which 48 pixels
 * give the same up to its own rounding, for a quarter of the work.
 */
const HASHED_SIDE = 48

/** The preview of a picture, from its raster. */
export const findPreview = async (raster: Pixels): Promise<Preview> => {
  const { width, height, samples } = await readPixels(
    toSharp(raster)
      .resize(HASHED_SIDE, HASHED_SIDE, { fit: 'inside', withoutEnlargement: true })
      .ensureAlpha(),
  )
  return {
    thumbhash: Buffer.from(rgbaToThumbHash(width, height, samples)).toString('base64'),
    colour: findDominant(samples),
  }
}

/** Bits of each channel by which colours are distinguished: 4,096 colours. */
const TOLD_BITS = 4

/** The most frequent colour of RGBA pixels; transparent pixels do not count. */
const findDominant = (samples: Uint8Array): string => {
  // For each colour: weight, then red, green and blue, each times weight.
  const sums = new Float64Array(4 << (3 * TOLD_BITS))
  const told = (sample: number): number => sample >> (8 - TOLD_BITS)
  for (let i = 0; i < samples.length; i += 4) {
    const red = samples[i] ?? 0
    const green = samples[i + 1] ?? 0
    const blue = samples[i + 2] ?? 0
    const alpha = samples[i + 3] ?? 0
    const at = 4 * ((told(red) << (2 * TOLD_BITS)) | (told(green) << TOLD_BITS) | told(blue))
    sums[at] = (sums[at] ?? 0) + alpha
    sums[at + 1] = (sums[at + 1] ?? 0) + red * alpha
    sums[at + 2] = (sums[at + 2] ?? 0) + green * alpha
    sums[at + 3] = (sums[at + 3] ?? 0) + blue * alpha
  }
  let best = 0
  for (let at = 4; at < sums.length; at += 4) if ((sums[at] ?? 0) > (sums[best] ?? 0)) best = at
  const [weight = 0, ...channels] = sums.subarray(best, best + 4)
  return Buffer.from(channels.map((sum) => (weight === 0 ? 0 : Math.round(sum / weight)))).toString('hex')
}
