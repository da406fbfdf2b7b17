/**
 * What a drawing is made of, pictures and drawings within it included: what it will cost is told from that. Elements
 * that are left out do not count.
 */
export interface SvgCensus {
  readonly elements: number
  /** Elements within elements, at the deepest. */
  readonly depth: number
  /** Steps of all filters, and of the one that has most: each takes as many pixels as the filter covers. */
  readonly filterPrimitives: number
  readonly longestFilter: number
  /** Surfaces of its size that are held at once, beside the one of the whole. */
  readonly surfaces: number
  readonly masks: number
  readonly patterns: number
  readonly markers: number
  /** Copies of other elements. */
  readonly uses: number
  /** Characters of markup. */
  readonly length: number
}

export type MutableCensus = { -readonly [K in keyof SvgCensus]: number }

export const emptyCensus = (): MutableCensus => ({
  elements: 0,
  depth: 0,
  filterPrimitives: 0,
  longestFilter: 0,
  surfaces: 0,
  masks: 0,
  patterns: 0,
  markers: 0,
  uses: 0,
  length: 0,
})

const COUNTED: ReadonlyMap<string, 'masks' | 'patterns' | 'markers' | 'uses'> = new Map([
  ['mask', 'masks'],
  ['pattern', 'patterns'],
  ['marker', 'markers'],
  ['use', 'uses'],
])

/** Counts an element that lies in `depth` others. */
export const countElement = (census: MutableCensus, name: string, depth: number): void => {
  census.elements++
  census.depth = Math.max(census.depth, depth)
  const counted = COUNTED.get(name)
  if (counted !== undefined) census[counted]++
}

/** Adds what a drawing within the drawing is made of. */
export const addCensus = (census: MutableCensus, nested: SvgCensus): void => {
  for (const name of Object.keys(nested) as (keyof SvgCensus)[])
    census[name] = LARGEST.has(name) ? Math.max(census[name], nested[name]) : census[name] + nested[name]
}

/** What is not held by two drawings at once. */
const LARGEST: ReadonlySet<keyof SvgCensus> = new Set(['depth', 'longestFilter', 'surfaces'])
