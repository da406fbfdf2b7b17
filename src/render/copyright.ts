import readExif from 'exif-reader'

/** Who made the picture and who may use it: all that is kept of a source's metadata. */
export interface Credit {
  readonly copyright?: string
  readonly artist?: string
}

/** Copyright and Artist of an EXIF block; empty where it has neither or cannot be read. */
export const readCredit = (exif: Buffer | undefined): Credit => {
  if (exif === undefined) return {}
  const { Copyright, Artist } = parseExif(exif)
  const [copyright, artist] = [readText(Copyright), readText(Artist)]
  return { ...(copyright !== '' && { copyright }), ...(artist !== '' && { artist }) }
}

/** Whether it names nobody. */
export const isUnsigned = ({ copyright, artist }: Credit): boolean =>
  copyright === undefined && artist === undefined

/** The same as sharp's `withExif` takes it; undefined where there is nothing to write. */
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

/** libvips takes a last word in brackets for a note of its own and drops it; it may have one to drop. */
const guardTail = (text: string): string => (text.endsWith(')') ? `${text} (,)` : text)

/**
 * The same as XMP, where EXIF as libvips writes it cannot hold it: it turns "Jürgen" into "Jurgen", and a name in
 * any other script into question marks. Undefined where plain ASCII says it all.
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

// A camera's broken EXIF is no reason to refuse its picture, and exif-reader throws plain Errors of many kinds.
const parseExif = (exif: Buffer): { readonly Copyright?: unknown; readonly Artist?: unknown } => {
  try {
    return readExif(exif).Image ?? {}
  } catch {
    return {}
  }
}

/** EXIF says ASCII and means it seldom: exif-reader gives anything else as bytes, UTF-8 today, Latin 1 of old. */
const readText = (value: unknown): string => {
  if (typeof value === 'string') return clean(value)
  if (!(value instanceof Uint8Array)) return ''
  const utf8 = new TextDecoder().decode(value)
  return clean(utf8.includes('\ufffd') ? Buffer.from(value).toString('latin1') : utf8)
}

// EXIF ends its text with NUL and separates the photographer's from the editor's copyright with another.
const clean = (text: string): string =>
  text
    .replace(/\0+$/, '')
    .replaceAll('\0', '; ')
    .replaceAll(/[\u0000-\u001f\u007f]/g, ' ')
    .trim()
    .slice(0, 1000)
