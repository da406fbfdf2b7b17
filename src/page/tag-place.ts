import type { Size } from '../core/geometry.ts'
import { largestSize } from '../core/preparation.ts'
import { isFluid, listCandidates } from './candidates.ts'
import type { ImageFacts, PageSize } from './catalogue.ts'
import type { BoxHeight } from './cover-height.ts'
import { type ImageTag, readLength } from './image-tag.ts'
import { dropAuto, sizesUpTo } from './picture-data.ts'

/**
 * The `sizes` of a picture that replaces a tag; undefined where the size itself says how wide it is shown. What
 * the tag says of its width decides: its `sizes`, its `style`, its `width`; then what the size says.
 *
 * A browser also takes `sizes` for the picture's natural width, so it is never more than the original's width was.
 * Where the tag says nothing, it is that width, or that of a smaller copy which the tag shows, so that CSS has the same
 * effect as before.
 */
export const sizesOfTag = (
  tag: ImageTag,
  size: PageSize,
  facts: ImageFacts,
  { copyWidth, cover }: Shown = {},
): string | undefined => {
  // The browser chose by these among other files of the picture, and does so as before.
  if (tag.files !== undefined) return tag.attributes.get('sizes')?.value.trim() || '100vw'
  const { sizes: own, width = copyWidth } = readPlace(tag)
  if (own === undefined && !isFluid(size)) {
    const { display } = listCandidates(size, facts)
    if (width === undefined || width === display.width) return undefined
  }
  const sizes = own ?? size.sizes ?? ''
  const natural = naturalWidth(size, facts)
  const most = Math.min(width ?? natural, natural)
  if (own === undefined && tag.isInDeck) return `${Math.min(most * DECK_SCALE, natural)}px`
  if (own === undefined && isMapped(tag)) return `${most}px`
  const limited = limitSizes(dropAuto(sizes), most)
  if (cover !== undefined && copyWidth === undefined && (own ?? size.sizes) === undefined)
    return coverSizes(limited, cover, { width, most, shape: listCandidates(size, facts).display })
  return `${mayBeMeasured(tag, sizes, facts) ? 'auto, ' : ''}${limited}`
}

/** What the page says of the picture that a tag shows. */
export interface Shown {
  /** How wide it is, where it is a smaller copy. */
  readonly copyWidth?: number | undefined
  /** How high its box is, where it covers that and is cropped. */
  readonly cover?: BoxHeight | undefined
}

/** `sizes` of up to `most` pixels for a picture of a shape that covers a box, so that it is as high as that. */
const coverSizes = (
  sizes: string,
  { value, unit }: BoxHeight,
  { width, most, shape }: { readonly width: number | undefined; readonly most: number; readonly shape: Size },
): string => {
  // Of a box as wide as what is around it, a part is as high as the box is: it is not known how wide that is.
  if (unit === 'ratio' && width === undefined) return sizes
  const high = unit === 'ratio' ? (width ?? 0) / value : value
  const needed = Math.ceil((high * shape.width) / shape.height)
  if (unit === 'vh') return `(max-aspect-ratio: ${needed} / 100) ${needed}vh, ${sizes}`
  return needed < most ? `(max-width: ${needed}px) ${needed}px, ${sizes}` : `${needed}px`
}

/** Whether the tag or the size says how wide the picture is shown, or there is one file only to choose from. */
export const saysWidth = (tag: ImageTag, size: PageSize, facts: ImageFacts): boolean => {
  const { sizes, width } = readPlace(tag)
  if (
    tag.files !== undefined ||
    !isFluid(size) ||
    tag.isInDeck ||
    isMapped(tag) ||
    (sizes ?? size.sizes ?? width) !== undefined
  )
    return true
  return listCandidates(size, facts).candidates.length === 1
}

/** Whether places on it are pixels of the original, whatever the window. */
const isMapped = ({ attributes }: ImageTag): boolean => attributes.has('usemap') || attributes.has('ismap')

/** How much larger a slide is shown at most by reveal.js. */
const DECK_SCALE = 2

/** How wide a tag says that it is shown: as `sizes`, and in pixels at most. */
interface Place {
  readonly sizes?: string
  readonly width?: number
}

const readPlace = ({ attributes }: ImageTag): Place => {
  const own = attributes.get('sizes')?.value.trim()
  if (own) return { sizes: own }
  const { width: styled, 'max-width': most } = readStyle(attributes.get('style')?.value)
  const width = styled === undefined ? readLength(attributes.get('width')?.value) : mostPixels(styled)
  const shown = Math.ceil(
    Math.min(width ?? Number.POSITIVE_INFINITY, mostPixels(most) ?? Number.POSITIVE_INFINITY),
  )
  return {
    ...(styled !== undefined && OF_WINDOW.test(styled) && { sizes: styled }),
    ...(shown >= 1 && shown < Number.POSITIVE_INFINITY && { width: shown }),
  }
}

/** The declarations of a `style`, the last of each name; good enough for lengths, which contain no ";" or ":". */
const readStyle = (style = ''): Readonly<Record<string, string>> =>
  Object.fromEntries(
    style.split(';').flatMap((declaration) => {
      const [name, value] = declaration.split(':')
      if (name === undefined || value === undefined) return []
      return [[name.trim().toLowerCase(), value.replace(/!.*$/s, '').trim()]]
    }),
  )

