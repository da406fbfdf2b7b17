import type { Picture, PictureImg, PictureSource } from './picture-data.ts'

/** `text` as the value of an attribute in double quotes; the result is safe in text, too. */
export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** A picture as HTML: one `<picture>`, without white space between its parts. */
export const formatPicture = ({ sources, img }: Picture): string =>
  `<picture>${sources.map(formatSource).join('')}<img${formatAttributes(toImgAttributes(img))}></picture>`

/** A `<source>` as HTML. */
export const formatSource = ({ srcSet, ...rest }: PictureSource): string =>
  `<source${formatAttributes({ media: rest.media, type: rest.type, srcset: srcSet, ...rest })}>`

/** The attributes of the `<img>` by their names in HTML, in the order in which they are written. */
const toImgAttributes = (img: PictureImg): Attributes => {
  const { src, srcSet, sizes, width, height, alt, loading, decoding, fetchPriority, className, style } = img
  return {
    src,
    srcset: srcSet,
    sizes,
    width,
    height,
    alt,
    loading,
    decoding,
    fetchpriority: fetchPriority,
    class: className,
    style: style && formatStyle(style),
  }
}

/** Values by name; undefined ones are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>

/** Attributes as they stand in a tag, each with a space before it. */
export const formatAttributes = (attributes: Attributes): string =>
  Object.entries(attributes)
    .map(([name, value]) => (value === undefined ? '' : ` ${name}="${escapeHtml(String(value))}"`))
    .join('')

const formatStyle = (style: Readonly<Record<string, string>>): string =>
  Object.entries(style)
    .map(([name, value]) => `${name}:${value}`)
    .join(';')
