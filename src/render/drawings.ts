import { defined } from '../core/defined.ts'
import type { EncoderOptions } from '../core/encoder.ts'
import { canHoldAlpha, canHoldFrames, isLossy } from '../core/format.ts'
import { area, isSameSize, type Layout, type PictureSize, type Size, smallerOf } from '../core/geometry.ts'
import { layOutResult, type Preparation, preparedSize } from '../core/preparation.ts'
import { Problem } from '../core/problem.ts'
import { type Focus, MAX_SIDE, type Transform } from '../core/transform.ts'
import { type Encoding, toEncoding } from './encode.ts'
import type { RasterRequest, RenderLimits, SourceFacts, Watermark } from './port.ts'
import { type Goal, goalOf, isSearched } from './search.ts'
import type { Filters } from './steps/filter.ts'

/** Outputs grouped by shared work: one resampling, one canvas, one file each. */
export interface Drawing {
  readonly scaled: Layout['scaled']
  readonly crop: Layout['crop']
  readonly frames: number
  /** Undefined where pixels are not changed. */
  readonly filters: Filters | undefined
  readonly sheets: readonly Sheet[]
}

/** The resampled picture on its canvas, over its background. */
export interface Sheet {
  readonly canvas: Layout['canvas']
  readonly offset: Layout['offset']
  /** Six hex digits, behind padding and transparency; undefined where both stay transparent. */
  readonly background: string | undefined
  readonly isWatermarked: boolean
  readonly files: readonly EncodedFile[]
}

/** The largest size of a file, and the quality to start from. */
export interface FileBound {
  readonly maxBytes: number
  readonly quality: number
}

/** One file, and which outputs it is for. */
export interface EncodedFile {
  readonly encoding: Encoding
  /** Present where the size of the file is limited, at the quality of `encoding` or a lower one. */
  readonly bound?: FileBound | undefined
  /** For formats with loss; `encoding` is used where nothing is searched. */
  readonly goal?: Goal | undefined
  readonly outputs: readonly number[]
}

/** What drawings are planned from. */
export interface DrawingRequest {
  readonly facts: SourceFacts
  readonly outputs: readonly RasterRequest[]
  readonly encoders: EncoderOptions
  readonly limits: RenderLimits
  readonly attention?: Focus
  readonly watermark?: Pick<Watermark, 'id'>
}

/** Groups the outputs of one source by shared work; refuses those over `outputPixels`, by their index in the request. */
export const planDrawings = (request: DrawingRequest) => {
  const refused = new Map<number, Problem>()
  const drawn: DrawnOutput[] = []
  request.outputs.forEach((output, index) => {
    const one = toDrawnOutput(output, index, request)
    if (one instanceof Problem) refused.set(index, one)
    else drawn.push(one)
  })
  return { drawings: groupDrawings(drawn), refused }
}

/**
 * The file, if only one is asked for and it shows a master of this size, or a part of it, without changes; an enlarged
 * one is larger than any master.
 */
export const onlyFile = (drawings: readonly Drawing[], master: Size): OnlyFile | undefined => {
  const [drawing, ...others] = drawings
  if (drawing === undefined || others.length > 0 || drawing.frames > 1 || drawing.filters) return undefined
  const { scaled, crop, sheets } = drawing
  const [sheet, ...otherSheets] = sheets
  if (sheet === undefined || otherSheets.length > 0 || sheet.isWatermarked) return undefined
  if (!isSameSize(scaled, master) || !isSameSize(sheet.canvas, crop)) return undefined
  const [file, ...otherFiles] = sheet.files
  if (file === undefined || otherFiles.length > 0 || file.bound || file.goal?.isSearched) return undefined
  return { ...file, crop }
}

/** A file, and which part of the master it shows. */
export type OnlyFile = EncodedFile & Pick<Drawing, 'crop'>

/**
 * The size to which the source is decoded: that of the largest drawing, where all others are made from drawings; else
 * twice that in each side, so that none is made from one that is hardly larger. No more than the picture has, unless it
 * is scalable: enlarged results are made from all of it.
 */
