import { compareRows, openEngine, type RgbPicture, SCALES, type ScaleSums } from './ssimulacra2-rows.ts'
import { MAPS, NORMS, weightOf } from './ssimulacra2-weights.ts'

/**
 * SSIMULACRA2 2.1: how similar two pictures of one size look, from 100 (the same) downwards; at 90 they are hard to
 * tell apart at all, at 70 in ordinary use. Jon Sneyers, https://github.com/cloudinary/ssimulacra2.
 *
 * Within 0.5 of the reference above 30. The reference's filter is a recursion that rounds in every step, which is
 * visible in scores near 100. Vertically it is computed in the same way; horizontally it is replaced by its nine taps.
 */
export type Ssimulacra2 = ReturnType<typeof openSsimulacra2>

export type { RgbPicture } from './ssimulacra2-rows.ts'

/** Its memory grows with the largest pictures that it has compared, and ends with it. */
export const openSsimulacra2 = () => {
  const engine = openEngine()
  return {
    /** Not symmetric: `distorted` was made of `reference`. About 22 ms of CPU and 30 MB a megapixel, and two thirds of
     * the time where `reference` is the very one of the last call. */
    score: (reference: RgbPicture, distorted: RgbPicture): number => {
      const { width, height } = reference
      if (distorted.gamut !== reference.gamut) throw new Error('pictures of two gamuts')
      if (distorted.width !== width || distorted.height !== height)
        throw new Error(`pictures of ${width}×${height} and ${distorted.width}×${distorted.height}`)
      return toScore(compareRows(engine, [padToLeast(reference), padToLeast(distorted)]))
    },
  }
}

const toScore = (scales: readonly ScaleSums[]): number => {
  let distance = 0
  for (const [scale, { width, height, channels }] of scales.entries())
    for (const [channel, sums] of channels)
      for (let map = 0; map < MAPS; map++)
        for (let norm = 0; norm < NORMS; norm++) {
          const mean = (sums[map * NORMS + norm] ?? 0) / (width * height)
          const weight = weightOf({ channel, scale, scales: scales.length, norm, map })
          distance += weight * (norm === 0 ? mean : mean ** 0.25)
        }
  // The original's mapping to the scale of its raters.
  const x = distance * 0.9562382616834844
  const mapped = 2.326765642916932 * x - 0.020884521182843837 * x ** 2 + 6.248496625763138e-5 * x ** 3
  return mapped > 0 ? 100 - 10 * mapped ** 0.6276336467831387 : 100
}

/** Mirrored outwards to the least side where it is smaller. */
const padToLeast = (picture: RgbPicture): RgbPicture => {
  const width = Math.max(SCALES.leastSide, picture.width)
  const height = Math.max(SCALES.leastSide, picture.height)
  if (width === picture.width && height === picture.height) return picture
  const samples = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from = (mirror(y, picture.height) * picture.width + mirror(x, picture.width)) * 3
      samples.set(picture.samples.subarray(from, from + 3), (y * width + x) * 3)
    }
  return { ...picture, width, height, samples }
}

const mirror = (place: number, side: number): number => {
  if (side === 1) return 0
  const within = place % (2 * (side - 1))
  return within < side ? within : 2 * (side - 1) - within
}
