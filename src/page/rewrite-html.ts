import { type ImageTag, SIZE_ATTRIBUTE } from './find-images.ts'
import { formatAttributes, formatSource } from './format-picture.ts'
import type { Picture } from './picture-data.ts'

/** One tag and what takes its place. */
export interface TagEdit {
  readonly tag: ImageTag
  readonly picture: Picture
}

/** `html` with pictures in the place of tags, in the order of the text; all else stays as it is, byte for byte. */
export const rewriteHtml = (html: string, edits: readonly TagEdit[]): string => {
  const parts: string[] = []
  let at = 0
  for (const { tag, picture } of edits) {
    parts.push(html.slice(at, tag.start), toPictureText(html, tag, picture))
    at = tag.end
  }
  return parts.join('') + html.slice(at)
}

/** The size that a tag asks for; undefined where it leaves that to others. */
export const sizeOfTag = ({ attributes }: ImageTag): string | undefined => {
  const text = attributes.get(SIZE_ATTRIBUTE)?.value.trim()
  return text === '' ? undefined : text
}

/**
 * How wide the page shows the picture, for `sizes`: as its own `sizes` or `width` says. Undefined where it says
 * nothing.
 */
export const sizesOfTag = ({ attributes }: ImageTag): string | undefined => {
  const own = attributes.get('sizes')?.value
  if (own !== undefined) return own
  const width = readPixels(attributes.get('width')?.value)
  return width === undefined ? undefined : `(max-width: ${width}px) 100vw, ${width}px`
}

const toPictureText = (html: string, tag: ImageTag, picture: Picture): string =>
  `<picture>${picture.sources.map(formatSource).join('')}${toImgText(html, tag, picture)}</picture>`

/** The tag's own text, with another `src` and what it does not say itself. */
const toImgText = (html: string, { start, end, attributes }: ImageTag, { img }: Picture): string => {
  const src = attributes.get('src')
  if (src === undefined) throw new Error('a tag without src')
  const added = formatAttributes({
    src: img.src,
    srcset: img.srcSet,
    sizes: attributes.has('sizes') ? undefined : img.sizes,
    ...missingSides(attributes, img),
    decoding: attributes.has('decoding') ? undefined : img.decoding,
  })
  return html.slice(start, src.start) + added.trimStart() + html.slice(src.end, end)
}

/** Width and height where the tag says neither, or the one that goes with the other, so that nothing jumps. */
const missingSides = (
  attributes: ImageTag['attributes'],
  { width, height }: Picture['img'],
): { readonly width?: number; readonly height?: number } => {
  const [ownWidth, ownHeight] = [attributes.get('width')?.value, attributes.get('height')?.value]
  if (ownWidth === undefined && ownHeight === undefined) return { width, height }
  const pixels = readPixels(ownWidth ?? ownHeight)
  if (pixels === undefined || (ownWidth !== undefined && ownHeight !== undefined)) return {}
  return ownWidth === undefined
    ? { width: Math.max(1, Math.round((pixels * width) / height)) }
    : { height: Math.max(1, Math.round((pixels * height) / width)) }
}

const readPixels = (text: string | undefined): number | undefined =>
  text !== undefined && /^\s*[1-9][0-9]{0,4}\s*$/.test(text) ? Number(text) : undefined
