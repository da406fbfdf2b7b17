import { readTiffTags, TAG, type TiffTag } from './tiff-tags.ts'

/** Who made the picture and who may use it: the only metadata of a source that is kept. */
export interface Credit {
  readonly copyright?: string
  readonly artist?: string
}

/** Copyright and Artist of an EXIF block; empty where it has neither, or cannot be read. */
export const readCredit = (exif: Buffer | undefined): Credit => {
  if (exif === undefined) return {}
  const tiff = exif.subarray(exif.toString('latin1', 0, 6) === 'Exif\0\0' ? 6 : 0)
  const tags = readTiffTags(tiff)
  const copyright = readText(tiff, tags.get(TAG.copyright))
  const artist = readText(tiff, tags.get(TAG.artist))
  return { ...(copyright !== '' && { copyright }), ...(artist !== '' && { artist }) }
}

/** Whether it names nobody. */
export const isUnsigned = ({ copyright, artist }: Credit): boolean =>
  copyright === undefined && artist === undefined

/** The same in the form for sharp's `withExif`; undefined where there is nothing to write. */
export const toExif = (credit: Credit) => {
  const { copyright, artist } = credit
  return isUnsigned(credit)
    ? undefined
    : {
        IFD0: {
          ...(copyright !== undefined && { Copyright: guardTail(copyright) }),
          ...(artist !== undefined && { Artist: guardTail(artist) }),
        },
      }
}

/** libvips removes a last word in brackets, which it takes for its own note; so it gets one to remove. */
const guardTail = (text: string): string => (text.endsWith(')') ? `${text} (,)` : text)

/**
 * The same as XMP, for text that EXIF cannot hold as libvips writes it: it changes "Jürgen" to "Jurgen", and names in
 * other scripts to question marks. Undefined where plain ASCII is enough.
 */
export const toXmp = ({ copyright, artist }: Credit): string | undefined => {
  if (isAscii(copyright) && isAscii(artist)) return undefined
  const creator =
    artist && `<dc:creator><rdf:Seq><rdf:li>${escapeXml(artist)}</rdf:li></rdf:Seq></dc:creator>`
  const rights =
    copyright &&
    `<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">${escapeXml(copyright)}</rdf:li></rdf:Alt></dc:rights>`
  return (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
    `<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/">${creator ?? ''}${rights ?? ''}</rdf:Description>` +
    '</rdf:RDF></x:xmpmeta>'
  )
}

const isAscii = (text = ''): boolean => /^[ -~]*$/.test(text)

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** EXIF requires ASCII, but real files have UTF-8 today, and Latin 1 in the past. */
const readText = (tiff: Buffer, { type, count, from }: Partial<TiffTag> = {}): string => {
  if (!TEXT_TYPES.has(type) || count === undefined || from === undefined) return ''
  const bytes = tiff.subarray(from, from + Math.min(count, MOST_BYTES))
  const utf8 = new TextDecoder().decode(bytes)
  return clean(utf8.includes('\ufffd') ? bytes.toString('latin1') : utf8)
}

/** ASCII, and EXIF 3.0's UTF-8. */
const TEXT_TYPES: ReadonlySet<number | undefined> = new Set([2, 129])
const MOST_BYTES = 64 * 1024

// EXIF ends its text with NUL; another NUL separates the photographer's copyright from the editor's.
const clean = (text: string): string =>
  text
    .slice(0, 2_000) // the time of the next step grows with the square of the length
    .replace(/\0+$/, '')
    .replaceAll('\0', '; ')
    .replaceAll(/[\u0000-\u001f\u007f]/g, ' ')
    .trim()
    .slice(0, 1000)
    .toWellFormed()
