import { deflateSync } from 'node:zlib'
import { animate, photo } from '../render/support.ts'
import { insertAtStart, toSegment } from './jpeg.ts'
import { addChunks, readPixelData, replacePixelData } from './png.ts'

export const [WIDTH, HEIGHT] = [160, 120]
const picture = photo(WIDTH, HEIGHT)
export const jpeg = await picture.clone().jpeg({ quality: 90 }).toBuffer()
export const progressive = await picture.clone().jpeg({ quality: 90, progressive: true }).toBuffer()
export const png = await picture.clone().png().toBuffer()
/** The narrow one has no pixels in some passes. */
const interlaced = await picture.clone().png({ progressive: true }).toBuffer()
const narrow = await photo(3, 61).png({ progressive: true }).toBuffer()
export const webp = await picture.clone().webp().toBuffer()
export const gif = await picture.clone().gif().toBuffer()
export const moving = await animate(60, 40, 3, 'gif')
export const { packed, rows } = readPixelData(png)

export const changed = (bytes: Buffer, change: (copy: Buffer) => void): Buffer => {
  const copy = Buffer.from(bytes)
  change(copy)
  return copy
}

const JFIF_3 = toSegment(0xe0, Buffer.from('JFIF\0\x03\x01\0\0\x01\0\x01\0\0', 'latin1'))
const ADOBE_7 = toSegment(0xee, Buffer.from('Adobe\0\x64\0\0\0\0\x07', 'latin1'))
const ICC_NONSENSE = toSegment(0xe2, Buffer.from('ICC_PROFILE\0\x01\x03abcd', 'latin1'))
export const afterFirstSegment = (bytes: Buffer, extra: Buffer): Buffer => {
  const at = 4 + bytes.readUInt16BE(4)
  return Buffer.concat([bytes.subarray(0, at), extra, bytes.subarray(at)])
}
export const scanEnd = (bytes: Buffer): number => {
  const start = bytes.indexOf('ffda', 0, 'hex')
  return start + 2 + bytes.readUInt16BE(start + 2) - 2
}

/** What browsers show whole: of each, the picture that it would be without the fault. */
export const HARMLESS: readonly (readonly [name: string, bytes: Buffer, whole: Buffer])[] = [
  ['a JPEG with stray bytes between segments', afterFirstSegment(jpeg, Buffer.of(0, 1, 2)), jpeg],
  [
    'a JPEG with stray bytes before its end mark',
    Buffer.concat([jpeg.subarray(0, -2), Buffer.of(18, 52), jpeg.subarray(-2)]),
    jpeg,
  ],
  ['a JPEG of a JFIF revision to come', insertAtStart(jpeg, JFIF_3), jpeg],
  ['a JPEG of an unknown Adobe transform', insertAtStart(jpeg, ADOBE_7), jpeg],
  [
    'a JPEG of an unknown Adobe transform and stray bytes',
    insertAtStart(afterFirstSegment(jpeg, Buffer.of(0, 1, 2)), ADOBE_7),
    jpeg,
  ],
  ['a JPEG with half a profile', insertAtStart(jpeg, ICC_NONSENSE), jpeg],
  [
    "a JPEG with a progressive scan's parameters",
    changed(jpeg, (copy) => copy.fill(0, scanEnd(jpeg), scanEnd(jpeg) + 1)),
    jpeg,
  ],
  ['a JPEG without its end mark', jpeg.subarray(0, -2), jpeg],
  ['a progressive JPEG without its end mark', progressive.subarray(0, -2), progressive],
  [
    'a progressive JPEG with zeros for its end mark',
    Buffer.concat([progressive.subarray(0, -2), Buffer.alloc(99)]),
    progressive,
  ],
  ['a JPEG with a film behind it', Buffer.concat([jpeg, Buffer.from('ftypmp42'.repeat(99))]), jpeg],
  ['a PNG whose pixels have a wrong CRC', replacePixelData(png, packed, 1), png],
  ...[interlaced, narrow].map(
    (bytes, i) =>
      [
        `an interlaced PNG whose pixels have a wrong CRC, ${i}`,
        replacePixelData(bytes, readPixelData(bytes).packed, 1),
        bytes,
      ] as const,
  ),
  [
    'a PNG whose pixels have a wrong Adler sum',
    replacePixelData(
      png,
      changed(packed, (copy) => copy.fill(1, copy.length - 4)),
    ),
    png,
  ],
  ['a PNG whose pixels have no Adler sum', replacePixelData(png, packed.subarray(0, -4)), png],
  [
    'a PNG of too small a zlib window',
    replacePixelData(
      png,
      changed(packed, (copy) => copy.set([0x08, 0x1d])),
    ),
    png,
  ],
  ['a PNG without its end', png.subarray(0, -12), png],
  ['a PNG with a text of a wrong CRC', addChunks(png, [['tEXt', Buffer.from('a\0b'), 1]]), png],
  [
    'a PNG with too many pixels',
    replacePixelData(png, deflateSync(Buffer.concat([rows, Buffer.alloc(999)]))),
    png,
  ],
  [
    'a WebP that says it is longer',
    changed(webp, (copy) => void copy.writeUInt32LE(webp.length + 99, 4)),
    webp,
  ],
  ['a WebP with more behind it', Buffer.concat([webp, Buffer.alloc(99, 1)]), webp],
  ['a GIF without its end mark', gif.subarray(0, -1), gif],
  ['an animated GIF without its end mark', moving.subarray(0, -1), moving],
]
