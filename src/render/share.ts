import type { Format } from '../core/format.ts'
import { layOutResult } from '../core/preparation.ts'
import type { Problem } from '../core/problem.ts'
import type { OutputRequest, Rendered, RenderReport, SourceFacts } from './port.ts'

/** What a pixel costs, of 1 for the quickest: measured at 960 pixels with the default encoders. */
const COST: Readonly<Record<Format, number>> = { avif: 8, webp: 2, jpg: 1, png: 2, gif: 2, svg: 0 }
/** Pixels times cost that a share has at least, and what it has of its decode: each makes one of its own. */
const LEAST_SHARE = 2_000_000
const LEAST_OF_DECODE = 1 / 2

/**
 * The outputs of one source, by their places, in at most `count` shares of about the same cost; those that may be
 * one file are in one. A single share where there is little to be shared.
 */
export const shareOut = (
  outputs: readonly OutputRequest[],
  facts: SourceFacts,
  count: number,
): readonly (readonly number[])[] => {
  const files = new Map<string, { readonly places: number[]; readonly cost: number }>()
  for (const [place, { transform, format }] of outputs.entries()) {
    const { width, height } = layOutResult(transform, facts).canvas
    const id = `${width} ${height} ${format} ${transform.quality}`
    const file = files.get(id)
    if (file === undefined) files.set(id, { places: [place], cost: width * height * COST[format] })
    else file.places.push(place)
  }
  const dearestFirst = [...files.values()].sort((a, b) => b.cost - a.cost)
  const total = dearestFirst.reduce((sum, { cost }) => sum + cost, 0)
  const least = Math.max(LEAST_SHARE, facts.width * facts.height * facts.frames * LEAST_OF_DECODE)
  const worth = Math.min(count, files.size, Math.floor(total / least))
  if (worth < 2) return [[...outputs.keys()]]
  const shares = Array.from({ length: worth }, () => ({
    places: [] as number[],
    cost: 0,
  }))
  for (const { places, cost } of dearestFirst) {
    const smallest = shares.reduce((a, b) => (b.cost < a.cost ? b : a))
    smallest.places.push(...places)
    smallest.cost += cost
  }
  return shares.map(({ places }) => places)
}

/** One report of all shares. What is told of the source itself, the first one tells, or whoever knows. */
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
