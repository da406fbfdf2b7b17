import { quarters } from '../render/support.ts'
import { makeExif, makeXmp } from './exif.ts'
import { findSegment, insertAtStart, toExifSegment, toSegment } from './jpeg.ts'
import { addChunks } from './png.ts'
import { readWebpPixels, writeWebp } from './riff.ts'
import { makeTiff } from './tiff.ts'

const PLAIN = quarters(60, 40)
const jpeg = await PLAIN.clone().jpeg({ quality: 95 }).toBuffer()
const png = await PLAIN.clone().png().toBuffer()
const webp = await PLAIN.clone().webp({ lossless: true }).toBuffer()
const xmpSegment = toSegment(0xe1, Buffer.concat([Buffer.from('http://ns.adobe.com/xap/1.0/\0'), makeXmp(6)]))
const oddlyNamed = (exif: Buffer): Buffer => toSegment(0xe1, Buffer.concat([Buffer.from('Exif\0\x01'), exif]))
const frameEnd = (): number => {
  const start = findSegment(jpeg, 0xc0)
  return start + 2 + jpeg.readUInt16BE(start + 2)
}
const webpWith = (name: 'EXIF' | 'XMP ', flags: number, body: Buffer): Buffer =>
  writeWebp({ width: 60, height: 40, flags }, [readWebpPixels(webp), [name, body]])

const tiffWith = async (orientation: number): Promise<Buffer> => {
  const samples = await PLAIN.clone().raw().toBuffer()
  return makeTiff({ width: 60, height: 40, channels: 3, orientation, samples })
}

/** As Chromium 156 and Firefox 153 show them; of TIFFs, which no browser shows, as Pillow does. */
export const ORIENTATIONS: readonly (readonly [name: string, isTurned: boolean, bytes: Buffer])[] = [
  ['a JPEG by its EXIF', true, insertAtStart(jpeg, toExifSegment(makeExif(6)))],
  [
    'a JPEG by its first EXIF',
    true,
    insertAtStart(jpeg, toExifSegment(makeExif(6)), toExifSegment(makeExif(3))),
  ],
  [
    'a JPEG by an EXIF behind its frame header',
    true,
    Buffer.concat([jpeg.subarray(0, frameEnd()), toExifSegment(makeExif(6)), jpeg.subarray(frameEnd())]),
  ],
  [
    'a JPEG by an EXIF behind its pixels',
    false,
    Buffer.concat([jpeg.subarray(0, -2), toExifSegment(makeExif(6)), jpeg.subarray(-2)]),
  ],
  ['a JPEG by an orientation that there is not', false, insertAtStart(jpeg, toExifSegment(makeExif(9)))],
  [
    'a JPEG by an orientation of another type',
    false,
    insertAtStart(jpeg, toExifSegment(makeExif(6, 'long'))),
  ],
  [
    'a JPEG by an orientation of another type, behind much else',
    false,
    insertAtStart(jpeg, toSegment(0xe5, Buffer.alloc(700)), toExifSegment(makeExif(6, 'long'))),
  ],
  ['a JPEG by two orientations in one', false, insertAtStart(jpeg, toExifSegment(makeExif(6, 'twice')))],
  ['a JPEG by an EXIF whose name ends oddly', true, insertAtStart(jpeg, oddlyNamed(makeExif(6)))],
  [
    'a JPEG by an orientation of another type, in an EXIF whose name ends oddly',
    false,
    insertAtStart(jpeg, oddlyNamed(makeExif(6, 'long'))),
  ],
  ['a JPEG by its XMP', false, insertAtStart(jpeg, xmpSegment)],
  ['a JPEG by its XMP against its EXIF', false, insertAtStart(jpeg, toExifSegment(makeExif(1)), xmpSegment)],
  ['a PNG by its eXIf', true, addChunks(png, [['eXIf', makeExif(6)]])],
  ['a PNG by an eXIf behind its pixels', false, addChunks(png, [['eXIf', makeExif(6)]], 'after')],
  ['a PNG by an orientation of another type', false, addChunks(png, [['eXIf', makeExif(6, 'long')]])],
  ['a PNG by two orientations in one', false, addChunks(png, [['eXIf', makeExif(6, 'twice')]])],
  [
    'a PNG by its XMP',
    false,
    addChunks(png, [['iTXt', Buffer.concat([Buffer.from('XML:com.adobe.xmp\0\0\0\0\0'), makeXmp(6)])]]),
  ],
  ['a WebP by its EXIF', false, webpWith('EXIF', 8, makeExif(6))],
  [
    'a WebP by an EXIF with its name before it',
    false,
    webpWith('EXIF', 8, Buffer.concat([Buffer.from('Exif\0\0'), makeExif(6)])),
  ],
  ['a WebP by its XMP', false, webpWith('XMP ', 4, makeXmp(6))],
  ['a TIFF by its tag', true, await tiffWith(6)],
  ['a TIFF by no orientation', false, await tiffWith(0)],
  ['a TIFF by an orientation that there is not', false, await tiffWith(9)],
]
