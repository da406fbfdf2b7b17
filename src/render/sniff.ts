import { readMarkupStart } from './svg/read-markup.ts'

/** The formats that can be read, by their bytes. */
export type MediaFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'gif' | 'tiff' | 'svg' | 'bmp' | 'ico'

/**
 * Whether a picture is rotated as its EXIF says. As in browsers (tried in Chromium and Firefox): JPEGs, PNGs whose
 * `eXIf` comes before the pixels, AVIFs by their own properties; never WebPs, never by XMP. No browser shows a TIFF;
 * other programs rotate those. sharp cannot rotate an animation.
 */
export const obeysOrientation = (mediaFormat: MediaFormat, frames: number): boolean =>
  frames === 1 && mediaFormat !== 'webp'

/**
 * The format of `bytes` by their first bytes, never by a name; undefined where they are no picture that can be read.
 */
export const sniffMedia = (bytes: Uint8Array): MediaFormat | undefined => {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, SVG_HEAD_BYTES))
  const text = head.toString('latin1')
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg'
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png'
  if (/^GIF8[79]a/.test(text)) return 'gif'
  if (/^RIFF[\s\S]{4}WEBP/.test(text)) return 'webp'
  if (/^(?:II[*+]\0|MM\0[*+])/.test(text)) return 'tiff'
  if (/^BM[\s\S]{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\0\0\0/.test(text)) return 'bmp'
  if (/^\0\0[\x01\x02]\0[\x01-\xff]\0/.test(text)) return 'ico'
  if (text.slice(4, 8) === 'ftyp') return isAvif(head) ? 'avif' : undefined
  return /^<(?:[\w-]+:)?svg[\s>/]/.test(skipProlog(readMarkupStart(head))) ? 'svg' : undefined
}

/** ISO/IEC 23008-12: the major brand, then (after a version) the compatible ones, four characters each. */
const isAvif = (head: Buffer): boolean => {
  const boxBytes = Math.min(head.length, head.readUInt32BE(0))
  const brands: readonly string[] = head.toString('latin1', 8, boxBytes).match(/[\s\S]{4}/g) ?? []
  return brands.includes('avif') || brands.includes('avis')
}

// The prolog may contain comments of any length (Illustrator writes some); beyond 64 KB it is no picture of a site.
const SVG_HEAD_BYTES = 65_536

/**
 * The text after byte order mark, declarations, comments and DOCTYPE. A loop, because a single expression would
 * backtrack.
 */
const skipProlog = (text: string): string => {
  let rest = text.trimStart()
  for (let end = prologEnd(rest); end !== undefined; end = prologEnd(rest)) {
    const at = rest.indexOf(end)
    if (at < 0) return ''
    rest = rest.slice(at + end.length).trimStart()
  }
  return rest
}

/** What ends the part of a prolog at the beginning of `text`. */
const prologEnd = (text: string): string | undefined => {
  if (text.startsWith('<?')) return '?>'
  if (text.startsWith('<!--')) return '-->'
  const doctype = /^<!DOCTYPE\s+svg[^[>]*[[>]/i.exec(text)?.[0]
  return doctype?.endsWith('[') ? ']>' : doctype && '>'
}
