import type { Sharp } from 'sharp'
import { findAvifCodes, findMeta, isLimitedGrey, listAvifTiles, readAvifCodes } from './avif-boxes.ts'
import { type Bitmap, type BitmapHeader, readBitmap, readBitmapHeader } from './bmp.ts'
import { findCodedMeaning, type Meaning } from './coded-colours.ts'
import { coverGif } from './gif-canvas.ts'
import { mendJpegExif } from './jpeg-orientation.ts'
import type { Strictness } from './mend.ts'
import { isOpaque, readPixels } from './pixels.ts'
import { isDeepGreyPng, withMeaning, withProfile } from './png-colour.ts'
import { quietJpeg } from './quiet-jpeg.ts'
import { isObeyedProfile, toRgbProfile } from './read-icc-profile.ts'
import { toReadablePng } from './readable-png.ts'
import { DECODING, decodeWith, sharp } from './sharp.ts'
import type { MediaFormat } from './sniff.ts'
import { hasInksAndAlpha, readInksAndAlpha } from './tiff-inks.ts'
import { isDeepGreyTiff, mendTiff } from './tiff-samples.ts'
import { beginWithFullPage } from './tiff-tags.ts'
import { imageCorrupt, orUnreadable } from './unreadable.ts'

/**
 * The same picture in a form that libvips shows correctly; for most formats, {@link toReadable}. Rejects as a decoder
 * would.
 */
export const toDecodable = async (
  bytes: Uint8Array,
  mediaFormat: MediaFormat,
  failOn: Strictness,
): Promise<Uint8Array> => {
  const readable = await toReadable(bytes, mediaFormat, failOn)
  if (mediaFormat === 'avif' && failOn !== 'none') await refuseLostTiles(readable)
  const file = Buffer.from(readable.buffer, readable.byteOffset, readable.byteLength)
  if (mediaFormat === 'tiff' && hasInksAndAlpha(file))
    return writePng(await readInksAndAlpha(file, failOn).catch(orUnreadable(file)))
  const isDeepGrey =
    (mediaFormat === 'png' && isDeepGreyPng(file)) || (mediaFormat === 'tiff' && isDeepGreyTiff(file))
  if (isDeepGrey) return toDeepColour(file, failOn)
  if (mediaFormat !== 'avif') return readable
  const mended = isPremultiplied(file)
    ? await toStraightAlpha(file, failOn)
    : isLimitedGrey(file)
      ? await toFullRange(file, failOn)
      : undefined
  const meaning = findAvifMeaning(readable)
  if (meaning === undefined) return mended ?? readable
  // libvips ignores the codes of an AVIF (`nclx`), but uses the profile of a PNG.
  return withMeaning(mended ?? (await recode(sharp(file, decodeWith(failOn)), file)), meaning)
}

/** As a PNG, because libheif leaves the range of greys as it is. */
const toFullRange = async (avif: Buffer, failOn: Strictness): Promise<Buffer> => {
  const source = sharp(avif, { ...decodeWith(failOn), ignoreIcc: true })
  const { icc, depth } = await source.metadata()
  const step = depth === 'uchar' ? 1 : 256
  const most = depth === 'uchar' ? 255 : 65_535
  const factor = most / (219 * step)
  const png = await recode(source.linear(factor, -16 * step * factor), avif)
  return icc === undefined ? png : withProfile(png, icc)
}

/** By a reference from one item to another. */
const isPremultiplied = (avif: Buffer): boolean => findMeta(avif).includes('\0\0\0\x0eprem')

/** As a PNG, because libvips does not say that colours are multiplied by alpha. */
const toStraightAlpha = async (avif: Buffer, failOn: Strictness): Promise<Buffer> => {
  const { icc } = await sharp(avif, decodeWith(failOn)).metadata()
  const source = sharp(avif, { ...decodeWith(failOn), ignoreIcc: true }).ensureAlpha()
  const { samples: data, width, height } = await readPixels(source).catch(orUnreadable(avif))
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3] ?? 0
    for (let channel = at; alpha > 0 && channel < at + 3; channel++)
      data[channel] = Math.min(255, Math.round(((data[channel] ?? 0) * 255) / alpha))
  }
  const png = await writePng({ width, height, rgba: data })
  return icc === undefined ? png : withProfile(png, icc)
}

/** sharp ignores the profile of greys of sixteen bits, but not of colours. */
const toDeepColour = async (file: Buffer, failOn: Strictness): Promise<Uint8Array> => {
  const source = sharp(file, { ...decodeWith(failOn), autoOrient: true })
  const { icc } = await source.metadata()
  return icc === undefined || !isObeyedProfile(icc)
    ? file
    : withProfile(await recode(source.toColourspace('rgb16'), file), toRgbProfile(icc))
}

const recode = (source: Sharp, bytes: Uint8Array): Promise<Buffer> =>
  source.png({ compressionLevel: 0 }).toBuffer().catch(orUnreadable(bytes))

const refuseLostTiles = async (bytes: Uint8Array): Promise<void> => {
  for (const tile of listAvifTiles(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)))
    await sharp(tile, DECODING).raw().toBuffer().catch(orUnreadable(bytes))
}

/**
 * The same picture in a form whose header libvips reads; for most formats, the bytes themselves. Rejects as a decoder
 * would.
 */
