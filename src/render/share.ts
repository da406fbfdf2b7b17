import type { Format } from '../core/format.ts'
import { resultSize } from '../core/geometry.ts'
import type { OutputRequest, SourceFacts } from './port.ts'

/** What a pixel costs, of 1 for the quickest: measured at 960 pixels with the default encoders. */
const COST: Readonly<Record<Format, number>> = { avif: 8, webp: 2, jpg: 1, png: 2, gif: 2 }
/** Pixels times cost, below which a second decode is more than what is gained. */
const WORTH_SHARING = 2_000_000

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
    const { width, height } = resultSize(transform.resize, facts)
    const id = `${width} ${height} ${format} ${transform.quality}`
    const file = files.get(id)
    if (file === undefined) files.set(id, { places: [place], cost: width * height * COST[format] })
    else file.places.push(place)
  }
  const dearestFirst = [...files.values()].sort((a, b) => b.cost - a.cost)
  const total = dearestFirst.reduce((sum, { cost }) => sum + cost, 0)
  if (total < WORTH_SHARING) return [[...outputs.keys()]]
  const shares = Array.from({ length: Math.min(count, files.size) }, () => ({
    places: [] as number[],
    cost: 0,
  }))
  for (const { places, cost } of dearestFirst) {
    const least = shares.reduce((a, b) => (b.cost < a.cost ? b : a))
    least.places.push(...places)
    least.cost += cost
  }
  return shares.map(({ places }) => places)
}