export const masterSize = (drawings: readonly Drawing[], { isScalable, ...picture }: PictureSize): Size => {
  const largest = largestSide(drawings)
  if (isScalable) return largest
  const { width, height } = picture
  const reads = drawings.filter(
    ({ scaled }) => !drawings.some((other) => isKept(other) && isMuchLarger(other.scaled, scaled)),
  )
  const isOne = reads.every(({ scaled }) => isSameSize(scaled, largest))
  const factor = isOne ? 1 : MUCH_LARGER
  const master = smallerOf(
    { width: largest.width * factor, height: largest.height * factor },
    { width, height },
  )
  // To resample costs what is read: all of the picture once and its reduction for each drawing, or all of it for each.
  const isWorth = reads.length * (1 - area(master) / area(picture)) > 1
  return isOne || isWorth ? master : { width, height }
}

/** Whether smaller drawings may be made from one, instead of from the master. */
export const isKept = ({ crop, scaled, frames }: Drawing): boolean => isSameSize(crop, scaled) && frames === 1

/** Whether a drawing of `size` may be made from a picture that is itself resampled; sides are rounded. */
export const isMuchLarger = (picture: Size, size: Size): boolean =>
  picture.width >= size.width * MUCH_LARGER - 1 && picture.height >= size.height * MUCH_LARGER - 1

/**
 * If a picture is resampled twice, fine lines lose what is left of them near the limit of its pixels, unless the second
 * step reduces much more: for rings at that limit, 900 to 600 by way of 800 keeps 0.91 of the structure (SSIM to one full
 * resampling); by way of twice the size or more it is 0.99, closer than sharp's own way.
 */
const MUCH_LARGER = 2

const largestSide = (drawings: readonly Drawing[]): Size => ({
  width: Math.max(1, ...drawings.map(({ scaled }) => scaled.width)),
  height: Math.max(1, ...drawings.map(({ scaled }) => scaled.height)),
})

/** How many times its own size a drawing is made before it is rotated and cropped; 1 for anything not scalable. */
export const preparedScale = (
  preparation: Preparation,
  { facts, outputs, limits }: DrawingRequest,
): number => {
  if (!facts.isScalable) return 1
  const prepared = preparedSize(preparation, facts)
  const wanted = outputs.map(
    ({ transform }) => layOutResult(transform, prepared).scaled.width / prepared.width,
  )
  const most = Math.min(
    LARGEST_DRAWN / Math.max(facts.width, facts.height),
    Math.sqrt(limits.outputPixels / (facts.width * facts.height)),
  )
  return Math.min(Math.max(1, ...wanted), Math.max(1, most))
}

type DrawnOutput = Exclude<ReturnType<typeof toDrawnOutput>, Problem>

const toDrawnOutput = ({ transform, format }: RasterRequest, index: number, request: DrawingRequest) => {
  const { facts, encoders, attention } = request
  const isDrawnAtWill = facts.isScalable || transform.enlarge === true
  const layout = layOutResult(transform, facts, attention)
  const frames = canHoldFrames(format) ? facts.frames : 1
  const problem = whyTooLarge(layout, frames, request, isDrawnAtWill) ?? whyNotWatermarked(transform, request)
  if (problem !== undefined) return problem
  const { quality, max, watermark } = transform
  const hasGround = facts.hasAlpha || !isSameSize(layout.canvas, layout.crop)
  const background = transform.background ?? (canHoldAlpha(format) ? undefined : 'ffffff')
  return {
    index,
    layout,
    frames,
    background: hasGround ? background : undefined,
    encoding: toEncoding(format, quality, encoders),
    filters: filtersOf(transform),
    isWatermarked: watermark !== undefined,
    bound: max !== undefined && isLossy(format) ? { maxBytes: max * 1000, quality } : undefined,
    goal: isLossy(format)
      ? {
          ...goalOf(format, quality),
          isSearched: frames === 1 && isSearched(format, encoders, layout.canvas),
        }
      : undefined,
  }
}

