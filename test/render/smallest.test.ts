import sharp, { type Sharp } from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import type { EncoderOptions } from '../../src/core/encoder.ts'
import { BT_709 } from '../../src/render/coded-colours.ts'
import { openComparisons } from '../../src/render/compare-look.ts'
import { toEncoding } from '../../src/render/encode.ts'
import { makeRgbProfile } from '../../src/render/icc-profile.ts'
import { readPixels } from '../../src/render/pixels.ts'
import type { Rendered } from '../../src/render/port.ts'
import { goalOf, targetOf } from '../../src/render/search.ts'
import { sharp as rendering } from '../../src/render/sharp.ts'
import { makeSmallest } from '../../src/render/smallest.ts'
import { insertAtStart, toSegment } from '../files/jpeg.ts'
import { PROFILES } from '../files/wide.ts'
import { UNSEARCHED } from '../support/encoders.ts'
import {
  paintBall,
  paintDrawing,
  paintLetters,
  paintPhoto,
  paintShades,
  paintSpecks,
} from '../support/paint.ts'
import { look, openTestRenderer, renderOne } from './support.ts'

const ENCODERS: EncoderOptions = { ...UNSEARCHED, avif: { effort: 1 } }

const toPng = (picture: Sharp): Promise<Buffer> => picture.png({ compressionLevel: 9 }).toBuffer()

describe('a result at its own size', () => {
  const renderer = openTestRenderer()
  afterAll(() => renderer.close())
  const render = (bytes: Uint8Array, asked: string, encoders = ENCODERS): Promise<Rendered> =>
    renderOne(renderer, bytes, asked, encoders)

  const own = async (name: string): Promise<readonly [Buffer, string]> => {
    switch (name) {
      case 'a screenshot of 16 colours':
        return [await paintDrawing(16).png({ palette: true, colours: 16, dither: 0 }).toBuffer(), 'png']
      case 'a screenshot of letters':
        return [await toPng(paintLetters()), 'png']
      case 'a grey photograph':
        return [await paintPhoto().greyscale().png({ adaptiveFiltering: true }).toBuffer(), 'png']
      case 'a drawing that shines through':
        return [await toPng(paintDrawing(8).ensureAlpha(0.5)), 'png']
      case 'a JPEG of quality 45':
        return [await paintPhoto().jpeg({ quality: 45 }).toBuffer(), 'jpg']
      case 'a progressive JPEG of quality 30 with EXIF and a comment':
        return [
          await paintPhoto()
            .withExif({ IFD0: { ImageDescription: 'private', Software: 'camera' } })
            .jpeg({ quality: 30, progressive: true, optimiseCoding: true })
            .toBuffer(),
          'jpg',
        ]
      case 'a WebP of quality 40 with EXIF':
        return [
          await paintPhoto()
            .withExif({ IFD0: { ImageDescription: 'private' } })
            .webp({ quality: 40 })
            .toBuffer(),
          'webp',
        ]
      case 'a WebP of quality 40 with an author':
        return [
          await paintPhoto()
            .withExif({ IFD0: { Copyright: 'Ada', ImageDescription: 'private private private private' } })
            .webp({ quality: 40 })
            .toBuffer(),
          'webp',
        ]
      case 'an AVIF of quality 30':
        return [await paintPhoto().avif({ quality: 30, effort: 0 }).toBuffer(), 'avif']
      case 'an AVIF that shines through':
        return [await paintPhoto().ensureAlpha(0.5).avif({ quality: 30, effort: 0 }).toBuffer(), 'avif']
      case 'an animation':
        return [
          await sharp([await toPng(paintDrawing(4)), await toPng(paintDrawing(4).negate())], {
            join: { animated: true },
          })
            .gif({ dither: 0 })
            .toBuffer(),
          'gif',
        ]
      case 'one pixel':
        return [
          await toPng(sharp({ create: { width: 1, height: 1, channels: 3, background: '#c00' } })),
          'png',
        ]
      default:
        throw new Error(name)
    }
  }

  it.each([
    'a screenshot of 16 colours',
    'a screenshot of letters',
    'a grey photograph',
    'a drawing that shines through',
    'a JPEG of quality 45',
    'a progressive JPEG of quality 30 with EXIF and a comment',
    'a WebP of quality 40 with EXIF',
    'a WebP of quality 40 with an author',
    'an AVIF of quality 30',
    'an AVIF that shines through',
    'an animation',
    'one pixel',
  ])('is not larger than its original, and shows the same: %s', async (name) => {
    const [original, format] = await own(name)
    const { bytes } = await render(original, `full.q80 ${format}`)
    expect(bytes.length).toBeLessThanOrEqual(original.length)
    expect(Buffer.from(bytes).includes('private')).toBe(false)
    const [seen, wanted] = [await look(bytes), await look(original)]
    expect([seen.width, seen.height]).toEqual([wanted.width, wanted.height])
    if (format === 'png') expect(seen.samples.equals(wanted.samples)).toBe(true)
    const { pages } = await sharp(bytes).metadata()
    expect(pages).toBe((await sharp(original).metadata()).pages)
  })

  it('is encoded anew where that is smaller than its original', async () => {
    const original = await paintPhoto().jpeg({ quality: 98 }).toBuffer()
    const { bytes, way } = await render(original, 'full.q80 jpg')
    expect(bytes.length).toBeLessThan(original.length)
    expect(way).toBeUndefined()
  })

  it('names its author, though the original serves as it is', async () => {
    const original = await paintPhoto()
      .withExif({ IFD0: { Copyright: 'Ada', ImageDescription: 'private' } })
      .jpeg({ quality: 30 })
      .toBuffer()
    const { bytes, way } = await render(original, 'full.q80 jpg')
    expect(way).toBe('original')
    const { exif } = await sharp(bytes).metadata()
    expect(exif?.includes('Ada')).toBe(true)
    expect(exif?.includes('private')).toBe(false)
  })

  it('is turned as the viewer sees it, and not the original then', async () => {
    const original = await paintPhoto().withMetadata({ orientation: 6 }).jpeg({ quality: 20 }).toBuffer()
    const { width, height, way } = await render(original, 'full.q80 jpg')
    expect(height).toBeGreaterThan(width)
    expect(way).toBeUndefined()
    const upside = await paintPhoto().withMetadata({ orientation: 3 }).jpeg({ quality: 20 }).toBuffer()
    expect((await render(upside, 'full.q80 jpg')).way).toBeUndefined()
  })

  it.each([
    ["sRGB's", BT_709, 'original'],
    ["another screen's", { ...BT_709, green: [0.31, 0.57] }, undefined],
  ] as const)(
    'is the original with %s profile only where the pixels are those',
    async (_, primaries, way) => {
      const icc = makeRgbProfile(primaries, { kind: 'srgb' })
      const segment = toSegment(0xe2, Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), icc]))
      const original = insertAtStart(await paintPhoto().jpeg({ quality: 20 }).toBuffer(), segment)
      expect((await render(original, 'full.q80 jpg')).way).toBe(way)
    },
  )

  it('is never in CMYK, which each browser shows in its own way', async () => {
    const original = await paintPhoto().toColourspace('cmyk').jpeg({ quality: 1 }).toBuffer()
    const { bytes, way } = await render(original, 'full.q80 jpg')
    expect(way).toBeUndefined()
    expect((await sharp(bytes).metadata()).space).toBe('srgb')
  })

  it('of another quality, size or ground is another picture', async () => {
    const original = await toPng(paintDrawing(8).ensureAlpha(0.5))
    const { bytes } = await render(original, 'full.bg-ff0000.q80 png')
    expect((await look(bytes)).at(3, 3)[3]).toBe(255)
  })
})

