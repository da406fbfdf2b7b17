import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { makeExif, makeXmp } from '../files/exif.ts'
import { findSegment, insertAtStart, toExifSegment, toSegment } from '../files/jpeg.ts'
import { addChunks } from '../files/png.ts'
import { readWebpPixels, writeWebp } from '../files/riff.ts'
import { makeTiff } from '../files/tiff.ts'
import { BLUE, isNear, look, openTestRenderer, quarters, RED, renderOne } from './support.ts'

const renderer = openTestRenderer()
afterAll(() => renderer.close())

const PLAIN = quarters(60, 40)
const jpeg = await PLAIN.clone().jpeg({ quality: 95 }).toBuffer()
const png = await PLAIN.clone().png().toBuffer()
const webp = await PLAIN.clone().webp({ lossless: true }).toBuffer()
const frames = await sharp(
  await sharp(await PLAIN.clone().raw().toBuffer(), { raw: { width: 60, height: 40, channels: 3 } })
    .extend({ bottom: 40 })
    .raw()
    .toBuffer(),
  { raw: { width: 60, height: 80, channels: 3, pageHeight: 40 } },
)
  .webp({ lossless: true })
  .toBuffer()
const xmpSegment = toSegment(0xe1, Buffer.concat([Buffer.from('http://ns.adobe.com/xap/1.0/\0'), makeXmp(6)]))
const frameEnd = (): number => {
  const start = findSegment(jpeg, 0xc0)
  return start + 2 + jpeg.readUInt16BE(start + 2)
}
const webpWith = (name: 'EXIF' | 'XMP ', flags: number, body: Buffer): Buffer =>
  writeWebp({ width: 60, height: 40, flags }, [readWebpPixels(webp), [name, body]])

/** As Chromium 156 and Firefox 153 show them (`test/e2e/browser-look.test.ts` asks the former); of TIFFs, as Pillow. */
const CASES: readonly (readonly [name: string, isTurned: boolean, bytes: Buffer])[] = [
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
  ['a JPEG by its XMP', false, insertAtStart(jpeg, xmpSegment)],
  ['a JPEG by its XMP against its EXIF', false, insertAtStart(jpeg, toExifSegment(makeExif(1)), xmpSegment)],
  ['a PNG by its eXIf', true, addChunks(png, [['eXIf', makeExif(6)]])],
  ['a PNG by an eXIf behind its pixels', false, addChunks(png, [['eXIf', makeExif(6)]], 'after')],
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
  [
    'a TIFF by its tag',
    true,
    makeTiff({
      width: 60,
      height: 40,
      channels: 3,
      orientation: 6,
      samples: await PLAIN.clone().raw().toBuffer(),
    }),
  ],
]

describe('is turned, or not', () => {
  it.each(CASES)('%s: %s', async (_, isTurned, bytes) => {
    const { facts } = await renderer.inspect(Buffer.from(bytes))
    expect([facts.width, facts.height]).toEqual(isTurned ? [40, 60] : [60, 40])
    const seen = await look((await renderOne(renderer, bytes, `${facts.width}w.q80`)).bytes)
    expect([seen.width, seen.height]).toEqual([facts.width, facts.height])
    expect(seen.at(5, 5)).toSatisfy((at: readonly number[]) => isNear(at, isTurned ? BLUE : RED))
  })

  it('an animation: not', async () => {
    expect(frames.length).toBeGreaterThan(0)
    const { facts } = await renderer.inspect(Buffer.from(frames))
    expect(facts).toMatchObject({ width: 60, height: 40, frames: 2 })
  })
})
