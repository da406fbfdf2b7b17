import { contentTypeOf, type Format } from '../core/format.ts'
import { Problem } from '../core/problem.ts'
import type { SourceKey } from '../core/source-key.ts'
import { listCandidates } from './candidates.ts'
import type { Catalogue, ImageFacts, PageSize } from './catalogue.ts'
import { findFormat, findShownSize, findSize, pickTransform, toScenes } from './find-size.ts'
import { formatPicture } from './format-picture.ts'
import { type OpenGraphImage, type Preload, toOpenGraph, toPreload } from './head.ts'
import type { SizeOrTransform, SourceName } from './known.ts'
import {
  fallbackFormat,
  formatsOf,
  largest,
  offeredFormats,
  type Picture,
  type PictureOptions,
  type Subject,
  toPicture,
  toSrcSet,
  toUrl,
} from './picture-data.ts'
import { toPlaceholderUrl } from './placeholder.ts'
import { showsVector, toShownSize } from './vector-size.ts'

/** Art direction: sizes by media query, tried in order, and `default` for all other screens. */
export type SizesByMedia = { readonly default: SizeOrTransform } & Readonly<Record<string, SizeOrTransform>>

/** Which result `url` names. */
export interface UrlOptions {
  /**
   * Default: the original's format, which every browser shows; for an SVG that is kept as a vector, `svg`. With `auto`
   * the server chooses by `Accept`.
   */
  readonly format?: Format | 'original' | 'auto'
  /** For a size with several widths: the smallest that is at least this wide, in pixels; default: the widest. */
  readonly minWidth?: number
  /** When the link expires: required where `serve.expiring` is on, and refused elsewhere. */
  readonly expires?: Date
}

/** Which format `srcset` lists, and of which picture. */
export interface SrcSetOptions {
  /** Default: the original's format, which every browser shows. */
  readonly format?: Format | 'original'
  /** The original's size in pixels (as shown), if images.json does not have it. */
  readonly width?: number
  readonly height?: number
  /** As in {@link UrlOptions}. */
  readonly expires?: Date
}

/** As for `picture`; for pictures that are visible first. */
export interface PreloadOptions extends SrcSetOptions {
  /** Must be the same as for `picture`: otherwise the browser chooses another file. */
  readonly sizes?: string
  /** Default `high`. */
  readonly fetchPriority?: 'high' | 'low' | 'auto'
}

/** How a background is shown. */
export interface CssImageSetOptions extends Omit<SrcSetOptions, 'format'> {
  /** The width of the background in CSS pixels. Default: the width of the size at density 1. */
  readonly displayWidth?: number
}

/** What Open Graph needs besides the picture. */
export interface OpenGraphOptions extends Omit<SrcSetOptions, 'format'> {
  /** The address of the site, where `baseUrl` is only a path: `https://www.example.com/`. */
  readonly site?: string
  /** What the picture shows, in words. */
  readonly alt?: string
}

/** URLs and markup for the pictures of a project. Every function throws a `Problem` that says what to do. */
export interface Images {
  /** The signed URL of one result. */
  url(source: SourceName, size: SizeOrTransform, options?: UrlOptions): string
  /** The value of a `srcset` in one format, with the true widths or densities of the results. */
  srcset(source: SourceName, size: SizeOrTransform, options?: SrcSetOptions): string
  /** A `<picture>` as data, for JSX. */
  sources(source: SourceName, size: SizeOrTransform | SizesByMedia, options: PictureOptions): Picture
  /** A `<picture>` as HTML. */
  picture(source: SourceName, size: SizeOrTransform | SizesByMedia, options: PictureOptions): string
  /** Preloads the file that `picture` will show; with the `<link>` that does. */
  preload(source: SourceName, size: SizeOrTransform, options?: PreloadOptions): Preload
  /** A background as CSS: `image-set(…)` of every format and density; a browser takes the first that it supports. */
  cssImageSet(source: SourceName, size: SizeOrTransform, options?: CssImageSetOptions): string
  /** What other sites show of a shared page: one file, in a format that all of them read. Problem `site-unknown`. */
  openGraph(source: SourceName, size: SizeOrTransform, options?: OpenGraphOptions): OpenGraphImage
  /** A blurred preview as a data URL; undefined where images.json has none. */
  placeholder(source: SourceName): string | undefined
  /** What images.json knows of a source. */
  facts(source: SourceName): ImageFacts | undefined
}

