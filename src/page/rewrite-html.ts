import { formatAttributes } from './format-picture.ts'
import { toPreload } from './head.ts'
import type { Picture } from './picture-data.ts'
import { type ImageTag, type PreloadTag, SIZE_ATTRIBUTE } from './read-page.ts'

/** A part of a page's text, perhaps an empty one, and what stands there from now on. */
export interface TextEdit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** `text` after edits that do not overlap; of several at one place the first given comes first. */
export const applyEdits = (text: string, edits: readonly TextEdit[]): string => {
  const parts: string[] = []
  let at = 0
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    parts.push(text.slice(at, edit.start), edit.text)
    at = edit.end
  }
  return parts.join('') + text.slice(at)
}

/** The size that a tag asks for; undefined where it leaves that to others. */
export const sizeOfTag = ({ attributes }: ImageTag): string | undefined => {
  const text = attributes.get(SIZE_ATTRIBUTE)?.value.trim()
  return text === '' ? undefined : text
}

/**
 * What makes a picture of an `<img>`: its tag keeps all that it says, but for other files. Of the boxes that CSS lays
 * out it is still the only one, for the `<picture>` has none, nor have the `<source>`s, which would be items of a
 * grid. No width or height is added: CSS that says one side alone would stretch the picture.
 */
export const editTag = (
  { start, end, attributes }: ImageTag,
  { sources, img, alt }: Picture & { readonly alt?: string },
  { isXml = false }: { readonly isXml?: boolean } = {},
): readonly TextEdit[] => {
  const src = attributes.get('src')
  if (src === undefined) throw new Error('a tag without src')
  const replaced = [attributes.get('srcset'), img.sizes === undefined ? undefined : attributes.get('sizes')]
  const files = {
    // A page that says nothing at all has nobody's decision; one that says alt="" has its author's.
    ...(alt !== undefined && !attributes.has('alt') && { alt }),
    src: img.src,
    srcset: img.srcSet,
    sizes: img.sizes,
  }
  const sourceTags = sources.map(
    ({ type, srcSet, sizes }) =>
      `<source${formatAttributes({ hidden: '', type, srcset: srcSet, sizes })}${isXml ? ' />' : '>'}`,
  )
  const edits = [
    { ...src, text: formatAttributes(files).trimStart() },
    ...replaced.flatMap((attribute) => (attribute === undefined ? [] : [{ ...attribute, text: '' }])),
  ]
  if (sources.length === 0) return edits
  return [
    { start, end: start, text: `<picture style="display:contents">${sourceTags.join('')}` },
    ...edits,
    { start: end, end, text: '</picture>' },
  ]
}

/** What makes a `<link>` that loads an original ahead load the file of its picture, in the format tried first. */
export const editPreload = ({ attributes }: PreloadTag, picture: Picture): readonly TextEdit[] => {
  const [href, type] = [attributes.get('href'), attributes.get('type')]
  if (href === undefined) throw new Error('a link without href')
  const { link: _link, fetchpriority: _fetchpriority, ...files } = toPreload(picture)
  return [
    { ...href, text: formatAttributes(files).trimStart() },
    ...(type === undefined ? [] : [{ ...type, text: '' }]),
  ]
}
