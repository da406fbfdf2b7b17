import { rgbaToThumbHash } from 'thumbhash'
import { type Pixels, readPixels, toSharp } from './pixels.ts'
import type { Preview } from './port.ts'

/**
 * The longest side that is hashed. A ThumbHash takes 100 and has seven waves a side at most, of which 48 pixels tell
 * the same to a step of its own rounding, for a quarter of the work.
 */
const HASHED_SIDE = 48

/** What stands in a picture's place until it is there, from its raster. */
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

/** Bits of each channel that tell colours apart: 4,096 colours. */
const TOLD_BITS = 4

/** The colour that most of the picture has, of RGBA pixels; what is transparent does not count. */
const findDominant = (samples: Uint8Array): string => {
  // Of each colour: weight, then red, green and blue times weight.
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
  return channels.map((sum) => toHex(weight === 0 ? 0 : Math.round(sum / weight))).join('')
}

const toHex = (sample: number): string => sample.toString(16).padStart(2, '0')
