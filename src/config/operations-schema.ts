import * as z from 'zod'
import { type Extent, type Operations, RANGES } from '../core/operations.ts'
import { MAX_SIDE } from '../core/transform.ts'
import { type PositionInput, position } from './position-schema.ts'
import { boolean, choice, type Fields, object, wholeNumber } from './schema-values.ts'

/** A part of the picture: sides in pixels, or in percent of the picture's sides such as `50%`. */
interface CropInput {
  readonly width: number | `${number}%`
  readonly height: number | `${number}%`
  /** Which part. Default: the centre. */
  readonly position?: PositionInput | undefined
}

interface PaddingInput {
  readonly top?: number | undefined
  readonly right?: number | undefined
  readonly bottom?: number | undefined
  readonly left?: number | undefined
}

/** What a size may do to its pictures besides making them smaller. */
export interface OperationsInput {
  /** Degrees clockwise, after the orientation in the camera's EXIF data is applied. */
  readonly rotate?: 90 | 180 | 270 | undefined
  /** `h` swaps left and right, `v` top and bottom, `hv` both. */
  readonly flip?: 'h' | 'v' | 'hv' | undefined
  /** The part of the picture that is resized. */
  readonly crop?: CropInput | undefined
  /** 0..255: edges that differ from the upper left pixel by no more than this are cut off, before everything else. */
  readonly trim?: number | undefined
  /** Pixels added around the result: one number for every side, or sides by name. Multiplied by `densities`. */
  readonly pad?: number | PaddingInput | undefined
  /** The sigma of a Gaussian blur in pixels, 0.3..100. Multiplied by `densities`. */
  readonly blur?: number | undefined
  /** The sigma of a sharpening in pixels, 0.01..10. */
  readonly sharpen?: number | undefined
  /** The side of the squares that the result is made of, in pixels 2..1000. Multiplied by `densities`. */
  readonly pixelate?: number | undefined
  /** Whether a picture smaller than the size is made larger. Default false. */
  readonly enlarge?: boolean | undefined
  /** The largest file in kilobytes of 1,000 bytes; the quality is lowered until it fits. Not for PNG and GIF. */
  readonly maxKilobytes?: number | undefined
  /** Whether the configured `watermark` is laid over the result. Default false. */
  readonly watermark?: boolean | undefined
}

const EXTENT_ALLOWED = "pixels 1..65535 or a text such as '50%'"

const extent = z.custom<number | `${number}%`>().transform((input, context): Extent => {
  if (Number.isInteger(input) && Number(input) >= 1 && Number(input) <= 65_535)
    return { pixels: Number(input) }
  const [, percent] = typeof input === 'string' ? (/^([1-9][0-9]?|100)%$/.exec(input) ?? []) : []
  if (percent !== undefined) return { percent: Number(percent) }
  context.addIssue({ code: 'custom', message: EXTENT_ALLOWED })
  return z.NEVER
})

const hundredths = ([least, most]: readonly [number, number]) => {
  const error = `a number ${least / 100}..${most / 100}`
  return z
    .number({ error })
    .min(least / 100, { error })
    .max(most / 100, { error })
    .transform((sigma) => Math.round(sigma * 100))
}

const padSide = wholeNumber(0, MAX_SIDE)
const paddingSchema = object({
  top: padSide.optional(),
  right: padSide.optional(),
  bottom: padSide.optional(),
  left: padSide.optional(),
} satisfies Fields<PaddingInput>)

/** The fields of {@link OperationsInput}. */
export const operationFields = {
  rotate: z.literal([90, 180, 270], { error: '90, 180, 270' }).optional(),
  flip: choice(['h', 'v', 'hv']).optional(),
  crop: z
    .strictObject(
      { width: extent, height: extent, position: position.optional() },
      { error: "an object such as { width: 400, height: '50%' }" },
    )
    .optional(),
  trim: wholeNumber(...RANGES.trim).optional(),
  pad: z
    .union([padSide, paddingSchema], { error: `0..${MAX_SIDE}, or { top, right, bottom, left }` })
    .optional(),
  blur: hundredths(RANGES.blur).optional(),
  sharpen: hundredths(RANGES.sharpen).optional(),
  pixelate: wholeNumber(...RANGES.pixelate).optional(),
  enlarge: boolean.optional(),
  maxKilobytes: wholeNumber(...RANGES.max).optional(),
  watermark: boolean.optional(),
} satisfies Fields<OperationsInput>

const operationsSchema = object(operationFields)

/** The operations of a size at a density; lengths in pixels of the result are multiplied by it. */
export const toOperations = (fields: z.output<typeof operationsSchema>, density: number): Operations => {
  const { rotate, flip, trim, sharpen, enlarge, maxKilobytes: max } = fields
  const crop = toCrop(fields.crop)
  const pad = toPadding(fields.pad, density)
  const blur = dense(fields.blur, density, RANGES.blur[1])
  const pixelate = dense(fields.pixelate, density, RANGES.pixelate[1])
  return {
    ...(rotate !== undefined && { rotate }),
    ...(flip !== undefined && { flip }),
    ...(crop !== undefined && { crop }),
    ...(trim !== undefined && { trim }),
    ...(pad !== undefined && { pad }),
    ...(blur !== undefined && { blur }),
    ...(sharpen !== undefined && { sharpen }),
    ...(pixelate !== undefined && { pixelate }),
    ...(enlarge && { enlarge }),
    ...(max !== undefined && { max }),
  }
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

const toPadding = (pad: number | PaddingInput | undefined, density: number): Operations['pad'] => {
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
