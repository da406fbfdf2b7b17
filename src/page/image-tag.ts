import type { PageElement, PageTag } from './page-tags.ts'
import { type Dense, listDensities, listFiles } from './srcset.ts'

/** The files by which a tag shows a picture. */
export interface ShownFiles {
  readonly src: string
  /** Those among which its `srcset` lets the browser choose by width; undefined where it has none. */
  readonly files?: readonly string[] | undefined
  /** Those of a `srcset` by density, and its `src`, with their densities; undefined where it has none. */
  readonly densities?: readonly Dense[] | undefined
  /** Whether something else than these says how wide they are shown. */
  readonly isSized: boolean
}

/** An `<img>` with a `src`. */
export interface ImageTag extends PageTag, ShownFiles {
  /** As an element has it. */
  readonly isInDeck: boolean
  /** Its place among other elements. */
  readonly node: PageElement['node']
  /** Where a script for lazy loading finds its files; undefined where the tag shows them itself. */
  readonly later?: LaterFiles | undefined
  /** Why it is left as it is; undefined where it may be rewritten. */
  readonly keptAs?: 'responsive' | 'off' | 'scripted' | undefined
  /** Where a script counts on its place, as a selector; undefined where there is no sign of one. */
  readonly script?: string | undefined
  /** The framework that renders the picture again in the browser; undefined where there is no sign of one. */
  readonly hydratedBy?: string | undefined
}

/** `data-imgsizes` names a size, or says that a picture must be left alone. */
export const SIZE_ATTRIBUTE = 'data-imgsizes'

/** An element as an `<img>`; undefined where it shows no picture. */
export const toImage = (
  { name, isInPicture, isInDeck, hydratedBy, node }: PageElement,
  tag: PageTag,
): ImageTag | undefined => {
  if (name !== 'img') return undefined
  const { attributes } = tag
  const textOf = (name = ''): string => attributes.get(name)?.value.trim() ?? ''
  const own = { src: textOf('src'), srcset: textOf('srcset') }
  const names = [...attributes].flatMap(([name, { value }]) =>
    loadsLater(name, value) && value.trim() !== own.src ? [name] : [],
  )
  const later = toLater(names)
  const srcset = later === undefined ? own.srcset : textOf(later.srcset)
  const files = listFiles(srcset)
  const src = textOf(later?.src) || (later && files?.[0]) || own.src
  if (src === '') return undefined
  const isScripted =
    [...attributes].some(([name, { value }]) => changesSource(name, value)) ||
    (names.length > 0 && (later === undefined || (srcset !== '' && files === undefined)))
  const kept = textOf(SIZE_ATTRIBUTE) === 'off' ? 'off' : isScripted ? 'scripted' : undefined
  // An empty `srcset`, as some templates write it, means nothing.
  const dense = files === undefined ? listDensities(own.srcset) : undefined
  const densities: ImageTag['densities'] =
    dense?.some(([, density]) => density === 1) === false ? [[src, 1], ...dense] : dense
  const isRead = (files ?? densities) !== undefined && names.length === 0 && kept === undefined
  const isKept = isInPicture || (own.srcset !== '' && !isRead)
  const isSized = readLength(textOf('width')) !== undefined
  const keptAs = isKept ? 'responsive' : kept
  return { ...tag, src, files, densities, isSized, isInDeck, node, hydratedBy, later, keptAs }
}

/** The names of the attributes that a script for lazy loading reads. */
interface LaterFiles {
  readonly src?: string
  readonly srcset?: string
}

/** Undefined where there are none, or more than one of a kind: it is not known which count. */
const toLater = (names: readonly string[]): LaterFiles | undefined => {
  const [srcset, ...srcsets] = names.filter((name) => name.endsWith('srcset'))
  const [src, ...others] = names.filter((name) => !name.endsWith('srcset'))
  if (names.length === 0 || srcsets.length + others.length > 0) return undefined
  return { ...(src !== undefined && { src }), ...(srcset !== undefined && { srcset }) }
}

/**
 * Whether an attribute lets a script change the `src` of its own tag, which a `srcset` would hide: `onmouseover`, or a
 * binding or a handler of Alpine or Vue. What `onerror` shows is seen all the same.
 */
const changesSource = (name: string, value: string): boolean =>
  /^(?:(?:[xv]-bind)?:|data-wp-bind--)src$/.test(name) ||
  (/^(?:on(?!error$)|@|[xv]-on:|hx-on:)/.test(name) &&
    /\b(?:this|target)\.src\s*=[^=]|\$el\.src\s*=[^=]/.test(value))

/**
 * Whether an attribute holds what a script for lazy loading puts in place of a placeholder, which is what `src` shows
 * until then. What names a larger file (`data-zoom-src`) is for a click.
 */
const loadsLater = (name: string, value: string): boolean =>
  /^data-(?:(?!.*(?:zoom|large|full|hi-?res))(?:.*-)?(?:src|srcset|original)|(?:.*-)?lazy(?:load)?|echo)$/.test(
    name,
  ) && /[./]/.test(value)

/** A number as HTML reads it in `width` and `height`, whatever follows: "300", "300px"; not a percentage. */
export const readLength = (text: string | undefined): number | undefined => {
  const [, number, unit] = /^\s*(\d+(?:\.\d+)?)(.?)/.exec(text ?? '') ?? []
  return number === undefined || unit === '%' ? undefined : Number(number)
}
