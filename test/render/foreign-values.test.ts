import sharp from 'sharp'
import { expect, it } from 'vitest'
import { mendJpegExif } from '../../src/render/jpeg-orientation.ts'
import { listHeadChunks } from '../../src/render/png-chunks.ts'
import { profilePng } from '../../src/render/png-colour.ts'
import { mendTiff } from '../../src/render/tiff-samples.ts'
import { readTiffTags, replaceValues, TAG } from '../../src/render/tiff-tags.ts'
import { toExifSegment } from '../files/jpeg.ts'
import { addChunks, writePng } from '../files/png.ts'
import { makeTiff } from '../files/tiff.ts'
import { look, openFileRenderer, renderOne } from './support.ts'

const renderer = openFileRenderer()

const png = await sharp({ create: { width: 4, height: 4, channels: 3, background: '#123456' } })
  .png()
  .toBuffer()

const toWords = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, i * 4)
  return bytes
}

const ORDINARY = [31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000]

it.each([
  ['a white beyond all measure', [28_672_987, ...ORDINARY.slice(1)]],
  ['a white of no light', [31_270, 0, ...ORDINARY.slice(2)]],
  ['a white that cones see nothing of', [45_680, 20_000, ...ORDINARY.slice(2)]],
  ['a primary of no light', [...ORDINARY.slice(0, 3), 500, ...ORDINARY.slice(4)]],
  ['a primary beyond all measure', [...ORDINARY.slice(0, 7), 0xffff_ffff]],
  ['primaries on a line', [31_270, 32_900, 10_000, 10_000, 20_000, 20_000, 30_000, 30_000]],
])('primaries with %s are those that go without saying', (_, primaries) => {
  const tell = (values: readonly number[]): Uint8Array | undefined =>
    profilePng(
      addChunks(png, [
        ['gAMA', toWords(100_000)],
        ['cHRM', toWords(...values)],
      ]),
    )
  const plain = profilePng(addChunks(png, [['gAMA', toWords(100_000)]]))
  expect(tell(primaries)).toEqual(plain)
  expect(plain).toBeDefined()
  expect(tell([...ORDINARY.slice(0, 2), 70_800, 29_200, 17_000, 79_700, 13_100, 4_600])).not.toEqual(plain)
})

it.each([
  ['sRGB', Buffer.of(0)],
  ['iCCP', Buffer.from('a\0\0x')],
])('a gamma beside %s goes without saying', (name, body) => {
  const gamma = ['gAMA', toWords(100_000)] as const
  expect(profilePng(addChunks(png, [[name, body], gamma]))).toBeUndefined()
  expect(profilePng(addChunks(png, [gamma]))).toBeDefined()
})

it('of a PNG that is chunks and nothing else, the first thousand are looked at', () => {
  const chunks = writePng(Array.from({ length: 5_000 }, () => ['abCd', Buffer.of()] as const))
  expect(listHeadChunks(chunks)).toHaveLength(1_000)
})

/** A directory of one entry, little-endian, its four bytes of value last. */
const toTiff = (tag: number, type: number, count: number, value: readonly number[]): Buffer => {
  const bytes = Buffer.from([0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...value])
  bytes.writeUInt16LE(tag, 10)
  bytes.writeUInt16LE(type, 12)
  bytes.writeUInt32LE(count, 14)
  return bytes
}

it('an orientation of any type is replaced where it stands, and nothing around it', () => {
  for (const [type, value, left] of [
    [1, [6, 9, 9, 9], [1, 9, 9, 9]],
    [4, [6, 0, 0, 0], [1, 0, 0, 0]],
    [8, [6, 0, 9, 9], [1, 0, 9, 9]],
  ] as const) {
    const jpeg = Buffer.concat([
      Buffer.from([0xff, 0xd8]),
      toExifSegment(toTiff(TAG.orientation, type, 1, value)),
      Buffer.alloc(20),
    ])
    const upright = Buffer.concat([jpeg.subarray(0, -24), Buffer.from(left), Buffer.alloc(20)])
    expect([mendJpegExif(jpeg), mendJpegExif(upright)]).toEqual([upright, undefined])
  }
})

it('a tag without values, at the end of its file, has none to be replaced', () => {
  const bytes = toTiff(TAG.orientation, 1, 0, [])
  const tag = readTiffTags(bytes).get(TAG.orientation)
  expect(tag && replaceValues(bytes, tag, 1)).toEqual(new Uint8Array(bytes))
})

it('sample formats are replaced as wide as they are written', () => {
  const tiff = makeTiff({ sampleFormat: 2 })
  const tag = readTiffTags(tiff).get(TAG.sampleFormat)
  const plain = mendTiff(tiff) ?? tiff
  expect(readTiffTags(plain).get(TAG.sampleFormat)?.values).toEqual(tag?.values.map(() => 1))
  expect(plain.filter((byte, i) => byte !== tiff[i])).toHaveLength(1)
})

it.each([
  ['orientation', 274],
  ['unit of its resolution', 296],
  ['order of its channels', 284],
  ['order of its bits', 266],
])('a TIFF is shown although there is no such %s', async (_, tag) => {
  const whole = makeTiff()
  const known = readTiffTags(whole).get(tag)
  for (const value of [0, 9]) {
    const bytes = known ? replaceValues(whole, known, value) : makeTiff({ extra: [[tag, [value]]] })
    expect((await look((await renderOne(renderer, bytes, 'full.q80')).bytes)).at(7, 7)).toEqual([
      85, 85, 85, 255,
    ])
  }
})
