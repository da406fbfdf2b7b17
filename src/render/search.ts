import type { EncoderOptions } from '../core/encoder.ts'
import type { LossyFormat } from '../core/format.ts'
import type { Size } from '../core/geometry.ts'
import { type Comparison, isComparable } from './compare-look.ts'
import { type Chroma, chromaOf, encode, encodingAt, type FileContext, ownNumber, QUICKEST } from './encode.ts'
import type { Reached, Rendered } from './port.ts'
import { at, type Line, lineOf } from './quality.ts'

/** How a file should look. */
export interface Goal {
  readonly format: LossyFormat
  /** On mozjpeg's scale: what its encoder gets, or where a search begins. */
  readonly quality: number
  /** The SSIMULACRA2 to reach. */
  readonly target: number
  readonly chroma: Chroma
  readonly isSearched: boolean
}

const optionsOf = (format: LossyFormat, encoders: EncoderOptions) =>
  encoders[format === 'jpg' ? 'jpeg' : format]

/** Whether a search is worth its time and memory. */
export const isSearched = (format: LossyFormat, encoders: EncoderOptions, size: Size): boolean =>
  optionsOf(format, encoders).search === true &&
  size.width * size.height >= LEAST_PIXELS &&
  isComparable(size)

/**
 * Of a smaller picture a search saves nothing, for twice the time: 36 photographs came out 16 to 73 % larger at 64 and 100
 * pixels of width, and 27 to 29 % smaller at 160.
 */
const LEAST_PIXELS = 16_000

/**
 * The score that nineteen of twenty mozjpeg files reach at a quality (37 photographs at 640, 960 and 1600 pixels,
 * `test/calibrate/look.ts`): this is what a quality promises.
 */
const SCORES = lineOf(
  [5, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 95, 100],
  [-64, -38, 6, 24, 36, 47, 56, 62, 65.5, 69, 73.5, 83, 88, 92.5],
)

/** The SSIMULACRA2 that a file of this quality should have, on mozjpeg's scale. */
export const targetOf = (quality: number): number => at(SCORES, quality)

/** How a file of this quality should look. */
export const goalOf = (format: LossyFormat, quality: number): Omit<Goal, 'isSearched'> => ({
  format,
  quality,
  target: targetOf(quality),
  chroma: chromaOf(quality),
})

/** A file may be below its target by this much. */
export const TOLERANCE = 0.5

interface Habits {
  /** How far the encoder's number may go below that of the quality: beyond it, flat areas look bad. */
  readonly below: number
  readonly above: number
  /** The difference from that number where most searches end. */
  readonly guess: number
  /** What one more adds to the score, by number. */
  readonly slope: Line
  /** How much better the slow encoder looks than the fast one, by number, at 960 × 640 pixels. */
  readonly gain: Line
  /** The same, for each doubling of the pixels. */
  readonly gainByDoubling: number
  /** The logarithm of the bytes, by number, up to a constant: 37 photographs at three widths. */
  readonly bytes: Line
  /** How much above the target is aimed at, so that a file seldom has to be made again. */
  readonly margin: number
  /** This near to the target, the fast encoder's answer is good enough. */
  readonly near: number
}

/** Measured by `test/calibrate/look.ts`. */
const HABITS: Readonly<Record<LossyFormat, Habits>> = {
  jpg: {
    below: 20,
    above: 12,
    guess: -12,
    slope: lineOf([3, 7, 12, 17, 22, 30, 40, 60, 80], [3.2, 8.7, 5.1, 3.2, 2.1, 1.2, 0.62, 0.52, 0.5]),
    gain: lineOf([35, 50, 60, 70, 80], [-4.2, -2.6, -1.9, -1, -0.7]),
    bytes: lineOf([60, 70, 80, 92], [0, 0.21, 0.49, 1.32]),
    gainByDoubling: 0,
    margin: 0.7,
    near: 8,
  },
  webp: {
    below: 30,
    above: 13,
    guess: -6,
    slope: lineOf([3, 7, 15, 35, 55, 72, 77, 90], [3.6, 1.8, 1.1, 0.6, 0.36, 0.32, 0.71, 0.75]),
    gain: lineOf([50, 70, 75, 80], [-0.9, -0.6, -0.4, 0.7]),
    bytes: lineOf([50, 60, 70, 80, 93], [0, 0.12, 0.25, 0.51, 1.36]),
    gainByDoubling: 0,
    margin: 1.2,
    near: 8,
  },
  avif: {
    below: 20,
    above: 20,
    guess: -8,
    slope: lineOf([3, 7, 30, 37, 47, 53, 65, 80], [1.4, 2.1, 1.4, 1, 0.8, 0.5, 0.33, 0.25]),
    gain: lineOf([35, 50, 70, 80], [2.6, 1.1, 0.7, 0.3]),
    bytes: lineOf([40, 50, 60, 70, 80], [0, 0.44, 0.79, 1.12, 1.47]),
    gainByDoubling: -0.36,
    margin: 0,
    near: 5,
  },
}

