import { type Bitmap, type BitmapHeader, readBitmap, readBitmapHeader } from './bmp.ts'
import { imageCorrupt } from './unreadable.ts'

/** The largest picture of an icon, with most colours: a PNG, or a bitmap without its file header. */
export type IconPicture =
  | { readonly kind: 'png'; readonly bytes: Buffer }
  | { readonly kind: 'bitmap'; readonly file: Buffer; readonly header: BitmapHeader }

const ENTRY_BYTES = 16

/** For an icon or a cursor (ICO, CUR). */
export const findIconPicture = (file: Buffer): IconPicture => {
  const count = file.readUInt16LE(4)
  let best: { readonly rank: number; readonly at: number } | undefined
  for (let i = 0; i < count && 6 + (i + 1) * ENTRY_BYTES <= file.length; i++) {
    const entry = file.subarray(6 + i * ENTRY_BYTES)
    const [width, height] = [entry[0] || 256, entry[1] || 256]
    const rank = width * height * 64 + entry.readUInt16LE(6)
    const at = entry.readUInt32LE(12)
    if (at < file.length && rank > (best?.rank ?? -1)) best = { rank, at }
  }
  if (best === undefined) throw imageCorrupt(new Error('an icon without a picture'))
  // Up to the end of the file: some files list a wrong length, and both kinds contain their own.
  const picture = file.subarray(best.at)
  if (picture.toString('latin1', 0, 4) === '\x89PNG') return { kind: 'png', bytes: picture }
  return { kind: 'bitmap', file: picture, header: readBitmapHeader(picture, 0, true) }
}

/** The pixels of a bitmap in an icon: transparent where its mask says so, if it has no alpha. */
export const readIconBitmap = (file: Buffer, header: BitmapHeader): Bitmap => {
  const bitmap = readBitmap(file, header, true)
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
