import { contentTypeOf, type Format } from '../core/format.ts'

/** One file that a browser may choose. */
export interface Candidate {
  readonly url: string
  readonly format: Format
  /** Pixels of the file itself; absent where the original's size is not known. */
  readonly width?: number
  readonly height?: number
  /** The width that was asked for; absent where only a height was. */
  readonly askedWidth?: number
  /** 1, or 2 for the double-density twin. */
  readonly density: number
}

export interface PictureOptions {
  /** In order of width, then density; each format has the same ones. */
  readonly candidates: readonly Candidate[]
  /** Formats, the best first. */
  readonly formats: readonly Format[]
  /** "" for a picture that says nothing by itself. */
  readonly alt: string
  /** How wide the picture is laid out (HTML's `sizes`); counts only where candidates differ in width. */
  readonly sizes: string
}

/**
 * A `<picture>`: a `<source>` per modern format and an `<img>` for everybody, with true widths, so that a file that
 * is smaller than asked for, as the original is, is offered once and for what it is.
 */
export const formatPicture = ({ candidates, formats, alt, sizes }: PictureOptions): string => {
  const fallback = formats.findLast((format) => !MODERN.has(format)) ?? formats.at(-1)
  const offers = (format: Format | undefined): readonly Offer[] =>
    toOffers(candidates.filter((candidate) => candidate.format === format))
  const sources = formats
    .filter((format) => format !== fallback && MODERN.has(format))
    .map((format) => formatSource(format, offers(format), sizes))
  return ['<picture>', ...sources, formatImage(offers(fallback), { alt, sizes }), '</picture>'].join('\n')
}

const MODERN: ReadonlySet<Format> = new Set(['avif', 'webp'])

/** A candidate with what `srcset` says of it: `640w`, `2x`; "" where nothing can be said. */
interface Offer {
  readonly candidate: Candidate
  readonly descriptor: string
}

/** Each file once, by what it really holds; of files that cannot be told apart, only the largest. */
const toOffers = (candidates: readonly Candidate[]): readonly Offer[] => {
  const [first] = candidates
  if (first === undefined) return []
  const widthOf = ({ width, askedWidth }: Candidate): number | undefined => width ?? askedWidth
  const areDense = candidates.some(({ density }) => density !== 1)
  const base = widthOf(first)
  const offers = new Map<string, Offer>()
  for (const candidate of candidates) {
    const width = widthOf(candidate)
    const ratio = width === undefined || base === undefined ? candidate.density : round(width / base)
    const descriptor = areDense ? `${ratio}x` : width === undefined ? '' : `${width}w`
    // Of the same pixels the one asked for least: it is the one that more pages share.
    if (descriptor === '' || !offers.has(descriptor)) offers.set(descriptor, { candidate, descriptor })
  }
  return [...offers.values()]
}

/** A density as HTML writes it, to a thousandth. */
const round = (ratio: number): number => Math.round(ratio * 1000) / 1000

const formatSource = (format: Format, offers: readonly Offer[], sizes: string): string =>
  formatTag('  <source', [
    ['type', contentTypeOf(format)],
    ['srcset', formatSrcset(offers)],
    sizesOf(offers, sizes),
  ])

const formatImage = (
  offers: readonly Offer[],
  { alt, sizes }: { readonly alt: string; readonly sizes: string },
): string => {
  const areDense = offers.some(({ descriptor }) => descriptor.endsWith('x'))
  const shown = (areDense ? offers[0] : offers.at(-1))?.candidate
  const isChoice = offers.length > 1
  return formatTag('  <img', [
    ['src', shown?.url],
    ['srcset', isChoice ? formatSrcset(offers) : undefined],
    isChoice ? sizesOf(offers, sizes) : ['sizes', undefined],
    ['width', shown?.height === undefined ? undefined : shown.width?.toString()],
    ['height', shown?.width === undefined ? undefined : shown.height?.toString()],
    ['alt', alt],
    ['loading', 'lazy'],
    ['decoding', 'async'],
  ])
}

const formatSrcset = (offers: readonly Offer[]): string =>
  offers.map(({ candidate, descriptor }) => `${candidate.url} ${descriptor}`.trimEnd()).join(', ')

/** HTML wants `sizes` where widths are given, and only there. */
const sizesOf = (offers: readonly Offer[], sizes: string): Attribute => [
  'sizes',
  offers.some(({ descriptor }) => descriptor.endsWith('w')) ? sizes : undefined,
]

type Attribute = readonly [name: string, value: string | undefined]

const formatTag = (start: string, attributes: readonly Attribute[]): string => {
  const texts = attributes.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${escapeAttribute(value)}"`],
  )
  return `${start} ${texts.join(' ')}>`
}

/** For an attribute in double quotes (HTML, 13.1.2.3). */
const escapeAttribute = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