/** Lengths with the same meaning in `sizes` as in a `style`, which every browser can read there. */
const OF_WINDOW = /^(?:[\d.]+vw|calc\((?:[\d.\s()+*/-]|vw|px|rem)+\))$/i

/**
 * The most pixels that a length in CSS can be; undefined where unknown. A `rem` is 16 pixels, as in
 * `sizes`; an `em` depends on the elements around. For a length with a percentage, the natural width matters as well,
 * where a box is laid out by its content: nothing is known then.
 */
const mostPixels = (length = '', depth = 0): number | undefined => {
  if (length.includes('%') || depth > DEEPEST) return undefined
  const [, name, list = ''] = /^(min|max|clamp)\((.*)\)$/is.exec(length) ?? []
  if (name === undefined) return /(?<!r)em$/i.test(length) ? undefined : toPixels(length)
  const bounds = splitOutside(list, ',').map((bound) => mostPixels(bound, depth + 1))
  // Sorted: a page may list more than a call of Math.min takes.
  const known = bounds.filter((bound) => bound !== undefined)
  if (name.toLowerCase() === 'min') return known.sort((a, b) => a - b)[0]
  // In `clamp(least, wished, most)`, the least takes precedence over the most.
  const counted = name.toLowerCase() === 'clamp' ? [bounds[0], bounds[2]] : bounds
  return counted.includes(undefined) ? undefined : known.sort((a, b) => b - a)[0]
}

/** Functions within functions: more of them than any page has. */
const DEEPEST = 8

/** For a list of widths, the original's width after rotation and crop; else the width of the largest result. */
const naturalWidth = (size: PageSize, facts: ImageFacts): number => {
  const [first] = size.transforms
  if (first !== undefined && isFluid(size))
    return largestSize({ ...first.transform, resize: { kind: 'full' } }, facts).width
  return Math.max(...listCandidates(size, facts).candidates.map(({ width }) => width))
}

/**
 * Whether `auto` is possible in `sizes`: it was asked for, and the tag alone says how large the picture is. The browser
 * then lays out the picture as if it had no natural size: without both sides it would shrink, and with other
 * proportions its height would change.
 */
const mayBeMeasured = ({ attributes }: ImageTag, sizes: string, { width, height }: ImageFacts): boolean => {
  if (!/^\s*auto\s*(?:,|$)/i.test(sizes)) return false
  if (attributes.get('loading')?.value.trim().toLowerCase() !== 'lazy') return false
  const [ownWidth, ownHeight] = [attributes.get('width'), attributes.get('height')].map((each) =>
    readLength(each?.value),
  )
  if (ownWidth === undefined || ownHeight === undefined) return false
  return Math.abs(ownHeight - (ownWidth * height) / width) <= 1
}

/**
 * The attribute `sizes` with no width above `most` pixels; where it is empty, that width. Without `min()`,
 * which some browsers in use do not accept here (Safari before 26.4): a width that cannot be compared is replaced by
 * `most` in windows where it may be larger.
 */
export const limitSizes = (sizes: string, most: number): string =>
  sizes.trim() === ''
    ? sizesUpTo(most)
    : splitOutside(sizes, ',')
        .flatMap((entry) => limitEntry(entry, most))
        .join(', ')

/** One entry: a media condition, if any, and then the width. */
const limitEntry = (entry: string, most: number): readonly string[] => {
  const words = splitOutside(entry, ' ')
  const width = words.at(-1) ?? ''
  const condition = words.slice(0, -1).join(' ')
  const pixels = toPixels(width)
  if (pixels !== undefined) return [pixels > most ? `${condition} ${most}px`.trim() : entry]
  // For another calculation the share is not known; usually it is less than the window.
  const share = Number(AT_MOST_SHARE.exec(width)?.[1] ?? 100)
  const widest = Math.floor((most * 100) / share)
  const asked = toPixels(/^\(\s*max-width:\s*([^()]+)\)$/.exec(condition)?.[1])
  if (!Number.isFinite(widest) || (asked !== undefined && asked <= widest)) return [entry]
  const isWide = `(min-width: ${widest + 1}px)`
  return [`${condition === '' ? isWide : `${enclose(condition)} and ${isWide}`} ${most}px`, entry]
}

/** At most such a share of the window: `50vw`, `calc(50vw - 20px)`. */
const AT_MOST_SHARE = /^(?:calc\(\s*)?([\d.]+)vw(?:\s+-\s+[\d.]+(?:px|r?em)\s*\))?$/i

/** Terms joined only by `and` stay as they are; anything else gets brackets. */
const enclose = (condition: string): string =>
  /^\([^()]*\)(?: and \([^()]*\))*$/.test(condition) ? condition : `(${condition})`

/** `rem` and `em` are 16 pixels here, as in browsers unless their users change it. */
const toPixels = (length = ''): number | undefined => {
  const [, number, unit] = /^(\d*\.?\d+)(px|rem|em)$/i.exec(length) ?? []
  return number === undefined ? undefined : Number(number) * (unit?.toLowerCase() === 'px' ? 1 : 16)
}

/** The parts of a text between commas or spaces outside of brackets, without empty ones. */
const splitOutside = (text: string, separator: ',' | ' '): readonly string[] => {
  const parts = ['']
  let depth = 0
  for (const char of text.replace(/\s+/g, ' ')) {
    if (char === '(') depth++
    if (char === ')') depth--
    if (depth === 0 && char === separator) parts.push('')
    else parts.push(`${parts.pop() ?? ''}${char}`)
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}
