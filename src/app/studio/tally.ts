import type { Format } from '../../core/format.ts'
import type { PictureSize } from '../../core/geometry.ts'
import { largestSize } from '../../core/preparation.ts'
import type { SourceKey } from '../../core/source-key.ts'
import type { CellTotal, Outlier, Totals } from './protocol.ts'
import type { StandingResult } from './result-state.ts'

/** The bytes per pixel of built results of one size in one format. */
export interface Density {
  readonly format: Format
  readonly results: number
  readonly bytes: number
  readonly pixels: number
}

/** Adds up what an inventory reads. */
export type Tally = ReturnType<typeof createTally>

interface CellSums {
  readonly total: { -readonly [K in keyof CellTotal]: CellTotal[K] }
  pixels: number
  /** Sum of the logarithms of bytes per pixel: their mean is the usual value, whatever a few results have. */
  logs: number
  heaviest: readonly Heavy[]
}

interface Heavy {
  readonly source: SourceKey
  readonly bytes: number
  readonly perPixel: number
}

/** How many are kept, for each size and format, and of all sources. */
const MOST_HEAVY = 8
const MOST_OUTLIERS = 40
const OUTLIER_TIMES = 2.5

/** Adds results up by size and format; memory holds one line for each, and the few heaviest. */
export const createTally = () => {
  const cells = new Map<string, CellSums>()
  let sources = 0
  let sourceBytes = 0
  let resultBytes = 0
  const cellOf = (size: string, format: Format): CellSums => {
    const id = `${size} ${format}`
    let cell = cells.get(id)
    if (cell === undefined) {
      const total = { size, format, built: 0, bytes: 0, missing: 0, stale: 0, failing: 0 }
      cell = { total, pixels: 0, logs: 0, heaviest: [] }
      cells.set(id, cell)
    }
    return cell
  }
  return {
    addSource: (bytes: number): void => {
      sources++
      sourceBytes += bytes
    },
    add: (source: SourceKey, results: readonly StandingResult[], picture: PictureSize): void => {
      for (const { result, state, standing } of results) {
        resultBytes += standing?.sizeBytes ?? 0
        for (const size of result.sizes) {
          const cell = cellOf(size, result.format)
          cell.total[state]++
          if (standing === undefined) continue
          const { width, height } = largestSize(result.transform, picture)
          addBytes(cell, {
            source,
            bytes: standing.sizeBytes,
            perPixel: standing.sizeBytes / (width * height),
          })
          cell.pixels += width * height
        }
      }
    },
    read: (): Totals => ({
      sources,
      sourceBytes,
      resultBytes,
      cells: [...cells.values()].map(({ total }) => total),
      outliers: listOutliers([...cells.values()]),
    }),
    densities: (): readonly Density[] =>
      [...cells.values()].flatMap(({ total: { format, built, bytes }, pixels }) =>
        pixels > 0 ? [{ format, results: built, bytes, pixels }] : [],
      ),
  }
}

const addBytes = (cell: CellSums, heavy: Heavy): void => {
  cell.total.bytes += heavy.bytes
  cell.logs += Math.log(heavy.perPixel)
  const { heaviest } = cell
  if (heaviest.length === MOST_HEAVY && heavy.perPixel <= (heaviest.at(-1)?.perPixel ?? 0)) return
  cell.heaviest = [...heaviest, heavy].sort((a, b) => b.perPixel - a.perPixel).slice(0, MOST_HEAVY)
}

const listOutliers = (cells: readonly CellSums[]): readonly Outlier[] =>
  cells
    .flatMap(({ total: { size, format, built }, logs, heaviest }) =>
      heaviest.map(({ source, bytes, perPixel }) => ({
        source,
        size,
        format,
        bytes,
        times: perPixel / Math.exp(logs / built),
      })),
    )
    .filter(({ times }) => times >= OUTLIER_TIMES)
    .sort((a, b) => b.bytes * (1 - 1 / b.times) - a.bytes * (1 - 1 / a.times))
    .slice(0, MOST_OUTLIERS)
