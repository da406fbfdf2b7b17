import { Problem } from '../core/problem.ts'

/** A kind of file that cannot be read, found by its first bytes. */
interface OtherKind {
  /** As in "It is a PDF document". */
  readonly words: string
  /** For a picture: what to do with it. */
  readonly advice?: string
}

/** The Problem for a complete picture of a kind that cannot be read; `words` as in "a PDF document". */
export const unsupported = (words: string, hint: string, cause?: unknown): Problem =>
  new Problem('image-unsupported', `It is ${words}, which cannot be read.`, {
    hint,
    ...(cause !== undefined && { cause }),
  })

const EXPORT = 'Save it as JPEG or PNG.'
/** The advice for a camera's raw file. */
export const DEVELOP = 'Develop it, and save it as JPEG.'

/** The Problem for bytes of no readable format: it says what they are, as far as the first bytes tell. */
export const toKindProblem = (bytes: Uint8Array): Problem => {
  if (bytes.length === 0) return new Problem('not-an-image', 'The file is empty.')
  const kind = findOtherKind(bytes)
  if (kind?.advice !== undefined) return unsupported(kind.words, kind.advice)
  return new Problem(
    'not-an-image',
    kind === undefined
      ? 'The content is no picture of a kind that can be read.'
      : `It is ${kind.words}, not a picture.`,
    { hint: kind === LFS_POINTER ? 'Fetch the file itself: git lfs pull.' : READABLE },
  )
}

const READABLE = 'JPEG, PNG, WebP, AVIF, GIF, TIFF, SVG, BMP and ICO can be read.'

const findOtherKind = (bytes: Uint8Array): OtherKind | undefined => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const head = view.toString('latin1', 0, HEAD_BYTES)
  if (head.slice(4, 8) === 'ftyp') return findByBrand(head)
  if (head.startsWith('PK\x03\x04')) return findArchive(view.toString('latin1', 0, ARCHIVE_BYTES))
  if (view.toString('latin1', view.length - 18, view.length - 2) === 'TRUEVISION-XFILE') return TARGA
  return (
    SIGNATURES.find(([signature]) => signature.test(head))?.[1] ??
    (isText(head) ? { words: 'text' } : undefined)
  )
}

const HEAD_BYTES = 1024
const ARCHIVE_BYTES = 4096

const LFS_POINTER: OtherKind = { words: 'a pointer that Git LFS has left in place of the file' }
const VIDEO: OtherKind = { words: 'a video' }
const TARGA: OtherKind = { words: 'a Targa picture', advice: EXPORT }

/** ISO base media: the major brand, then, after a version, the compatible ones. */
const findByBrand = (head: string): OtherKind => {
  const brands = head.slice(8, Math.max(12, head.charCodeAt(2) * 256 + head.charCodeAt(3)))
  if (/^crx /.test(brands)) return { words: "a camera's raw file (CR3)", advice: DEVELOP }
  if (/hei[cxms]|hev[cxms]|mif[12]|msf1|miaf/.test(brands))
    return {
      words: 'a HEIC picture',
      advice: 'Save it as JPEG; iPhones take JPEGs where Settings, Camera, Formats says "Most Compatible".',
    }
  if (/^(?:M4A|M4B|F4A)/.test(brands)) return { words: 'a sound' }
  return VIDEO
}

const findArchive = (start: string): OtherKind => {
  if (/word\/|ppt\/|xl\/|\[Content_Types\]/.test(start)) return { words: 'an Office document' }
  const isOpen = /mimetypeapplication\/vnd\.oasis/.test(start)
  return { words: isOpen ? 'an OpenDocument file' : 'a ZIP archive' }
}

const raw = (name: string): OtherKind => ({ words: `a camera's raw file (${name})`, advice: DEVELOP })
const picture = (name: string): OtherKind => ({ words: name, advice: EXPORT })

