import { formatAttributes } from './format-picture.ts'
import { toPreload } from './head.ts'
import { type ImageTag, SIZE_ATTRIBUTE } from './image-tag.ts'
import type { Picture } from './picture-data.ts'
import type { PreloadTag } from './read-page.ts'

/** A part of a page's text, perhaps empty, and the text that replaces it. */
export interface TextEdit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** `text` after edits that do not overlap; of several at one place, the first comes first. */
export const applyEdits = (text: string, edits: readonly TextEdit[]): string => {
  const parts: string[] = []
  let at = 0
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    parts.push(text.slice(at, edit.start), edit.text)
    at = edit.end
  }
  return parts.join('') + text.slice(at)
}

/** The same edit with character references in place of all that is not ASCII. */
export const toAscii = (edit: TextEdit): TextEdit => ({
  ...edit,
  text: edit.text.replace(/[^\0-\x7f]/gu, (char) => `&#${char.codePointAt(0)};`),
})

/** The size that a tag names; undefined where it names none. */
export const sizeOfTag = ({ attributes }: ImageTag): string | undefined => {
  const text = attributes.get(SIZE_ATTRIBUTE)?.value.trim()
  return text === '' ? undefined : text
}

/**
 * Before what a tag's `onerror` says: else the picture that a handler shows instead (`this.src = …`) would not be seen,
 * and the one that is missing be asked for again and again.
 */
const FORGET_SRCSET = "this.removeAttribute('srcset');"
const FORGET_SOURCES = "for(let s of this.parentNode.querySelectorAll('source'))s.remove();"

/**
 * The edits that make an `<img>` a picture: its tag keeps all attributes except the files. It is still the only box
 * that CSS lays out, because `<picture>` has none, nor have `<source>`s, which would otherwise be items of a grid. No
 * width or height is added: CSS that sets only one side would stretch the picture.
 */
export const editTag = (
  { start, end, attributes, later }: ImageTag,
  { sources, img, alt }: Picture & { readonly alt?: string },
  { isXml = false }: { readonly isXml?: boolean } = {},
): readonly TextEdit[] => {
  if (later !== undefined) {
    const laterFiles = [
      [later.src, img.src],
      [later.srcset, img.srcSet ?? img.src],
    ] as const
    return laterFiles.flatMap(([name = '', value]) => {
      const attribute = attributes.get(name)
      return attribute ? [{ ...attribute, text: formatAttributes({ [name]: value }).trimStart() }] : []
    })
  }
  const src = attributes.get('src')
  if (src === undefined) throw new Error('a tag without src')
  const replaced = [attributes.get('srcset'), img.sizes === undefined ? undefined : attributes.get('sizes')]
  const files = {
    // A tag without alt shows no decision of its author; alt="" is one.
    ...(alt !== undefined && !attributes.has('alt') && { alt }),
    // Styles may find it by its fragment, as "#only-dark" of MkDocs' themes.
    src: img.src + (/#.*/s.exec(src.value.trim())?.[0] ?? ''),
    srcset: img.srcSet,
    sizes: img.sizes,
  }
  const sourceTags = sources.map(
    ({ type, srcSet, sizes }) =>
      `<source${formatAttributes({ hidden: '', type, srcset: srcSet, sizes })}${isXml ? ' />' : '>'}`,
  )
  const onerror = attributes.get('onerror')
  const forget = FORGET_SRCSET + (sources.length > 0 ? FORGET_SOURCES : '')
  const edits = [
    { ...src, text: formatAttributes(files).trimStart() },
    ...replaced.flatMap((attribute) => (attribute === undefined ? [] : [{ ...attribute, text: '' }])),
    ...(onerror === undefined
      ? []
      : [{ ...onerror, text: formatAttributes({ onerror: forget + onerror.value }).trimStart() }]),
  ]
  if (sources.length === 0) return edits
  return [
    { start, end: start, text: `<picture style="display:contents">${sourceTags.join('')}` },
    ...edits,
    { start: end, end, text: '</picture>' },
  ]
}

/** The edits that make a `<link>` preload its picture's file in the first format instead of the original. */
export const editPreload = ({ attributes }: PreloadTag, picture: Picture): readonly TextEdit[] => {
  const [own, ...others] = ['imagesrcset', 'href', 'imagesizes', 'type'].flatMap(
    (name) => attributes.get(name) ?? [],
  )
  if (own === undefined) throw new Error('a link without files')
  const { link: _link, fetchpriority: _fetchpriority, ...files } = toPreload(picture)
  return [
    { ...own, text: formatAttributes(files).trimStart() },
    ...others.map((attribute) => ({ ...attribute, text: '' })),
  ]
}
