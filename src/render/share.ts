import { predictEncodeMs } from '../core/encoder.ts'
import { layOutResult } from '../core/preparation.ts'
import type { Problem } from '../core/problem.ts'
import type { OutputRequest, Rendered, RenderReport, SourceFacts } from './port.ts'

/** The least work of a share, for itself and for each pixel of the source, since each share decodes the source. */
const LEAST_MS = 120
const LEAST_MS_PER_MEGAPIXEL = 30

/**
 * Divides the outputs of one source, by their indexes, into at most `count` shares of about the same cost; outputs that
 * may be one file stay together. A single share where there is little work.
 */
export const shareOut = (
  outputs: readonly OutputRequest[],
  facts: SourceFacts,
  count: number,
): readonly (readonly number[])[] => {
  if (outputs.length < 2) return [[...outputs.keys()]]
  const files = new Map<string, { readonly places: number[]; readonly costMs: number }>()
  for (const [place, { transform, format }] of outputs.entries()) {
    const { width, height } = layOutResult(transform, facts).canvas
    const id = `${width} ${height} ${format} ${transform.quality}`
    const file = files.get(id)
    if (file === undefined)
      files.set(id, { places: [place], costMs: predictEncodeMs(format, width * height) })
    else file.places.push(place)
  }
  const dearestFirst = [...files.values()].sort((a, b) => b.costMs - a.costMs)
  const total = dearestFirst.reduce((sum, { costMs }) => sum + costMs, 0)
  const sourcePixels = facts.width * facts.height * facts.frames
  const least = Math.max(LEAST_MS, (sourcePixels * LEAST_MS_PER_MEGAPIXEL) / 1e6)
  const worth = Math.min(count, files.size, Math.floor(total / least))
  if (worth < 2) return [[...outputs.keys()]]
  const shares = Array.from({ length: worth }, () => ({ places: [] as number[], costMs: 0 }))
  for (const { places, costMs } of dearestFirst) {
    const smallest = shares.reduce((a, b) => (b.costMs < a.costMs ? b : a))
    smallest.places.push(...places)
    smallest.costMs += costMs
  }
  return shares.map(({ places }) => places)
}

/** One report for all shares. Facts about the source come from the first share that has them. */
export const joinReports = (
  shares: readonly (readonly number[])[],
  reports: readonly RenderReport[],
): RenderReport => {
  const outputs: (Rendered | Problem)[] = []
  for (const [index, share] of shares.entries())
    for (const [at, place] of share.entries()) {
      const output = reports[index]?.outputs[at]
      if (output === undefined) throw new Error('a share left out an output')
      outputs[place] = output
    }
  return Object.assign({}, ...reports.toReversed(), { outputs })
}
