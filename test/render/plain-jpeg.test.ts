import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { type PictureMetadata, readPlainJpeg } from '../../src/render/plain-jpeg.ts'
import { paintPhoto } from '../support/paint.ts'

/** What we ask of it, as sharp tells it. */
const askSharp = async (bytes: Uint8Array): Promise<PictureMetadata> => {
  const {
    width,
    height,
    autoOrient,
    channels,
    depth,
    hasAlpha,
    hasProfile,
    isProgressive,
    orientation,
    exif,
    space,
    icc,
  } = await sharp(bytes).metadata()
  return {
    ...{ width, height, autoOrient, channels, depth, space, hasAlpha, hasProfile, isProgressive },
    ...(orientation !== undefined && { orientation }),
    ...(exif !== undefined && { exif }),
    ...(icc !== undefined && { icc }),
  }
}

it.each([
  ['of one scan', {}],
  ['progressive', { progressive: true }],
  ['of whole chroma', { chromaSubsampling: '4:4:4' }],
  ['of mozjpeg', { mozjpeg: true }],
])('a JPEG with nothing beside its pixels %s is known without sharp', async (_, options) => {
  for (const picture of [paintPhoto(), paintPhoto().greyscale(), paintPhoto().resize(1, 7)]) {
    const bytes = await picture.jpeg(options).toBuffer()
    expect(readPlainJpeg(bytes)).toEqual(await askSharp(bytes))
  }
})

describe('a JPEG that is more', () => {
  const usual = () => paintPhoto().jpeg()
  it.each([
    ['a turn', () => usual().withMetadata({ orientation: 6 })],
    ['a credit', () => usual().withExif({ IFD0: { Artist: 'A. Painter' } })],
    ['a profile', () => usual().withIccProfile('p3')],
    ['four inks', () => paintPhoto().toColourspace('cmyk').jpeg()],
  ])('has %s, and sharp is asked', async (_, make) => {
    expect(readPlainJpeg(await make().toBuffer())).toBeUndefined()
  })

  it('is cut off or out of order before its first scan, and sharp is asked', async () => {
    const bytes = await usual().toBuffer()
    const scan = bytes.indexOf(Buffer.from([0xff, 0xda]))
    for (let end = 0; end < scan; end++) expect(readPlainJpeg(bytes.subarray(0, end))).toBeUndefined()
    const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]))
    const twice = Buffer.concat([bytes.subarray(0, scan), bytes.subarray(frame, scan), bytes.subarray(scan)])
    expect(readPlainJpeg(twice)).toBeUndefined()
    for (const [at, wrong] of [
      [4, 12], // bits of a sample
      [9, 2], // components
      [10, 9], // the first one's number
      [11, 0], // its factors
    ] as const) {
      const broken = Buffer.from(bytes)
      broken[frame + at] = wrong
      expect(readPlainJpeg(broken)).toBeUndefined()
    }
  })
})
