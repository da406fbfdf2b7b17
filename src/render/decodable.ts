import { type Bitmap, readBitmap, readBitmapHeader } from './bmp.ts'
import { findIconPicture, readIconBitmap } from './ico.ts'
import { dropOddOrientation } from './jpeg-orientation.ts'
import type { Strictness } from './mend.ts'
import { profilePng } from './png-colour.ts'
import { sharp } from './sharp.ts'
import type { MediaFormat } from './sniff.ts'
import { unsignTiff } from './tiff-samples.ts'
import { imageCorrupt } from './unreadable.ts'

/** The same picture as libvips reads it: of most formats, the bytes themselves. Rejects as a decoder would. */
export const toDecodable = async (
  bytes: Uint8Array,
  mediaFormat: MediaFormat,
  failOn: Strictness,
): Promise<Uint8Array> => {
  switch (mediaFormat) {
    case 'tiff':
      return unsignTiff(bytes) ?? bytes
    case 'jpeg':
      return dropOddOrientation(bytes) ?? bytes
    case 'png':
      return profilePng(bytes) ?? bytes
    case 'avif':
      return toPlainAvif(bytes)
    case 'bmp':
    case 'ico':
      return toPng(bytes, mediaFormat, failOn)
    default:
      return bytes
  }
}

/**
 * A sequence ("avis") under the name of a still picture, for libvips knows no other: what is shown is the picture that
 * stands for it, its first frame. And where a file leaves open how its colours are coded, as FFmpeg does, that they are
 * so as browsers and libavif take it (BT.601); libheif takes them otherwise.
 */
const toPlainAvif = (bytes: Uint8Array): Uint8Array => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isSequence = view.toString('latin1', 8, 12) !== 'avif'
  const head = view.subarray(0, Math.max(0, view.indexOf('mdat')))
  // Its box: two bytes each of primaries, transfer and matrix.
  const colours = head.indexOf('colrnclx')
  const isOpen =
    colours >= 0 && colours + 14 <= head.length && head.readUInt16BE(colours + 12) === UNSPECIFIED
  if (!isSequence && !isOpen) return bytes
  const copy = Buffer.from(view)
  if (isSequence) copy.write('avif', 8, 'latin1')
  if (isOpen) copy.writeUInt16BE(BT_601, colours + 12)
  return copy
}

const UNSPECIFIED = 2
const BT_601 = 6

const toPng = async (
  bytes: Uint8Array,
  mediaFormat: 'bmp' | 'ico',
  failOn: Strictness,
): Promise<Uint8Array> => {
  const picture = findPicture(bytes, mediaFormat)
  return picture.kind === 'png' ? picture.bytes : writePng(readSafely(() => picture.read(failOn === 'none')))
}

/** A BMP, or the picture of an icon, with its size. */
export const findPicture = (bytes: Uint8Array, mediaFormat: 'bmp' | 'ico') =>
  readSafely(() => {
    const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const picture = mediaFormat === 'ico' ? findIconPicture(file) : undefined
    if (picture?.kind === 'png') return picture
    const header = picture?.header ?? readBitmapHeader(file)
    const read = (isPartial: boolean): Bitmap =>
      picture === undefined ? readBitmap(file, header, isPartial) : readIconBitmap(picture.file, header)
    return { kind: 'bitmap' as const, header, read }
  })

/** Where a file says less than it should, it is read beyond its end: that is damage and no mistake. */
const readSafely = <T>(read: () => T): T => {
  try {
    return read()
  } catch (error) {
    throw error instanceof RangeError ? imageCorrupt(error) : error
  }
}

const writePng = ({ width, height, rgba }: Bitmap): Promise<Uint8Array> => {
  const picture = sharp(rgba, { raw: { width, height, channels: 4 }, limitInputPixels: false })
  return (isOpaque(rgba) ? picture.removeAlpha() : picture).png({ compressionLevel: 0 }).toBuffer()
}

const isOpaque = (rgba: Buffer): boolean => {
  for (let alpha = 3; alpha < rgba.length; alpha += 4) if (rgba[alpha] !== 0xff) return false
  return true
}
