/** Pixels as sharp's `raw().toBuffer({ resolveWithObject: true })` gives them. */
export interface RawPicture {
  readonly data: Uint8Array
  readonly info: { readonly width: number; readonly height: number; readonly channels: number }
}

export interface Look {
  /** Structural similarity of luma, mean over windows of 8 × 8 pixels every 4: 1 where equal. Wang et al., 2004. */
  readonly ssim: number
  /** The same of the worst twentieth of the windows: what one sees is not the mean. */
  readonly worst: number
  /** By how many pixels the picture lies to the right of and below the reference, by the gradient of luma. */
  readonly shift: { readonly x: number; readonly y: number }
}

const WINDOW = 8
const STEP = 4
const C1 = (0.01 * 255) ** 2
const C2 = (0.03 * 255) ** 2

/** How near the luma of a picture is to a reference of the same size. */
export const compareLook = (picture: RawPicture, reference: RawPicture): Look => {
  const { width, height } = reference.info
  if (picture.info.width !== width || picture.info.height !== height)
    throw new Error(`${picture.info.width}×${picture.info.height} beside ${width}×${height}`)
  const [a, b] = [picture.data, reference.data]
  const scores: number[] = []
  for (let top = 0; top === 0 || top + WINDOW <= height; top += STEP)
    for (let left = 0; left === 0 || left + WINDOW <= width; left += STEP)
      scores.push(
        scoreWindow(a, b, {
          left,
          top,
          right: Math.min(left + WINDOW, width),
          bottom: Math.min(top + WINDOW, height),
          width,
        }),
      )
  scores.sort((x, y) => x - y)
  const worst = scores.slice(0, Math.max(1, Math.ceil(scores.length / 20)))
  return { ssim: mean(scores), worst: mean(worst), shift: findShift(a, b, width, height) }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** The luma of three channels: Rec. 601, as JPEG has it. */
export const toLuma = ({ data, info: { width, height, channels } }: RawPicture): RawPicture => {
  const luma = new Uint8ClampedArray(width * height)
  for (let i = 0, at = 0; i < luma.length; i++, at += channels) {
    const [r = 0, g = 0, b = 0] = [data[at], data[at + 1], data[at + 2]]
    luma[i] = 0.299 * r + 0.587 * g + 0.114 * b
  }
  return { data: new Uint8Array(luma.buffer), info: { width, height, channels: 1 } }
}

interface Window {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
  readonly width: number
}

const scoreWindow = (a: Uint8Array, b: Uint8Array, { left, top, right, bottom, width }: Window): number => {
  let [sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0]
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      const [p = 0, q = 0] = [a[y * width + x], b[y * width + x]]
      sumA += p
      sumB += q
      sumAA += p * p
      sumBB += q * q
      sumAB += p * q
    }
  const count = (right - left) * (bottom - top)
  const [meanA, meanB] = [sumA / count, sumB / count]
  const varianceA = sumAA / count - meanA * meanA
  const varianceB = sumBB / count - meanB * meanB
  const covariance = sumAB / count - meanA * meanB
  return (
    ((2 * meanA * meanB + C1) * (2 * covariance + C2)) /
    ((meanA ** 2 + meanB ** 2 + C1) * (varianceA + varianceB + C2))
  )
}

/** Least squares of a = b − gradient · shift (Lucas and Kanade, 1981): good to a hundredth of a pixel below one. */
const findShift = (a: Uint8Array, b: Uint8Array, width: number, height: number): { x: number; y: number } => {
  let [xx, xy, yy, xd, yd] = [0, 0, 0, 0, 0]
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x
      const dx = ((b[at + 1] ?? 0) - (b[at - 1] ?? 0)) / 2
      const dy = ((b[at + width] ?? 0) - (b[at - width] ?? 0)) / 2
      const difference = (b[at] ?? 0) - (a[at] ?? 0)
      xx += dx * dx
      xy += dx * dy
      yy += dy * dy
      xd += dx * difference
      yd += dy * difference
    }
  const determinant = xx * yy - xy * xy
  if (determinant < 1e-6) return { x: 0, y: 0 }
  return { x: (yy * xd - xy * yd) / determinant, y: (xx * yd - xy * xd) / determinant }
}

/**
 * One resampling of all pixels to a size not above their own, by Lanczos's kernel of three lobes over as many pixels
 * as the reduction takes: what libvips approximates by averaging first.
 */
export const resampleByLanczos = (picture: RawPicture, width: number, height: number): RawPicture => {
  const { channels } = picture.info
  const across = reduceRows(Float32Array.from(picture.data), picture.info, width)
  const turned = transpose(across, { width, height: picture.info.height, channels })
  const down = reduceRows(turned, { width: picture.info.height, height: width, channels }, height)
  const data = Uint8ClampedArray.from(transpose(down, { width: height, height: width, channels }))
  return { data: new Uint8Array(data.buffer), info: { width, height, channels } }
}

const LOBES = 3

const lanczos = (x: number): number => {
  if (x === 0) return 1
  if (Math.abs(x) >= LOBES) return 0
  const angle = Math.PI * x
  return (LOBES * Math.sin(angle) * Math.sin(angle / LOBES)) / (angle * angle)
}

const reduceRows = (
  values: Float32Array,
  { width, height, channels }: RawPicture['info'],
  to: number,
): Float32Array => {
  const scale = width / to
  const reduced = new Float32Array(to * height * channels)
  const taps = 2 * Math.ceil(LOBES * scale)
  const [weights, places] = [new Float64Array(to * taps), new Int32Array(to * taps)]
  for (let x = 0; x < to; x++) {
    const centre = (x + 0.5) * scale - 0.5
    const first = Math.floor(centre) - taps / 2 + 1
    const own = Array.from({ length: taps }, (_, i) => lanczos((first + i - centre) / scale))
    const total = own.reduce((sum, weight) => sum + weight, 0)
    for (const [i, weight] of own.entries()) {
      weights[x * taps + i] = weight / total
      places[x * taps + i] = Math.min(width - 1, Math.max(0, first + i)) * channels
    }
  }
  for (let y = 0, result = 0; y < height; y++)
    for (let tap = 0; tap < weights.length; tap += taps)
      for (let at = y * width * channels; at < (y * width + 1) * channels; at++, result++) {
        let sum = 0
        for (let i = tap; i < tap + taps; i++) sum += (weights[i] ?? 0) * (values[at + (places[i] ?? 0)] ?? 0)
        reduced[result] = sum
      }
  return reduced
}

const transpose = (values: Float32Array, { width, height, channels }: RawPicture['info']): Float32Array => {
  const turned = new Float32Array(values.length)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let channel = 0; channel < channels; channel++)
        turned[(x * height + y) * channels + channel] = values[(y * width + x) * channels + channel] ?? 0
  return turned
}