/** From the specifications of the formats, as in file(1). No part may match in two ways: many would take for ever. */
const SIGNATURES: readonly (readonly [RegExp, OtherKind])[] = [
  [/^\0\0\0\x0cJXL \r\n\x87\n|^\xff\x0a/, picture('a JPEG XL picture')],
  [/^\0\0\0\x0cjP {2}\r\n\x87\n|^\xff\x4f\xff\x51/, picture('a JPEG 2000 picture')],
  [/^8BP[SB]/, picture('a Photoshop document')],
  [/^gimp xcf/, picture('a GIMP document')],
  [/^%PDF-/, picture('a PDF document, or an Illustrator drawing')],
  [/^(?:%!PS|\xc5\xd0\xd3\xc6)/, picture('a PostScript drawing (EPS)')],
  [/^(?:\xd7\xcd\xc6\x9a|[\x01\x02]\0\x09\0\0[\x01\x03])/, picture('a Windows metafile (WMF)')],
  [/^\x01\0\0\0[\s\S]{36} EMF/, picture('a Windows metafile (EMF)')],
  [/^FUJIFILMCCD-RAW/, raw('RAF')],
  [/^(?:IIR[OS]|MMOR)/, raw('ORF')],
  [/^IIU\0/, raw('RW2')],
  [/^FOVb/, raw('X3F')],
  [/^\0MRM/, raw('MRW')],
  [/^P[1-7F]\s/, picture('a portable anymap (PBM, PGM, PPM)')],
  [/^\x0a[\0\x02-\x05]\x01[\x01\x02\x04\x08]/, picture('a PCX picture')],
  [/^SIMPLE {2}=/, picture('a FITS picture')],
  [/^[\s\S]{128}DICM/, picture('a DICOM picture')],
  [/^\x76\x2f\x31\x01/, picture('an OpenEXR picture')],
  [/^#\?(?:RADIANCE|RGBE)/, picture('a Radiance HDR picture')],
  [/^qoif/, picture('a QOI picture')],
  [/^DDS /, picture('a DirectDraw texture (DDS)')],
  [/^icns/, picture("an icon of macOS's (ICNS)")],
  [/^II\xbc/, picture('a JPEG XR picture')],
  [/^AT&TFORM/, picture('a DjVu document')],
  [/^\x8a[MJ]NG/, picture('an MNG animation')],
  [/^\0\0[\x02\x03\x0a\x0b]\0\0[\s\S]{7}[\s\S]{4}[\x08\x10\x18\x20][\0-\x3f]/, TARGA],
  [/^RIFF[\s\S]{4}AVI |^\x1a\x45\xdf\xa3|^OggS|^FLV\x01|^\0\0\x01[\xb3\xba]|^\x30\x26\xb2\x75/, VIDEO],
  [/^[\s\S]{4}(?:moov|mdat|wide|free)/, VIDEO],
  [/^ID3|^fLaC|^RIFF[\s\S]{4}WAVE/, { words: 'a sound' }],
  [/^\xd0\xcf\x11\xe0/, { words: 'an old Office document, or a list of thumbnails' }],
  [/^\x1f\x8b/, { words: 'a gzip archive' }],
  [/^(?:7z\xbc\xaf|Rar!|BZh|\xfd7zXZ)/, { words: 'an archive' }],
  [/^\0\x05\x16[\0\x07]/, { words: 'what macOS notes of a file (AppleDouble)' }],
  [/^version https:\/\/git-lfs\.github\.com/, LFS_POINTER],
  [
    /^(?:\xef\xbb\xbf)?\s*(?:<!--(?:(?!-->)[\s\S])*-->\s*)*<(?:!doctype html|html|head|body)/i,
    { words: 'a web page' },
  ],
  [/^(?:\xef\xbb\xbf)?\s*<\?xml[\s\S]*<Error>/, { words: "a store's error message" }],
  [/^\0+$/, { words: 'a file of zeros, as a download leaves that was broken off' }],
  // A PNG with other line ends, and a JPEG or PNG in UTF-8.
  [
    /^(?:\x89PNG|\xef\xbf\xbd|\xc2\x89PNG|\xc3\xbf\xc3\x98)/,
    { words: 'a picture that was copied as text', advice: 'Copy the original again, as binary.' },
  ],
  [
    /^(?:data:image\/|\/9j\/|iVBORw0KGgo|R0lGOD|UklGR)/,
    { words: 'a picture written as text (base64)', advice: 'Decode it.' },
  ],
  [
    /\xff\xd8\xff[\xdb\xe0-\xef]|\x89PNG\r\n\x1a\n|GIF8[79]a/,
    {
      words: 'a picture with other bytes before it',
      advice: 'Take these away: an editor or a script has written them.',
    },
  ],
]

const isText = (head: string): boolean =>
  /[\t -~]/.test(head) && !/[\0-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]/.test(head)