const PAINT = { 'a ball': paintBall, specks: paintSpecks, 'sixteen colours': () => paintDrawing(16) } as const

describe('of the encodings of a format', () => {
  const renderer = openTestRenderer()
  afterAll(() => renderer.close())
  const render = (bytes: Uint8Array, asked: string, encoders = ENCODERS): Promise<Rendered> =>
    renderOne(renderer, bytes, asked, encoders)

  it('a page of letters is a WebP without loss, unless that is not wanted', async () => {
    const page = await toPng(paintLetters())
    const { bytes, way, instead } = await render(page, 'full.q80 webp')
    expect(way).toMatch(/lossless/)
    expect(instead).toBeGreaterThan(bytes.length * 1.5)
    const never = await render(page, 'full.q80 webp', { ...ENCODERS, webp: { effort: 4, lossless: false } })
    expect(never).toMatchObject({ bytes: { length: instead } })
    expect(never.way).toBeUndefined()
  })

  it('a drawing of soft shades is a WebP with loss', async () => {
    const { way } = await render(await toPng(paintShades()), 'full.q80 webp')
    expect(way).toBeUndefined()
  })

  it.each([
    // 1,242 colours, and at the least effort twice as large as with loss.
    ['a ball', 92, 2, undefined],
    // Near-lossless is larger than with loss, but 307 colours come again and again.
    ['specks', 70, 4, 'lossless'],
    // Of few colours: without a look before.
    ['sixteen colours', 80, 3, 'lossless'],
  ] as const)('a WebP of %s takes only as many encodes as can win', async (name, quality, encodes, way) => {
    const pixels = await readPixels(PAINT[name]())
    const goal = { ...goalOf('webp', quality), isSearched: false }
    let changes = 0
    const count = () => changes++
    rendering.queue.on('change', count)
    const made = await makeSmallest(
      openComparisons()(pixels),
      { encoding: toEncoding('webp', quality, ENCODERS), goal },
      { encoders: ENCODERS, accompaniment: { credit: {} } },
    )
    rendering.queue.off('change', count)
    // Each has a beginning and an end.
    expect([changes / 2, made.way]).toEqual([encodes, way])
  })

  it('few colours have a palette, made smaller or not, of exactly those colours', async () => {
    for (const colours of [2, 3, 16, 200]) {
      const picture = await toPng(paintDrawing(colours))
      const { bytes, way } = await render(picture, 'full.q80 png')
      expect([colours, way]).toEqual([colours, expect.stringMatching(/palette|original/)])
      expect((await look(bytes)).samples.equals((await look(picture)).samples)).toBe(true)
      const whole = await render(picture, 'full.q80 png', { ...ENCODERS, png: { palette: false } })
      expect(whole.bytes.length).toBeGreaterThanOrEqual(bytes.length)
    }
  })

  it('many colours have a palette where that is allowed and nobody can tell', async () => {
    const few = { ...ENCODERS, png: { palette: 'look' } } as const
    // Ten colours beside three hundred that are hardly others.
    const picture = await toPng(paintDrawing(300))
    const made = await render(picture, '160w.q80 png', few)
    const exact = await render(picture, '160w.q80 png')
    expect(made.bytes.length).toBeLessThanOrEqual(exact.bytes.length)
    const photo = await toPng(paintPhoto())
    expect((await render(photo, 'full.q80 png', few)).way).not.toBe('quantised')
  })

  it('red letters on blue keep all of their colour where JPEG and AVIF would lose it', async () => {
    const letters = await toPng(paintLetters('#e00000', '#0000c0'))
    for (const format of ['jpg', 'avif']) {
      const { bytes, way } = await render(letters, `full.q80 ${format}`)
      expect([format, way]).toEqual([format, 'whole-chroma'])
      const { data, info } = await sharp(letters).removeAlpha().raw().toBuffer({ resolveWithObject: true })
      const pixels = {
        samples: data,
        width: info.width,
        height: info.height,
        channels: 3,
        frames: 1,
      } as const
      const beside = openComparisons()(pixels)
      const halved = await sharp(letters).jpeg({ quality: 80, mozjpeg: true }).toBuffer()
      expect(await beside.scoreOf(bytes)).toBeGreaterThan(await beside.scoreOf(halved))
    }
  })

  it('above 4.5 megapixels only those are tried that need no comparison', async () => {
    const large = { width: 2700, height: 1700, kernel: 'nearest', fit: 'fill' } as const
    const letters = await toPng(sharp(await toPng(paintLetters('#e00000', '#0000c0'))).resize(large))
    const ways = await Promise.all(
      ['jpg', 'png', 'webp'].map(async (format) => (await render(letters, `full.q80 ${format}`)).way),
    )
    expect(ways).toEqual([undefined, expect.stringMatching(/palette|original/), 'lossless'])
  })

  it('letters that are to fit keep all of their colour as well, at a lower quality', async () => {
    const letters = await toPng(paintLetters('#e00000', '#0000c0'))
    for (const format of ['jpg', 'avif']) {
      const free = await render(letters, `full.q80 ${format}`)
      const most = Math.ceil(free.bytes.length / 1200)
      const fitting = await render(letters, `full.max-${most}.q80 ${format}`)
      expect([format, fitting.way]).toEqual([format, 'whole-chroma'])
      expect(fitting.bytes.length).toBeLessThanOrEqual(most * 1000)
    }
  })

  it('a PNG of flat shades is packed as tightly as zlib can, unless the configuration says how', async () => {
    const shades = '<stop stop-color="#fa3"/><stop offset="1" stop-color="#24d"/>'
    const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200">
      <linearGradient id="a">${shades}</linearGradient><rect width="300" height="90" fill="url(#a)"/>
      <circle cx="80" cy="140" r="31" fill="#093"/></svg>`
    const bytes = Buffer.from(drawing)
    const tight = (await render(bytes, '300w.q80 png')).bytes
    const usual = (await render(bytes, '300w.q80 png', { ...ENCODERS, png: { compressionLevel: 6 } })).bytes
    const most = await sharp(tight).png({ compressionLevel: 9, adaptiveFiltering: true }).toBuffer()
    expect(tight.length).toBeLessThan(usual.length)
    expect(tight.length).toBeLessThanOrEqual(most.length)
    expect((await look(tight)).samples.equals((await look(usual)).samples)).toBe(true)
  })

  it('a grey photograph has one sample a pixel in PNG and JPEG, and shows the same', async () => {
    const photo = await paintPhoto().greyscale().toColourspace('srgb').png().toBuffer()
    const inColour = await toPng(paintPhoto().tint('#fee'))
    for (const format of ['png', 'jpg']) {
      const { bytes } = await render(photo, `300w.q80 ${format}`)
      expect([format, (await sharp(bytes).metadata()).channels]).toEqual([format, 1])
      const coloured = await render(inColour, `300w.q80 ${format}`)
      expect((await sharp(coloured.bytes).metadata()).channels).toBe(3)
    }
    const [made, direct] = [await render(photo, '300w.q80 png'), await render(photo, '300w.q80 webp')]
    const score = await openComparisons()(await readPixels(sharp(made.bytes).toColourspace('srgb'))).scoreOf(
      direct.bytes,
    )
    expect(score).toBeGreaterThan(60)
    const whole = await render(photo, 'full.q80 png')
    expect((await look(whole.bytes)).samples.equals((await look(photo)).samples)).toBe(true)
    const greyFile = await paintPhoto().toColourspace('b-w').jpeg().toBuffer()
    expect((await sharp((await render(greyFile, 'full.q80 jpg')).bytes).metadata()).channels).toBe(1)
  })

  it('two equal channels, or greys of wide colours, are no grey', async () => {
    for (const background of ['#6464c8', '#64c864', '#c86464']) {
      const file = await toPng(sharp({ create: { width: 300, height: 200, channels: 3, background } }))
      expect((await look((await render(file, 'full.q80 png')).bytes)).at(9, 9)).toEqual(
        (await look(file)).at(9, 9),
      )
    }
    const wide = await toPng(paintPhoto().greyscale().toColourspace('srgb').withIccProfile('p3'))
    const { icc, channels } = await sharp((await render(wide, '300w.q80 png')).bytes).metadata()
    expect([icc, channels]).toEqual([PROFILES.p3, 3])
  })

  it('an alpha channel through which nothing shines is left out', async () => {
    const photo = await toPng(paintPhoto())
    const withAlpha = await toPng(paintPhoto().ensureAlpha())
    const shining = await toPng(paintPhoto().ensureAlpha(0.5))
    for (const format of ['avif', 'png', 'webp']) {
      const [made, plain, kept] = await Promise.all(
        [withAlpha, photo, shining].map((bytes) => render(bytes, `200w.q80 ${format}`)),
      )
      expect(made?.bytes.length).toBe(plain?.bytes.length)
      const metas = await Promise.all([made, kept].map((each) => sharp(each?.bytes).metadata()))
      expect([format, metas.map(({ hasAlpha }) => hasAlpha)]).toEqual([format, [false, true]])
    }
  })

  it('few colours have a palette however restless they are', async () => {
    const samples = Buffer.alloc(300 * 200 * 3)
    for (let at = 0, seed = 1; at < samples.length; at += 3) {
      seed = (seed * 48_271) % 2_147_483_647
      samples.set([seed % 200, 90, 255 - (seed % 200)], at)
    }
    const restless = await toPng(sharp(samples, { raw: { width: 300, height: 200, channels: 3 } }))
    const { bytes, way } = await render(restless, 'full.q80 png')
    expect(way).toBe('palette')
    expect((await look(bytes)).samples.equals((await look(restless)).samples)).toBe(true)
  })

  it('dense letters may be drawn where their colours are few, and photographs are not', () => {
    // Of three pixels in a row, one is as those beside it.
    const stripes = (colourOf: (x: number) => number) => {
      const [width, height, channels] = [900, 40, 3] as const
      const samples = Buffer.alloc(width * height * channels)
      for (let at = 0; at < samples.length; at += channels) {
        const x = (at / channels) % width
        samples.writeUIntBE(colourOf(x - (x % 3 === 2 ? 1 : 0)), at, channels)
      }
      return openComparisons()({ samples, width, height, channels, frames: 1 }).isDrawn()
    }
    expect(stripes((x) => (x % 3 === 0 ? 0 : 0xffffff))).toBe(true)
    expect(stripes((x) => x * 1000)).toBe(false)
  })

  it('a photograph is what it was', async () => {
    const photo = await toPng(paintPhoto())
    for (const format of ['jpg', 'webp', 'avif'])
      expect(await render(photo, `200w.q80 ${format}`)).not.toHaveProperty('way')
    expect(targetOf(80)).toBe(69)
  })
})
