import * as z from 'zod'
import { defined } from '../core/defined.ts'
import { type Extent, type Operations, RANGES } from '../core/operations.ts'
import { MAX_SIDE } from '../core/transform.ts'
import { position } from './position-schema.ts'
import { boolean, choice, numberIn, object, readElsewhere, wholeNumber } from './schema-values.ts'

const EXTENT_ALLOWED = "pixels 1..65535 or a text such as '50%'"

const percent = z.string().regex(/^([1-9][0-9]?|100)%$/)
const extentInput = readElsewhere<number | `${number}%`>(z.union([wholeNumber(1, 65_535), percent]))
const extent = extentInput.transform((input, context): Extent => {
  if (Number.isInteger(input) && Number(input) >= 1 && Number(input) <= 65_535)
    return { pixels: Number(input) }
  if (percent.safeParse(input).success) return { percent: Number.parseInt(String(input), 10) }
  context.addIssue({ code: 'custom', message: EXTENT_ALLOWED })
  return z.NEVER
})

const hundredths = ([least, most]: readonly [number, number]) =>
  numberIn(least / 100, most / 100).transform((sigma) => Math.round(sigma * 100))

const padSide = wholeNumber(0, MAX_SIDE)
const paddingSchema = object({
  /** Pixels. Default `0`. */
  top: padSide.optional(),
  /** Pixels. Default `0`. */
  right: padSide.optional(),
  /** Pixels. Default `0`. */
  bottom: padSide.optional(),
  /** Pixels. Default `0`. */
  left: padSide.optional(),
})

/** What a size may do to its pictures besides making them smaller. */
export const operationFields = {
  /** Degrees clockwise, after the orientation in the camera's EXIF data: 90, 180, 270. Default: none. */
  rotate: z.literal([90, 180, 270], { error: '90, 180, 270' }).optional(),
  /** `h` swaps left and right, `v` top and bottom, `hv` both. Default: none. */
  flip: choice(['h', 'v', 'hv']).optional(),
  /** The part of the picture that is resized: `{ width, height, position }`. Default: all of it. */
  crop: z
    .strictObject(
      {
        /** Pixels, or percent of the picture's width such as `'50%'`. */
        width: extent,
        /** Pixels, or percent of the picture's height such as `'50%'`. */
        height: extent,
        /** Which part. Default: the centre. */
        position: position.optional(),
      },
      { error: "an object such as { width: 400, height: '50%' }" },
    )
    .optional(),
  /**
   * 0..255: edges that differ from the upper left pixel by no more than this are cut off, before everything else.
   * Default: none.
   */
  trim: wholeNumber(...RANGES.trim).optional(),
  /**
   * Pixels added around the result: one number for every side, or sides by name. Multiplied by `densities`. Default:
   * none.
   */
  pad: z
    .union([padSide, paddingSchema], { error: `0..${MAX_SIDE}, or { top, right, bottom, left }` })
    .optional(),
  /** The sigma of a Gaussian blur in pixels, 0.3..100. Multiplied by `densities`. Default: none. */
  blur: hundredths(RANGES.blur).optional(),
  /** The sigma of a sharpening in pixels, 0.01..10. Default: none. */
  sharpen: hundredths(RANGES.sharpen).optional(),
  /**
   * The side of the squares that the result is made of, in pixels 2..1000. Multiplied by `densities`. Default: none.
   */
  pixelate: wholeNumber(...RANGES.pixelate).optional(),
  /**
   * Whether a picture smaller than the size is made larger. Otherwise nothing becomes larger than its original, except
   * an SVG. Default `false`.
   */
  enlarge: boolean.optional(),
  /**
   * The largest file in kilobytes of 1,000 bytes; the quality is lowered until it fits. Not for PNG and GIF. Default:
   * none.
   */
  maxKilobytes: wholeNumber(...RANGES.max).optional(),
  /** Whether the configured `watermark` is laid over the result. Default `false`. */
  watermark: boolean.optional(),
}

const operationsSchema = object(operationFields)

/** The operations of a size at a density; lengths in pixels of the result are multiplied by it. */
export const toOperations = (fields: z.output<typeof operationsSchema>, density: number): Operations => {
  const { rotate, flip, trim, sharpen, enlarge, maxKilobytes: max } = fields
  return defined({
    rotate,
    flip,
    crop: toCrop(fields.crop),
    trim,
    pad: toPadding(fields.pad, density),
    blur: dense(fields.blur, density, RANGES.blur[1]),
    sharpen,
    pixelate: dense(fields.pixelate, density, RANGES.pixelate[1]),
    enlarge: enlarge || undefined,
    max,
  })
}

const dense = (value: number | undefined, density: number, most: number): number | undefined =>
  value === undefined ? undefined : Math.min(most, Math.round(value * density))

/** A crop of the whole picture is left out. */
const toCrop = (crop: z.output<typeof operationsSchema>['crop']): Operations['crop'] => {
  if (crop === undefined) return undefined
  const { width, height, position: at } = crop
  const isWhole = [width, height].every((side) => 'percent' in side && side.percent === 100)
  if (isWhole) return undefined
  return { width, height, ...(at !== undefined && at !== 'centre' && { position: at }) }
}

const toPadding = (pad: z.output<typeof operationsSchema>['pad'], density: number): Operations['pad'] => {
  if (pad === undefined) return undefined
  const sides = typeof pad === 'number' ? { top: pad, right: pad, bottom: pad, left: pad } : pad
  const scaled = (side = 0): number => Math.min(MAX_SIDE, Math.round(side * density))
  const [top, right, bottom, left] = [
    scaled(sides.top),
    scaled(sides.right),
    scaled(sides.bottom),
    scaled(sides.left),
  ]
  return Math.max(top, right, bottom, left) === 0 ? undefined : { top, right, bottom, left }
}