/** Everything that pages need, from a catalogue. */
export const openImages = (catalogue: Catalogue): Images => {
  const find = (text: string, options: SrcSetOptions): Subject => {
    const source = catalogue.toSource(text)
    return { catalogue, source, facts: requireFacts(catalogue, source, options), expires: options.expires }
  }
  const sources: Images['sources'] = (text, size, options) => {
    const alt = findAlt(catalogue, catalogue.toSource(text), options)
    const subject = find(text, options)
    const { source, facts: picture } = subject
    const scenes = toScenes(catalogue, source, size).map((scene) => ({
      ...scene,
      size: toShownSize(catalogue, source, { size: scene.size, picture }),
    }))
    return toPicture(subject, scenes, { ...options, alt })
  }
  return {
    sources,
    picture: (text, size, options) => formatPicture(sources(text, size, options)),
    url: (text, name, { format: choice, minWidth, expires } = {}) => {
      const source = catalogue.toSource(text)
      const wanted = choice === 'auto' ? undefined : choice
      const size = findShownSize(catalogue, name, { source, wanted })
      const format = choice === 'auto' ? choice : findFormat(catalogue, size, { source, wanted })
      const facts = catalogue.factsOf(source)
      return toUrl({ catalogue, source, facts, expires }, pickTransform(size, minWidth), format)
    },
    srcset: (text, name, options = {}) => {
      const subject = find(text, options)
      const { source, facts } = subject
      const size = findShownSize(catalogue, name, { source, wanted: options.format, picture: facts })
      const format = findFormat(catalogue, size, { source, wanted: options.format })
      return toSrcSet(subject, listCandidates(size, facts), format)
    },
    preload: (text, size, { fetchPriority, ...options } = {}) =>
      toPreload(sources(text, size, { ...options, alt: '', loading: 'eager' }), fetchPriority),
    cssImageSet: (text, name, { displayWidth, ...options } = {}) => {
      const subject = find(text, options)
      const { source, facts: picture } = subject
      const size = findShownSize(catalogue, name, { source, wanted: undefined, picture })
      const choice = listCandidates(size, subject.facts)
      const width = displayWidth ?? choice.display.width
      const listed = offeredFormats(subject, size).flatMap((format) =>
        choice.candidates.map((candidate) => {
          const density = Math.round((candidate.width / width) * 100) / 100
          return `url("${toUrl(subject, candidate.text, format)}") type("${contentTypeOf(format)}") ${density}x`
        }),
      )
      return `image-set(${listed.join(', ')})`
    },
    openGraph: (text, name, { site, alt, ...options } = {}) => {
      const subject = find(text, options)
      const size = findSize(catalogue, name, subject.source)
      checkDrawn(catalogue, subject.source, size)
      const formats = formatsOf(subject, size)
      const format = formats.find((each) => each === 'jpg' || each === 'png') ?? fallbackFormat(subject, size)
      const { text: transformText, width, height } = largest(listCandidates(size, subject.facts))
      const url = toUrl(subject, transformText, format)
      return toOpenGraph(subject.source, { url, width, height, format }, { site, alt })
    },
    placeholder: (text) => {
      const thumbhash = catalogue.factsOf(catalogue.toSource(text))?.thumbhash
      return thumbhash === undefined ? undefined : toPlaceholderUrl(thumbhash)
    },
    facts: (text) => catalogue.factsOf(catalogue.toSource(text)),
  }
}

/** What is known of a source, else what the caller says. Problems `picture-size-unknown`, `picture-size-invalid`. */
const requireFacts = (
  catalogue: Catalogue,
  source: SourceKey,
  { width, height }: SrcSetOptions,
): ImageFacts => {
  const known = catalogue.factsOf(source)
  if (known !== undefined) return known
  if (width === undefined || height === undefined)
    throw new Problem('picture-size-unknown', `The size of ${source} is not known.`, {
      subject: source,
      hint: 'Give images.json (imgsizes build --images images.json), or the width and height of the original.',
    })
  if (isSide(width) && isSide(height)) return { width, height }
  throw new Problem('picture-size-invalid', `${width}×${height} cannot be the size of ${source}.`, {
    subject: source,
    hint: 'Give the width and height of the original in whole pixels.',
  })
}

const isSide = (side: number): boolean => Number.isInteger(side) && side >= 1

/** Readers of Open Graph do not show vectors. */
const checkDrawn = (catalogue: Catalogue, source: SourceKey, size: PageSize): void => {
  if (!showsVector(catalogue, source, size)) return
  throw new Problem('picture-not-drawn', `The size ${size.name} shows ${source} as a vector.`, {
    subject: source,
    hint: `Set draw: true in the size ${size.name}, or use a size that draws.`,
  })
}

/** The page's own text, else that of the override. Without one, only people who need it would notice. */
const findAlt = (
  catalogue: Catalogue,
  source: SourceKey,
  options: { readonly alt?: unknown } | undefined,
): string => {
  const alt = options?.alt ?? catalogue.overrideOf(source)?.alt
  if (typeof alt === 'string') return alt
  throw new Problem('picture-alt-missing', `The picture of ${source} has no alt.`, {
    subject: source,
    hint: 'Describe in alt what it shows, or set alt: "" where it is only decoration.',
  })
}
