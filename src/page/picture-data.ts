import {
  canHoldFrames,
  contentTypeOf,
  type Format,
  originalFormatOf,
  resolveFormats,
} from '../core/format.ts'
import type { SourceKey } from '../core/source-key.ts'
import { formatUrl } from '../url/path.ts'
import { type Candidate, type Choice, listCandidates } from './candidates.ts'
import type { Catalogue, ImageFacts, PageSize } from './catalogue.ts'
import { offerFormats } from './format-order.ts'
import { type Placeholder, toBackground } from './placeholder.ts'

/** Attributes of a `<source>`, as JSX names them. */
export interface PictureSource {
  readonly media?: string
  readonly type?: string
  readonly srcSet: string
  readonly sizes?: string
  /** Only with `media`: they replace those of the `<img>`, which are the same otherwise. */
  readonly width?: number
  readonly height?: number
}

/** Attributes of the `<img>`, as JSX names them. */
export interface PictureImg {
  readonly src: string
  readonly srcSet?: string
  readonly sizes?: string
  /** CSS pixels that the page reserves. */
  readonly width: number
  readonly height: number
  readonly alt: string
  readonly loading: 'lazy' | 'eager'
  readonly decoding: 'async' | 'sync' | 'auto'
  readonly fetchPriority?: 'high' | 'low' | 'auto'
  readonly className?: string
  readonly style?: Readonly<Record<string, string>>
}

/** A `<picture>` as data: its `<source>`s in order, and its `<img>`. */
export interface Picture {
  readonly sources: readonly PictureSource[]
  readonly img: PictureImg
}

/** What a page says of one picture, in addition to its source and size. */
export interface PictureOptions {
  /** What it shows, in words; "" for decoration. Default: the alt of the picture's override. */
  readonly alt?: string | undefined
  /**
   * How wide the picture is shown, so that the browser can choose. Default for a size with `widths` or `heights`: its
   * configured `sizes`, else `(max-width: Wpx) 100vw, Wpx`, after `auto` where it loads lazily.
   */
  readonly sizes?: string | undefined
  /** Default `lazy`; `eager` for pictures that are visible first. */
  readonly loading?: 'lazy' | 'eager'
  /** Default `async`. */
  readonly decoding?: 'async' | 'sync' | 'auto'
  /** How urgently the browser fetches it: `high` for the largest picture that is visible first. Default: not set. */
  readonly fetchPriority?: 'high' | 'low' | 'auto'
  /** The `class` of the `<img>`. Default: none. */
  readonly class?: string
  /** What is shown until the picture is loaded; needs images.json. Default: nothing. */
  readonly placeholder?: Placeholder | false
  /** The original's size in pixels (as shown), if images.json does not have it. */
  readonly width?: number
  readonly height?: number
  /** When its links expire: required where `serve.expiring` is on, and refused elsewhere. */
  readonly expires?: Date
}

/** One original that a page shows. */
export interface Subject {
  readonly catalogue: Catalogue
  readonly source: SourceKey
  readonly facts: ImageFacts
  readonly expires?: Date | undefined
}

/** One alternative of a picture: a size, and the screens it is for. */
export interface Scene {
  readonly size: PageSize
  readonly media?: string
}

/** `scenes` in order; the last one is the default. */
export const toPicture = (
  subject: Subject,
  scenes: readonly Scene[],
  options: PictureOptions & { readonly alt: string },
): Picture => {
  const last = scenes.at(-1)
  if (last === undefined) throw new Error('a picture without a size')
  const sources = scenes.flatMap((scene) => toSources(subject, scene, options))
  const format = fallbackFormat(subject, last.size)
  const choice = choose(subject, last.size, options)
  const placeholder = options.placeholder && toBackground(subject.facts, options.placeholder)
  const { candidates, display } = choice
  return {
    sources,
    img: {
      src: toUrl(subject, largest(choice).text, format),
      ...((candidates.length > 1 || choice.hasWidths) && { srcSet: toSrcSet(subject, choice, format) }),
      ...toSizes(choice, last.size, options),
      ...display,
      alt: options.alt,
      loading: options.loading ?? 'lazy',
      decoding: options.decoding ?? 'async',
      ...(options.fetchPriority && { fetchPriority: options.fetchPriority }),
      ...(options.class !== undefined && { className: options.class }),
      ...(placeholder && { style: { background: placeholder } }),
    },
  }
}

