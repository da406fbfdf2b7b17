import type { Format } from '../core/format.ts'

interface CurvePoint {
  readonly quality: number
  readonly bytes: number
  readonly score: number
}

/** The points of one format. */
export interface QualityCurve {
  readonly format: Format
  /** In order of quality. */
  readonly points: readonly CurvePoint[]
}

/** The next number of the form 1, 2 or 5 times a power of ten. */
export const niceAbove = (value: number): number => {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power
}

/** On the straight line between known points. */
export const pointAt = (points: readonly CurvePoint[], quality: number): CurvePoint | undefined => {
  const above = points.findIndex((point) => point.quality >= quality)
  const high = above === -1 ? points.at(-1) : points[above]
  const low = above > 0 ? points[above - 1] : high
  if (high === undefined || low === undefined) return undefined
  const part = high === low ? 0 : (quality - low.quality) / (high.quality - low.quality)
  return {
    quality,
    bytes: low.bytes + (high.bytes - low.bytes) * part,
    score: low.score + (high.score - low.score) * part,
  }
}
