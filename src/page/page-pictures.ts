import type { SourceKey } from '../core/source-key.ts'
import type { Catalogue, PageSize } from './catalogue.ts'
import { findSize } from './find-size.ts'
import type { ImageTag } from './image-tag.ts'
import { type Images, openImages } from './images.ts'
import { fallbackFormat, formatsOf, type Picture, type Subject, toPicture } from './picture-data.ts'
import { type Shown, saysWidth, sizesOfTag } from './tag-place.ts'

/** Markup of sources, also for existing pages. */
export interface PagePictures extends Images {
  /**
   * The picture of a built source, to replace a tag; or, where only an `<img>` may stand, one in a format that
   * every browser shows. Problems `size-unknown`, `url-not-signed`.
   */
  inPlaceOf(
    tag: ImageTag,
    source: SourceKey,
    shown: Shown & { readonly size: string; readonly isAlone: boolean },
  ): PlacedPicture
}

/** A picture that replaces a tag; with the override's text, if there is one, for a tag without `alt`. */
export type PlacedPicture = Picture & { readonly alt?: string; readonly saysWidth: boolean }

/** Everything that rewritten pages need, from a catalogue. `placedBaseUrl` replaces its own in pictures for tags. */
export const openPagePictures = (
  catalogue: Catalogue,
  { placedBaseUrl = catalogue.baseUrl }: { readonly placedBaseUrl?: string } = {},
): PagePictures => {
  const placing = { ...catalogue, baseUrl: placedBaseUrl }
  const inPlaceOf: PagePictures['inPlaceOf'] = (tag, source, { size: name, isAlone, ...shown }) => {
    const facts = catalogue.factsOf(source)
    if (facts === undefined) throw new Error(`nothing is known of ${source}`)
    const size = findSize(catalogue, name, source)
    const sizes = sizesOfTag(tag, size, facts, shown)
    const subject = { catalogue: placing, source, facts }
    const alt = catalogue.overrideOf(source)?.alt
    const placed = toPicture(subject, [{ size: isAlone ? inOneFormat(subject, size) : size }], {
      alt: '',
      // Whether `auto` is possible is decided later, with the tag.
      loading: 'eager',
      sizes,
    })
    return {
      ...placed,
      saysWidth: shown.copyWidth !== undefined || saysWidth(tag, size, facts),
      ...(alt !== undefined && { alt }),
    }
  }
  return { ...openImages(catalogue), inPlaceOf }
}

/** WebP if it is made, which every current browser shows; else the format that every browser shows. */
const inOneFormat = (subject: Subject, size: PageSize): PageSize => {
  const formats = formatsOf(subject, size)
  return { ...size, formats: [formats.includes('webp') ? 'webp' : fallbackFormat(subject, size)] }
}