const MOST_PROBES = 3
const MOST_FILES = 5

/**
 * The file with the lowest number that looks as its quality says, or the best one where none does. The number is found
 * with the fast encoder, then the file is made, compared, and made better if needed. It depends only on its own picture
 * and the options, whatever else is made beside it: the bytes are the same everywhere.
 */
export const searchFile = async (
  look: Comparison,
  goal: Pick<Goal, 'format' | 'quality' | 'target' | 'chroma'>,
  { encoders, accompaniment }: FileContext,
): Promise<Rendered & { readonly reached: Reached }> => {
  const { format, target, chroma } = goal
  const habits = HABITS[format]
  const fixed = ownNumber(format, goal.quality, encoders)
  const bounds = { least: Math.max(1, fixed - habits.below), most: Math.min(100, fixed + habits.above) }
  const gainAt = gainOf(habits, look.pixels)
  const make = async (number: number, by: EncoderOptions) => {
    const encoding = encodingAt(format, number, { encoders: by, chroma })
    const rendered = await encode(look.pixels, encoding, accompaniment)
    return { rendered, number, score: await look.scoreOf(rendered.bytes) }
  }
  const probe = async (number: number): Promise<Step> => {
    const { score } = await make(number, QUICKEST)
    return { number, score: score + (isQuickest(format, encoders) ? 0 : gainAt(number)) }
  }

  const aim = target + habits.margin
  const probes: Step[] = []
  let number = clamp(fixed + habits.guess, bounds)
  for (let isNear = false; !isNear && probes.length < MOST_PROBES; ) {
    probes.push(await probe(number))
    const next = clamp(Math.round(follow(probes, aim, habits.slope)), bounds)
    isNear = Math.abs(next - number) <= habits.near
    number = next
  }
  let found = await make(number, encoders)
  for (let files = 1; found.score < target - TOLERANCE && found.number < bounds.most; files++) {
    const next = Math.ceil(follow([found], aim - TOLERANCE, habits.slope))
    number = files < MOST_FILES ? clamp(next, bounds) : bounds.most
    found = await make(number, encoders)
  }
  const { rendered, score } = found
  const growth = Math.exp(at(habits.bytes, fixed) - at(habits.bytes, found.number))
  const fixedBytes = Math.round(rendered.bytes.length * growth)
  return { ...rendered, reached: { score, number: found.number, fixed, fixedBytes } }
}

/** How much better the slow encoder looks at a number than the fast one. */
const gainOf =
  ({ gain, gainByDoubling }: Habits, { width, height }: Size) =>
  (number: number): number =>
    at(gain, number) + gainByDoubling * Math.log2((width * height) / (960 * 640))

/** Whether the files are made by the fast encoder itself. */
const isQuickest = (format: LossyFormat, { jpeg, ...encoders }: EncoderOptions): boolean =>
  format === 'jpg' ? !jpeg.mozjpeg : encoders[format].effort === 0

interface Step {
  readonly number: number
  readonly score: number
}

/**
 * The number at which a score is expected: along the usual slope, and as much steeper or flatter than it as the last two
 * steps were. Scores fall ever faster towards low numbers, so a straight line from afar ends anywhere.
 */
const follow = (steps: readonly Step[], score: number, slope: Line): number => {
  const last = steps.at(-1)
  if (last === undefined) throw new Error('nothing was tried')
  const before = steps.at(-2)
  const steepness =
    before === undefined ? 1 : (last.score - before.score) / rise(slope, before.number, last.number)
  return walk(slope, last.number, (score - last.score) / Math.min(STEEPEST, Math.max(FLATTEST, steepness)))
}

const STEEPEST = 4
const FLATTEST = 0.2

/** What the score usually gains from one number to another. */
const rise = (slope: Line, from: number, to: number): number => {
  if (to < from) return -rise(slope, to, from)
  let sum = 0
  for (let number = from; number < to; number++) sum += at(slope, number + 0.5)
  return sum
}

/** The number, 0..101, at which the score has usually gained `gain`. */
const walk = (slope: Line, from: number, gain: number): number => {
  const direction = Math.sign(gain)
  let left = Math.abs(gain)
  for (let number = from; number > 0 && number <= 100; number += direction) {
    const step = at(slope, number + direction / 2)
    if (left <= step) return number + (direction * left) / step
    left -= step
  }
  return direction < 0 ? 0 : 101
}

const clamp = (number: number, { least, most }: { readonly least: number; readonly most: number }): number =>
  Math.min(most, Math.max(least, number))
