import type { Size } from '../core/geometry.ts'
import type { Header } from './port.ts'

/** How a decoder reduces a picture to more than the wanted size, and how the rest is resampled. */
export interface ReducedDecode {
  /** By how much the decoder divides the sides, at least. */
  readonly factor: number
  /** What sharp is asked for. */
  readonly reduced: Size
  /** The same with copies of the last column and row. */
  readonly padded: Size
  /** To which that is resampled: the wanted size is its part at the upper left. */
  readonly resampled: Size
}

/**
 * For a JPEG whose sides the fraction does not divide, and for a WebP without motion. Undefined where that would gain
 * nothing, for a turned picture, which would begin with what is padded here, and where colours are converted after the
 * last resampling, as light of a high range and inks are.
 */
export const planReducedDecode = (
  header: Pick<Header, 'facts' | 'orientation' | 'highRange' | 'hasPlainInks'>,
  size: Size,
): ReducedDecode | undefined => {
  const { facts, orientation, highRange, hasPlainInks } = header
  const { width, height, mediaFormat, frames } = facts
  const isUsual = orientation === 1 && highRange === undefined && hasPlainInks !== true
  if (!isUsual || width * height < LEAST_PIXELS) return undefined
  if (mediaFormat === 'jpeg') return planJpeg(facts, size)
  return mediaFormat === 'webp' && frames === 1 ? planWebp(facts, size) : undefined
}

/** Smaller pictures are decoded whole as quickly. */
const LEAST_PIXELS = 500_000

/**
 * libwebp reduces to any size, by the mean of an area. Half as much again as wanted is near the whole decode:
 * butteraugli (3-norm) 0.2 to 0.5 for five photographs at 320, 640 and 960, 0.4 to 0.7 at just the wanted size. CPU of
 * decode and resize: 46 ms for 76 (2560×1600 to 320), 73 for 91 (to 960).
 */
const planWebp = (picture: Size, size: Size): ReducedDecode | undefined => {
  if (shrinkOf(picture, size) < 2) return undefined
  const reduced = { width: Math.round(size.width * 1.5), height: Math.round(size.height * 1.5) }
  return { factor: 1, reduced, padded: reduced, resampled: size }
}

/**
 * A side of 2725 at a half is 1362 pixels that show 2724: libvips cuts off the last one, and resampled to the wanted
 * size, all of the picture would be stretched by that, up to half a pixel at its end. So the last pixel is repeated
 * until a whole number of resampled pixels is as dense as it should be, to {@link MOST_SHIFT} pixels at the end of the
 * result.
 *
 * Nine photographs of 1279 to 2463 pixels: butteraugli (3-norm) 0.2 to 0.6 to the whole decode, 1.1 to 3.2 for sharp's
 * own decode at a fraction; CPU of decode and resize: 15 ms for 29 by a quarter (2411×1595 to 320), 24 for 36 by a half
 * (to 500).
 */
const planJpeg = (picture: Size, size: Size): ReducedDecode | undefined => {
  const shrinkBy = shrinkOf(picture, size)
  const [factor] = FACTORS.find(([, least]) => shrinkBy >= least) ?? []
  if (factor === undefined) return undefined
  const width = planSide(picture.width, factor, size.width)
  const height = planSide(picture.height, factor, size.height)
  if (width === undefined || height === undefined) return undefined
  const sizeOf = (step: keyof typeof width): Size => ({ width: width[step], height: height[step] })
  return { factor, reduced: sizeOf('reduced'), padded: sizeOf('padded'), resampled: sizeOf('resampled') }
}

/**
 * Factors, and from which reduction on they are worth it. sharp reduces what was decoded at a factor of 4 to a fifth of
 * the picture at most (pipeline.cc, "known libjpeg rounding errors"); with too little left, the second resampling
 * blurs.
 */
const FACTORS = [
  [8, 11.25],
  [4, 6.25],
  [2, 4.2],
] as const

const MOST_SHIFT = 0.03

/** A side of each size of a {@link ReducedDecode}; undefined where none of those that were tried fits. */
const planSide = (
  side: number,
  factor: number,
  wanted: number,
): Readonly<Record<'reduced' | 'padded' | 'resampled', number>> | undefined => {
  const shown = Math.floor(side / factor) * factor
  const most = Math.floor(side / (factor + 1))
  for (let reduced = most; reduced > most * 0.95; reduced--)
    for (let padded = reduced; padded < reduced + MOST_COPIES; padded++) {
      const exact = (padded * wanted * shown) / (reduced * side)
      const resampled = Math.round(exact)
      if (Math.abs(exact - resampled) * (wanted / exact) <= MOST_SHIFT) return { reduced, padded, resampled }
    }
  return undefined
}

const MOST_COPIES = 16

const shrinkOf = (picture: Size, size: Size): number =>
  Math.min(picture.width / size.width, picture.height / size.height)
