import type { PictureImg, PictureSource } from './picture-data.ts'

/** `text` as the value of an attribute in double quotes; it is also safe between tags. */
const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** A picture whose size may be unknown. */
export interface PictureMarkup {
  readonly sources: readonly PictureSource[]
  readonly img: UnsizedImg
}

type UnsizedImg = Omit<PictureImg, 'width' | 'height'> & Partial<Pick<PictureImg, 'width' | 'height'>>

/** A picture as HTML: a `<picture>`, with `between` between its parts. */
export const formatPicture = ({ sources, img }: PictureMarkup, between = ''): string =>
  [
    '<picture>',
    ...sources.map(formatSource),
    `<img${formatAttributes(toImgAttributes(img))}>`,
    '</picture>',
  ].join(between)

const formatSource = ({ srcSet, ...rest }: PictureSource): string =>
  `<source${formatAttributes({ media: rest.media, type: rest.type, srcset: srcSet, ...rest })}>`

/** The attributes of the `<img>` by their names in HTML, in the order in which they are written. */
const toImgAttributes = (img: UnsizedImg): Attributes => {
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
type Attributes = Readonly<Record<string, string | number | undefined>>

/** Attributes as in a tag, each with a space before it. */
export const formatAttributes = (attributes: Attributes): string =>
  Object.entries(attributes)
    .map(([name, value]) => (value === undefined ? '' : ` ${name}="${escapeHtml(String(value))}"`))
    .join('')

const formatStyle = (style: Readonly<Record<string, string>>): string =>
  Object.entries(style)
    .map(([name, value]) => `${name}:${value}`)
    .join(';')
