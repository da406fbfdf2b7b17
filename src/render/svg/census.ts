import type { Attribute } from './markup.ts'

/**
 * What a drawing consists of, with pictures and drawings inside it: its cost is predicted from this. Elements that are
 * left out do not count.
 */
export interface SvgCensus {
  readonly elements: number
  /** The deepest level of elements within elements. */
  readonly depth: number
  /** Steps of all filters, and of the longest one: each takes as many pixels as the filter covers. */
  readonly filterPrimitives: number
  readonly longestFilter: number
  /** Surfaces of its size that are in memory at once, in addition to that of the whole. */
  readonly surfaces: number
  readonly masks: number
  readonly patterns: number
  readonly markers: number
  /** Copies of other elements. */
  readonly uses: number
  /** Bytes of the longest piece of text without an element in it: its letters are laid out and drawn as one. */
  readonly longestText: number
  /** Characters of the longest path. */
  readonly longestPath: number
  /** Characters of markup. */
  readonly length: number
}

/** A census that is being counted. */
type MutableCensus = { -readonly [K in keyof SvgCensus]: number }

/** All zero. */
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
  longestText: 0,
  longestPath: 0,
  length: 0,
})

const COUNTED: ReadonlyMap<string, 'masks' | 'patterns' | 'markers' | 'uses'> = new Map([
  ['mask', 'masks'],
  ['pattern', 'patterns'],
  ['marker', 'markers'],
  ['use', 'uses'],
])

/** Counts an element inside `depth` others. */
export const countElement = (
  census: MutableCensus,
  { name, attributes, depth }: { name: string; attributes: readonly Attribute[]; depth: number },
): void => {
  census.elements++
  census.depth = Math.max(census.depth, depth)
  const counted = COUNTED.get(name)
  if (counted !== undefined) census[counted]++
  for (const attribute of attributes)
    if (attribute.name === 'd' || attribute.name === 'points')
      census.longestPath = Math.max(census.longestPath, attribute.value.length)
}

/** Adds what a drawing inside the drawing consists of. */
export const addCensus = (census: MutableCensus, nested: SvgCensus): void => {
  for (const name of Object.keys(nested) as (keyof SvgCensus)[])
    census[name] = LARGEST.has(name) ? Math.max(census[name], nested[name]) : census[name] + nested[name]
}

/** For these, the larger number counts, because two drawings are not drawn at the same time. */
const LARGEST: ReadonlySet<keyof SvgCensus> = new Set([
  ...(['depth', 'longestFilter', 'longestPath', 'longestText', 'surfaces'] as const),
])
