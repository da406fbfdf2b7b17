import type { EncoderOptions } from '../core/encoder.ts'
import { canHoldAlpha, canHoldFrames } from '../core/format.ts'
import { type Layout, layOut, type Size } from '../core/geometry.ts'
import { Problem } from '../core/problem.ts'
import type { Focus } from '../core/transform.ts'
import { type Encoding, toEncoding } from './encode.ts'
import type { OutputRequest, RenderLimits, SourceFacts } from './port.ts'

/** What is asked for, ordered by work that is shared: one resampling, one canvas, one file each. */
export interface Drawing {
  readonly scaled: Layout['scaled']
  readonly crop: Layout['crop']
  readonly frames: number
  readonly sheets: readonly Sheet[]
}

/** The resampled picture on its canvas, over its background. */
export interface Sheet {
  readonly canvas: Layout['canvas']
  readonly offset: Layout['offset']
  /** Six hex digits to lie under padding and transparency; undefined where both stay as they are. */
  readonly background?: string
  readonly files: readonly EncodedFile[]
}

/** One file, and which of the outputs asked for it is. */
export interface EncodedFile {
  readonly encoding: Encoding
  readonly outputs: readonly number[]
}

export interface DrawingPlan {
  readonly drawings: readonly Drawing[]
  /** The outputs that are not made, by their place among those asked for. */
  readonly refused: ReadonlyMap<number, Problem>
}

export interface DrawingRequest {
  readonly facts: SourceFacts
  readonly outputs: readonly OutputRequest[]
  readonly encoders: EncoderOptions
  readonly limits: RenderLimits
  readonly attention?: Focus
}

/** Orders the outputs of one source by the work they share, and refuses those over `outputPixels`. */
export const planDrawings = (request: DrawingRequest): DrawingPlan => {
  const refused = new Map<number, Problem>()
  const drawn: DrawnOutput[] = []
  request.outputs.forEach((output, index) => {
    const one = toDrawnOutput(output, index, request)
    if (one instanceof Problem) refused.set(index, one)
    else drawn.push(one)
  })
  return { drawings: groupDrawings(drawn), refused }
}

/** The largest size that any drawing needs, side by side: what the source is decoded to. */
export const masterSize = (drawings: readonly Drawing[]): Size => ({
  width: Math.max(1, ...drawings.map(({ scaled }) => scaled.width)),
  height: Math.max(1, ...drawings.map(({ scaled }) => scaled.height)),
})

interface DrawnOutput {
  readonly index: number
  readonly layout: Layout
  readonly frames: number
  readonly background: string | undefined
  readonly encoding: Encoding
}

const toDrawnOutput = (
  { transform, format }: OutputRequest,
  index: number,
  request: DrawingRequest,
): DrawnOutput | Problem => {
  const { facts, encoders, attention } = request
  const layout = layOut(transform.resize, facts, attention)
  const frames = canHoldFrames(format) ? facts.frames : 1
  const problem = whyTooLarge(layout, frames, request)
  if (problem !== undefined) return problem
  const hasGround = facts.hasAlpha || isPadded(layout)
  const background = transform.background ?? (canHoldAlpha(format) ? undefined : 'ffffff')
  return {
    index,
    layout,
    frames,
    background: hasGround ? background : undefined,
    encoding: toEncoding(format, transform.quality, encoders),
  }
}

const whyTooLarge = (
  { canvas, scaled }: Layout,
  frames: number,
  { facts, limits }: DrawingRequest,
): Problem | undefined => {
  const { width, height } = canvas
  if (width * height * frames > limits.outputPixels)
    return tooLarge(
      `The result would be ${width}×${height}${frames > 1 ? ` × ${frames} frames` : ''}`,
      limits,
    )
  // Of a drawing that is enlarged and then cropped, far more may have to be drawn than is kept.
  const isDrawnLarger =
    scaled.width * scaled.height > limits.outputPixels ||
    Math.max(scaled.width, scaled.height) > LARGEST_DRAWN
  if (facts.isScalable && isDrawnLarger)
    return tooLarge(`The drawing would be made at ${scaled.width}×${scaled.height} and cropped`, limits)
  return undefined
}

/** cairo's limit, and so that of everything that draws SVG. */
const LARGEST_DRAWN = 32_767

const tooLarge = (what: string, { outputPixels }: RenderLimits): Problem =>
  new Problem('output-too-large', `${what}; at most ${outputPixels} pixels are allowed.`, {
    hint: 'Ask for a smaller size, or raise limits.outputPixels.',
  })

const isPadded = ({ canvas, crop }: Layout): boolean =>
  canvas.width !== crop.width || canvas.height !== crop.height

const groupDrawings = (outputs: readonly DrawnOutput[]): readonly Drawing[] =>
  group(outputs, ({ layout, frames }) => [layout.scaled, layout.crop, frames]).map(([first, drawn]) => ({
    scaled: first.layout.scaled,
    crop: first.layout.crop,
    frames: first.frames,
    sheets: groupSheets(drawn),
  }))

const groupSheets = (outputs: readonly DrawnOutput[]): readonly Sheet[] =>
  group(outputs, ({ layout, background }) => [layout.canvas, layout.offset, background]).map(
    ([first, drawn]) => ({
      canvas: first.layout.canvas,
      offset: first.layout.offset,
      ...(first.background !== undefined && { background: first.background }),
      files: group(drawn, ({ encoding }) => [encoding]).map(([{ encoding }, same]) => ({
        encoding,
        outputs: same.map(({ index }) => index),
      })),
    }),
  )

/** The values that agree in what `traits` tells of them, in order of first appearance, each group with its first. */
const group = <T>(
  values: readonly T[],
  traits: (value: T) => readonly unknown[],
): (readonly [T, readonly T[]])[] => {
  const groups = new Map<string, [T, T[]]>()
  for (const value of values) {
    const name = JSON.stringify(traits(value))
    const known = groups.get(name)
    if (known === undefined) groups.set(name, [value, [value]])
    else known[1].push(value)
  }
  return [...groups.values()]
}
