import { predictDensity } from '../../core/encoder.ts'
import { type Format, type FormatChoice, resolveFormats } from '../../core/format.ts'
import { largestSize } from '../../core/preparation.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { Transform } from '../../core/transform.ts'
import { predictRenderMs } from '../../plan/cost.ts'
import type { InventoryRow } from './inventory.ts'
import type { Prediction } from './protocol.ts'
import type { Density } from './tally.ts'

interface PredictInput {
  readonly rows: ReadonlyMap<SourceKey, InventoryRow>
  readonly densities: readonly Density[]
  readonly threads: number
}

/** A possible addition: results of these sources, in these formats. */
export interface Addition {
  readonly isFor: (source: SourceKey) => boolean
  readonly transforms: readonly Transform[]
  readonly formats: readonly FormatChoice[]
}

/**
 * The cost of an addition: the work as `plan` predicts it, the bytes by those per pixel of results in the same format
 * with about as many pixels. No source is read.
 */
export const predictAddition = (
  { rows, densities, threads }: PredictInput,
  addition: Addition,
): Prediction => {
  const perPixel = createDensityLine(densities)
  let results = 0
  let bytes = 0
  let milliseconds = 0
  for (const [source, { size }] of rows) {
    if (!addition.isFor(source)) continue
    const outputs = addition.transforms.flatMap((transform) =>
      resolveFormats(addition.formats, source).map((format) => ({ transform, format })),
    )
    results += outputs.length
    milliseconds += predictRenderMs(size, outputs)
    for (const { transform, format } of outputs) {
      const { width, height } = largestSize(transform, size)
      bytes += width * height * perPixel(format, width * height)
    }
  }
  return { results, bytes: Math.round(bytes), minutes: milliseconds / threads / 60_000 }
}

/** Small pictures have more bytes per pixel: straight lines between known points, by the logarithm of pixels. */
const createDensityLine = (densities: readonly Density[]) => {
  const points = new Map<Format, { readonly at: number; readonly perPixel: number }[]>()
  for (const { format, results, bytes, pixels } of densities) {
    const own = points.get(format) ?? []
    own.push({ at: Math.log(pixels / results), perPixel: bytes / pixels })
    points.set(format, own)
  }
  for (const own of points.values()) own.sort((a, b) => a.at - b.at)
  const measured = (format: Format, pixels: number): number | undefined => {
    const own = points.get(format)
    const [first, last] = [own?.[0], own?.at(-1)]
    if (own === undefined || first === undefined || last === undefined) return undefined
    const at = Math.log(pixels)
    const above = own.findIndex((point) => point.at >= at)
    if (above <= 0) return (above === 0 ? first : last).perPixel
    const [low, high] = [own[above - 1] ?? first, own[above] ?? last]
    return low.perPixel + ((high.perPixel - low.perPixel) * (at - low.at)) / (high.at - low.at)
  }
  /** How these pictures differ from the photographs above, by a format that is known. */
  const known = [...points.keys()][0]
  return (format: Format, pixels: number): number => {
    const own = measured(format, pixels)
    if (own !== undefined) return own
    const other = known === undefined ? undefined : measured(known, pixels)
    if (known === undefined || other === undefined) return predictDensity(format)
    return (other * predictDensity(format)) / (predictDensity(known) || 1)
  }
}
