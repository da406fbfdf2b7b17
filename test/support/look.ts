/** Pixels as sharp's `raw().toBuffer({ resolveWithObject: true })` gives them, three channels. */
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

/** How near a picture is to a reference of the same size. */
export const compareLook = (picture: RawPicture, reference: RawPicture): Look => {
  const { width, height } = reference.info
  if (picture.info.width !== width || picture.info.height !== height)
    throw new Error(`${picture.info.width}×${picture.info.height} beside ${width}×${height}`)
  const [a, b] = [toLuma(picture), toLuma(reference)]
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

/** Rec. 601, as JPEG has it. */
const toLuma = ({ data, info: { width, height, channels } }: RawPicture): Float64Array => {
  const luma = new Float64Array(width * height)
  for (let i = 0, at = 0; i < luma.length; i++, at += channels) {
    const [r = 0, g = 0, b = 0] = [data[at], data[at + 1], data[at + 2]]
    luma[i] = 0.299 * r + 0.587 * g + 0.114 * b
  }
  return luma
}

interface Window {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
  readonly width: number
}

const scoreWindow = (
  a: Float64Array,
  b: Float64Array,
  { left, top, right, bottom, width }: Window,
): number => {
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
const findShift = (
  a: Float64Array,
  b: Float64Array,
  width: number,
  height: number,
): { x: number; y: number } => {
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