/** A `<source>` for each format except the fallback; with a media query, for that one too. */
const toSources = (subject: Subject, scene: Scene, options: PlaceOptions): readonly PictureSource[] => {
  const choice = choose(subject, scene.size, options)
  const fallback = fallbackFormat(subject, scene.size)
  const modern = offeredFormats(subject, scene.size).filter((format) => format !== fallback)
  return [...modern, ...(scene.media === undefined ? [] : [fallback])].map((format) => ({
    ...(scene.media !== undefined && { media: scene.media }),
    ...(format !== fallback && { type: contentTypeOf(format) }),
    srcSet: toSrcSet(subject, choice, format),
    ...toSizes(choice, scene.size, options),
    ...(scene.media !== undefined && choice.display),
  }))
}

type PlaceOptions = Pick<PictureOptions, 'sizes' | 'loading'>

const choose = ({ facts }: Subject, size: PageSize, { sizes }: PlaceOptions): Choice =>
  listCandidates(size, facts, sizes !== undefined)

/**
 * The formats of a size that can show the original, in the order in which a browser takes the first that it supports:
 * the configured order; for an animation, only formats that move.
 */
export const formatsOf = ({ catalogue, source, facts }: Subject, size: PageSize): readonly Format[] => {
  const formats = resolveFormats(size.formats ?? catalogue.formats, source)
  if (facts.isAnimated !== true) return formats
  const moving = formats.filter((format) => format !== 'svg' && canHoldFrames(format))
  return moving.length === 0 ? formats : moving
}

/** Those formats that save bytes, the smallest first, if images.json or the ledger knows that. */
export const offeredFormats = (subject: Subject, size: PageSize): readonly Format[] =>
  offerFormats(formatsOf(subject, size), fallbackFormat(subject, size), subject.facts.smallest)

/** The format that every browser shows. */
export const fallbackFormat = (subject: Subject, size: PageSize): Format =>
  pickFallback(formatsOf(subject, size), subject.source)

/** What every browser shows: the original's format, or the last one where that is not made. */
export const pickFallback = (formats: readonly Format[], source: string): Format => {
  const original = originalFormatOf(source)
  return formats.includes(original) ? original : (formats.at(-1) ?? original)
}

/** The last candidate. */
export const largest = ({ candidates }: Choice): Candidate => {
  const last = candidates.at(-1)
  if (last === undefined) throw new Error('no candidates')
  return last
}

/** `srcset` of one format. */
export const toSrcSet = (subject: Subject, { candidates }: Choice, format: Format): string =>
  candidates.map(({ text, descriptor }) => `${toUrl(subject, text, format)} ${descriptor}`.trim()).join(', ')

/** Where the page says nothing better: as wide as the picture, but no wider than the window. */
export const sizesUpTo = (width: number): string => `(max-width: ${width}px) 100vw, ${width}px`

const toSizes = ({ hasWidths, display }: Choice, size: PageSize, { sizes, loading }: PlaceOptions) => {
  if (!hasWidths) return {}
  if (sizes !== undefined) return { sizes }
  const known = dropAuto(size.sizes ?? '') || sizesUpTo(display.width)
  // A lazy picture is laid out before it loads: the browser measures it, or does not know `auto` and ignores it.
  return { sizes: loading === 'eager' ? known : `auto, ${known}` }
}

/** `sizes` without `auto` at the front, which is only for lazy pictures. */
export const dropAuto = (sizes: string): string => sizes.replace(/^\s*auto\s*(?:,\s*|$)/i, '')

/** The signed URL of one result; the version of its source is added to the transform, unless it has one. */
export const toUrl = (
  { catalogue, source, facts, expires }: Omit<Subject, 'facts'> & { readonly facts?: ImageFacts | undefined },
  transformText: string,
  format: Format | 'auto',
): string => {
  const version = catalogue.hasVersions && !VERSIONED.test(transformText) ? facts?.version : undefined
  const text = version === undefined ? transformText : `${transformText}.v-${version}`
  const key = `${source}/${text}.${catalogue.sign(source, text)}.${format}`
  return formatUrl(catalogue.baseUrl, key) + catalogue.linkQuery(key, expires)
}

const VERSIONED = /\.v-[0-9a-f]{10}$/
