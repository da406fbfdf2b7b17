import { Problem } from '../../core/problem.ts'
import { SVG } from './allowed.ts'
import { findBleed } from './bleed.ts'
import type { SvgCensus } from './census.ts'
import { SvgCleaner } from './cleaner.ts'
import { Danger } from './danger.ts'
import { openFilterFunctions } from './filter-functions.ts'
import { type Attribute, formatAttribute } from './markup.ts'
import { toPlainCss } from './plain-css.ts'
import { toPlainShapes } from './plain-shapes.ts'
import { readMarkup } from './read-markup.ts'
import { DENSITY, findBackground, findTurned, toDrawnRoot } from './root.ts'
import { measureSvg, type SvgSize } from './size.ts'
import { walkMarkup } from './walk.ts'

/** A cleaned drawing, and everything that any use of it needs to know, from one pass over its markup. */
export interface CleanSvg {
  /** It shows what the original shows as a picture on a page, and never runs or loads anything. */
  readonly vector: string
  /** The same for librsvg, with sides as a browser computes them, in whole pixels. */
  readonly drawing: string
  /** The dots per inch to draw that with, if not 72. */
  readonly density?: number
  /** In CSS pixels, not rounded. */
  readonly size: SvgSize
  /** The colour behind all of it, opaque: librsvg does not draw it. */
  readonly background?: string
  /** How much around it is drawn too, in parts of its sides, if any. */
  readonly bleed?: number
  /** Why {@link vector} is not served although it can be drawn; completes "it …". */
  readonly hazard?: string
  readonly census: SvgCensus
  /** The files of embedded pictures. */
  readonly pictures: readonly Uint8Array[]
}

/**
 * Reads an SVG or SVGZ, and writes it anew with only what is visible. Problems `svg-unsafe` where it refers to
 * something outside itself, or exceeds what drawings have; `image-corrupt` where it is no well-formed XML.
 */
export const cleanSvg = (bytes: Uint8Array): CleanSvg => {
  const known = CLEANED.get(bytes)
  if (known !== undefined) return known
  try {
    const clean = cleanMarkup(inflate(bytes), 0)
    CLEANED.set(bytes, clean)
    return clean
  } catch (error) {
    throw error instanceof Danger ? svgUnsafe(error.message, error.hint) : error
  }
}

/** Kept as long as its bytes are: a render asks for the header, and then for the drawing. */
const CLEANED = new WeakMap<Uint8Array, CleanSvg>()

/** The Problem of a drawing that is not shown, or not served; `why` completes "it …". */
export const svgUnsafe = (
  why: string,
  hint = 'Save it with everything embedded and without scripts.',
): Problem => new Problem('svg-unsafe', `The drawing is refused: it ${why}.`, { hint })

const inflate = (bytes: Uint8Array): string => {
  try {
    return readMarkup(bytes)
  } catch (cause) {
    throw new Problem('image-corrupt', 'The compressed drawing is damaged, cut off or far too large.', {
      cause,
    })
  }
}

/** Drawings inside drawings; drawing programs make one level. */
const DEEPEST_NESTING = 3

/** libvips knows a drawing by this text, which one with a prefix (`<s:svg>`) lacks. */
const SVG_MARK = '<!--<svg-->'

const write = ({ name, value }: Attribute): string => formatAttribute(name, value)

const XMLNS: Attribute = { name: 'xmlns', value: SVG }

/** A function of `filter` is drawn in as many steps as its longest one, a shadow. */
const SHADOW_STEPS = 4

const cleanMarkup = (markup: string, nesting: number): CleanSvg => {
  if (nesting > DEEPEST_NESTING) throw new Danger(`nests drawings more than ${DEEPEST_NESTING} deep`)
  const cleanNested = (bytes: Uint8Array): CleanSvg => cleanMarkup(readMarkup(bytes), nesting + 1)
  const clean = (keepsPlaces: boolean): SvgCleaner =>
    walkMarkup(markup, () => new SvgCleaner({ keepsPlaces, cleanNested }))
  const first = clean(false)
  // A style that chooses elements by their position needs placeholders for those that are left out.
  const cleaner = first.usesPlaces && first.hasDropped ? clean(true) : first
  const { root, body, census, pictures, hazard, hasInches } = cleaner
  const attributeOf = (wanted: string): string | undefined =>
    root.attributes.find(({ name }) => name === wanted)?.value
  const size = measureSvg({
    width: attributeOf('width'),
    height: attributeOf('height'),
    viewBox: attributeOf('viewBox'),
    fontSize:
      /(?:^|;)\s*font-size\s*:\s*([^;]+)/.exec(attributeOf('style') ?? '')?.[1] ?? attributeOf('font-size'),
  })
  const format = (attributes: typeof root.attributes): string =>
    `<${root.name}${attributes.map(write).join('')}${body}`
  const turned = findTurned(root.attributes, size)
  const drawnRoot = toDrawnRoot(turned === undefined ? root.attributes : [XMLNS], size, hasInches)
  const whole =
    turned === undefined
      ? format(drawnRoot)
      : `<svg${drawnRoot.map(write).join('')}>${turned.opening}${format(turned.inner)}</g></g></svg>`
  const marked = `${root.name === 'svg' ? '' : SVG_MARK}${whole}`
  const plain = toPlainCss(marked)
  const opened = openFilterFunctions(plain)
  const drawing = toPlainShapes(opened)
  const longestFilter = Math.max(census.longestFilter, opened === plain ? 0 : SHADOW_STEPS)
  const bleed = hasInches || turned !== undefined ? 0 : findBleed(drawing)
  const background = findBackground(drawing, attributeOf('style'))
  return {
    vector: format(root.attributes),
    drawing,
    ...(hasInches && { density: DENSITY }),
    size,
    census: { ...census, longestFilter, length: census.length + markup.length },
    pictures,
    ...(background !== undefined && { background }),
    ...(bleed > 0 && { bleed }),
    ...(hazard !== undefined && { hazard }),
  }
}
