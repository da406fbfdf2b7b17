import type { SourceKey } from '../core/source-key.ts'
import type { Catalogue, PageSize } from './catalogue.ts'
import { findSize } from './find-size.ts'
import { type Images, openImages } from './images.ts'
import { fallbackFormat, formatsOf, type Picture, type Subject, toPicture } from './picture-data.ts'
import type { ImageTag } from './read-page.ts'
import { sizesOfTag } from './tag-place.ts'

/** Markup of sources, for pages that there are already, too. */
export interface PagePictures extends Images {
  /**
   * The picture of a built source in the place of a tag; of one that is to be alone, an `<img>` in one format that
   * every browser shows. Problems `size-unknown`, `url-not-signed`.
   */
  inPlaceOf(
    tag: ImageTag,
    source: SourceKey,
    shown: { readonly size: string; readonly isAlone: boolean },
  ): PlacedPicture
}

/** A picture in the place of a tag; with its text where somebody has said one, for a tag that has none. */
export type PlacedPicture = Picture & { readonly alt?: string }

/** All that rewritten pages need, from a catalogue. `placedBaseUrl` in place of its own for what takes a tag's place. */
export const openPagePictures = (
  catalogue: Catalogue,
  { placedBaseUrl = catalogue.baseUrl }: { readonly placedBaseUrl?: string } = {},
): PagePictures => ({
  ...openImages(catalogue),
  inPlaceOf: (tag, source, { size: name, isAlone }) => {
    const facts = catalogue.factsOf(source)
    if (facts === undefined) throw new Error(`nothing is known of ${source}`)
    const size = findSize(catalogue, name, source)
    const sizes = sizesOfTag(tag, size, facts)
    const subject = { catalogue: { ...catalogue, baseUrl: placedBaseUrl }, source, facts }
    const alt = catalogue.overrideOf(source)?.alt
    const picture = toPicture(subject, [{ size: isAlone ? inOneFormat(subject, size) : size }], {
      alt: '',
      // Whether the browser may measure it is decided with the tag.
      loading: 'eager',
      ...(sizes !== undefined && { sizes }),
    })
    return alt === undefined ? picture : { ...picture, alt }
  },
})

/** WebP where it is made, which every browser of today shows; else what every browser ever did. */
const inOneFormat = (subject: Subject, size: PageSize): PageSize => {
  const formats = formatsOf(subject, size)
  return { ...size, formats: [formats.includes('webp') ? 'webp' : fallbackFormat(subject, size)] }
}
