import type { Attribute } from './markup.ts'

/**
 * What a drawing consists of, with pictures and drawings inside it: its cost is predicted from this. Elements that are
 * left out do not count.
 */
export interface SvgCensus {
  readonly elements: number
  /** Steps of the longest filter: each takes as many pixels as the filter covers. */
  readonly longestFilter: number
  /** Surfaces of its size that are in memory at once, in addition to that of the whole. */
  readonly surfaces: number
  readonly masks: number
  readonly patterns: number
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
  longestFilter: 0,
  surfaces: 0,
  masks: 0,
  patterns: 0,
  longestText: 0,
  longestPath: 0,
  length: 0,
})

/** Counts an element, by its name without a prefix. */
export const countElement = (census: MutableCensus, name: string, attributes: readonly Attribute[]): void => {
  census.elements++
  if (name === 'mask') census.masks++
  if (name === 'pattern') census.patterns++
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
const LARGEST: ReadonlySet<string> = new Set(['longestFilter', 'longestPath', 'longestText', 'surfaces'])