const filtersOf = ({ blur, sharpen, pixelate }: Transform): Filters | undefined =>
  (blur ?? sharpen ?? pixelate) === undefined ? undefined : defined({ blur, sharpen, pixelate })

/** Another watermark would show something else, so a key that names an old one cannot be made any more. */
const whyNotWatermarked = (
  { watermark }: Transform,
  { watermark: known }: DrawingRequest,
): Problem | undefined =>
  watermark === undefined || watermark === known?.id
    ? undefined
    : new Problem('watermark-unknown', `No watermark whose SHA-256 begins with ${watermark} is configured.`, {
        hint: 'Sign the URL again: its key names an earlier file of `watermark`.',
      })

const whyTooLarge = (
  { canvas, scaled }: Layout,
  frames: number,
  { limits }: DrawingRequest,
  isDrawnAtWill: boolean,
): Problem | undefined => {
  const { outputPixels, sourcePixels } = limits
  const { width, height } = canvas
  const result = `The result would be ${width}×${height}`
  if (Math.max(width, height) > MAX_SIDE)
    return tooLarge(`${result}, but no side may be longer than ${MAX_SIDE}`, outputPixels)
  if (width * height > outputPixels) return tooLarge(result, outputPixels)
  // An animation may keep as many pixels as its original may have.
  const mostMoving = Math.max(outputPixels, sourcePixels)
  if (width * height * frames > mostMoving) return tooLarge(`${result} × ${frames} frames`, mostMoving)
  // For a drawing that is enlarged and then cropped, many more pixels may be drawn than are kept.
  const isDrawnLarger =
    scaled.width * scaled.height > outputPixels || Math.max(scaled.width, scaled.height) > LARGEST_DRAWN
  if (isDrawnAtWill && isDrawnLarger)
    return tooLarge(`The drawing would be made at ${scaled.width}×${scaled.height} and cropped`, outputPixels)
  return undefined
}

/** cairo's limit, and so the limit of everything that draws SVG. */
const LARGEST_DRAWN = 32_767

const tooLarge = (what: string, mostPixels: number): Problem =>
  new Problem('output-too-large', `${what}; at most ${mostPixels} pixels are allowed.`, {
    hint: 'Ask for a smaller size, or raise limits.outputPixels.',
  })

const groupDrawings = (outputs: readonly DrawnOutput[]): readonly Drawing[] =>
  group(outputs, ({ layout: { scaled, crop }, frames, filters }) => ({ scaled, crop, frames, filters })).map(
    ([drawing, drawn]) => ({ ...drawing, sheets: groupSheets(drawn) }),
  )

const groupSheets = (outputs: readonly DrawnOutput[]): readonly Sheet[] =>
  group(outputs, ({ layout: { canvas, offset }, background, isWatermarked }) => ({
    canvas,
    offset,
    background,
    isWatermarked,
  })).map(([sheet, drawn]) => ({ ...sheet, files: groupFiles(drawn) }))

const groupFiles = (outputs: readonly DrawnOutput[]): readonly EncodedFile[] =>
  group(outputs, ({ encoding, bound, goal }) => ({ encoding, bound, goal })).map(([file, same]) => ({
    ...file,
    outputs: same.map(({ index }) => index),
  }))

/** Traits with the values that have them, in order of first appearance. */
export const group = <T, Traits>(
  values: readonly T[],
  traitsOf: (value: T) => Traits,
): readonly (readonly [Traits, readonly T[]])[] => {
  const groups = new Map<string | undefined, [Traits, T[]]>()
  for (const value of values) {
    const traits = traitsOf(value)
    const name = values.length === 1 ? '' : JSON.stringify(traits)
    const known = groups.get(name)
    if (known === undefined) groups.set(name, [traits, [value]])
    else known[1].push(value)
  }
  return [...groups.values()]
}