export const toReadable = async (
  bytes: Uint8Array,
  mediaFormat: MediaFormat,
  failOn: Strictness,
): Promise<Uint8Array> => {
  switch (mediaFormat) {
    case 'tiff':
      return toPlainTiff(bytes)
    case 'jpeg':
      return toPlainJpeg(bytes)
    case 'png':
      return toReadablePng(bytes) ?? bytes
    case 'avif':
      return toPlainAvif(bytes)
    case 'gif':
      return coverGif(bytes) ?? bytes
    case 'bmp':
    case 'ico':
      return toPng(bytes, mediaFormat, failOn)
    default:
      return bytes
  }
}

const toPlainJpeg = (bytes: Uint8Array): Uint8Array => {
  const quiet = quietJpeg(bytes) ?? bytes
  return mendJpegExif(quiet) ?? quiet
}

const toPlainTiff = (bytes: Uint8Array): Uint8Array => {
  const full = beginWithFullPage(bytes) ?? bytes
  return mendTiff(full) ?? full
}

/**
 * Marks a sequence ("avis") as a still picture, because libvips knows nothing else: its first frame is shown. And where
 * a file does not say how its colours are coded, as with FFmpeg, adds what browsers and libavif assume (BT.601);
 * libheif assumes something else.
 */
const toPlainAvif = (bytes: Uint8Array): Uint8Array => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isSequence = view.toString('latin1', 8, 12) !== 'avif'
  const codes = findAvifCodes(view)
  const isOpen = codes !== undefined && view.readUInt16BE(codes + 4) === UNSPECIFIED
  if (!isSequence && !isOpen) return bytes
  const copy = Buffer.from(view)
  if (isSequence) copy.write('avif', 8, 'latin1')
  if (isOpen) copy.writeUInt16BE(BT_601, codes + 4)
  return copy
}

const UNSPECIFIED = 2
const BT_601 = 6

/** What the codes of an AVIF mean for its colours; undefined for sRGB, and where it has a profile. */
export const findAvifMeaning = (bytes: Uint8Array): Meaning | undefined => {
  const codes = readAvifCodes(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  return codes && findCodedMeaning(...codes)
}

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
      picture === undefined
        ? readBitmap(file, header, isPartial)
        : readIconBitmap(picture.file, header, isPartial)
    return { kind: 'bitmap' as const, header, read }
  })

/** If a file is shorter than it says, reading goes beyond its end: that is damage, not a bug. */
const readSafely = <T>(read: () => T): T => {
  try {
    return read()
  } catch (error) {
    throw error instanceof RangeError ? imageCorrupt(new Error('it ends too early', { cause: error })) : error
  }
}

const writePng = ({ width, height, rgba }: Bitmap): Promise<Buffer> => {
  const picture = sharp(rgba, { raw: { width, height, channels: 4 }, limitInputPixels: false })
  return (isOpaque(rgba) ? picture.removeAlpha() : picture).png({ compressionLevel: 0 }).toBuffer()
}

/** The largest picture of an icon, with most colours: a PNG, or a bitmap without its file header. */
type IconPicture =
  | { readonly kind: 'png'; readonly bytes: Buffer }
  | { readonly kind: 'bitmap'; readonly file: Buffer; readonly header: BitmapHeader }

const ENTRY_BYTES = 16
const CURSOR = 2

/** For an icon or a cursor (ICO, CUR). */
const findIconPicture = (file: Buffer): IconPicture => {
  const count = file.readUInt16LE(4)
  let best: { readonly rank: number; readonly at: number } | undefined
  for (let i = 0; i < count && 6 + (i + 1) * ENTRY_BYTES <= file.length; i++) {
    const entry = file.subarray(6 + i * ENTRY_BYTES)
    const [width, height] = [entry[0] || 256, entry[1] || 256]
    const at = entry.readUInt32LE(12)
    // Some lists say nothing, and a cursor's has its hot spot there: a bitmap has its depth here, a PNG a letter of "IHDR".
    const told = file[2] === CURSOR ? 0 : entry.readUInt16LE(6)
    const rank = width * height * 64 + Math.min(told || (file[at + 14] ?? 0), 32)
    if (at < file.length && rank > (best?.rank ?? -1)) best = { rank, at }
  }
  if (best === undefined) throw imageCorrupt(new Error('an icon without a picture'))
  // Up to the end of the file: some files list a wrong length, and both kinds contain their own.
  const picture = file.subarray(best.at)
  if (picture.toString('latin1', 0, 4) === '\x89PNG') return { kind: 'png', bytes: picture }
  return { kind: 'bitmap', file: picture, header: readBitmapHeader(picture, 0, true) }
}

/** The pixels of a bitmap in an icon: transparent where its mask says so, if it has both a mask and no alpha. */
const readIconBitmap = (file: Buffer, header: BitmapHeader, isPartial: boolean): Bitmap => {
  const bitmap = readBitmap(file, header, isPartial)
  const { width, height, rgba } = bitmap
  if (header.bits === 32 && rgba.some((value, i) => i % 4 === 3 && value > 0)) return bitmap
  const maskFrom = header.pixelsFrom + Math.ceil((width * header.bits) / 32) * 4 * height
  const maskBytes = Math.ceil(width / 32) * 4
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const byte = file[maskFrom + y * maskBytes + (x >> 3)] ?? 0
      const row = header.isTopDown ? y : height - 1 - y
      rgba[(row * width + x) * 4 + 3] = (byte & (0x80 >> (x & 7))) === 0 ? 0xff : 0
    }
  return bitmap
}
