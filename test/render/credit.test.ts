import readExif from 'exif-reader'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { readCredit } from '../../src/render/copyright.ts'
import { openTestRenderer, plain, renderAll, renderOne } from './support.ts'

const renderer = openTestRenderer()
afterAll(() => renderer.close())

const photographed = () =>
  plain(60, 40).withExif({
    IFD0: { Copyright: '(C) 2024 Mira', Artist: 'Mira Lindqvist', Make: 'Camera', Software: 'Editor' },
    IFD3: {
      GPSLatitudeRef: 'N',
      GPSLatitude: '51/1 30/1 3230/100',
      GPSLongitudeRef: 'W',
      GPSLongitude: '0/1 7/1 4366/100',
    },
  })

describe('the metadata of a result', () => {
  it('keep who made the picture, and nothing else: not where it was taken', async () => {
    const bytes = await photographed().withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>').jpeg().toBuffer()
    expect(readExif((await sharp(bytes).metadata()).exif ?? Buffer.of()).GPSInfo).toBeDefined()
    for (const output of await renderAll(renderer, bytes, [
      '30w.q80 jpg',
      '30w.q80 webp',
      '30w.q80 avif',
      '30w.q80 png',
    ])) {
      const metadata = await sharp(output.bytes).metadata()
      const exif = readExif(metadata.exif ?? Buffer.of())
      expect(readCredit(metadata.exif)).toEqual({ copyright: '(C) 2024 Mira', artist: 'Mira Lindqvist' })
      expect(exif.Image?.Make).toBeUndefined()
      expect(exif.Image?.Software).toBeUndefined()
      expect(exif.GPSInfo).toBeUndefined()
      expect(metadata.xmp).toBeUndefined()
      expect(metadata.icc).toBeUndefined()
    }
  })

  it('are none where the source names nobody', async () => {
    const bytes = await plain(60, 40)
      .withExif({ IFD0: { Make: 'Camera' } })
      .jpeg()
      .toBuffer()
    expect(
      (await sharp((await renderOne(renderer, bytes, '30w.q80 jpg')).bytes).metadata()).exif,
    ).toBeUndefined()
  })

  it('keep a name that is not plain ASCII, in XMP as well', async () => {
    // libvips writes ASCII alone, so the source's name is put in place of one with as many bytes.
    const name = 'Jürgen <ж>'
    const stand = 'x'.repeat(Buffer.byteLength(name))
    const bytes = await plain(60, 40)
      .withExif({ IFD0: { Artist: stand } })
      .jpeg()
      .toBuffer()
    bytes.write(name, bytes.indexOf(stand))
    for (const output of await renderAll(renderer, bytes, [
      '30w.q80 jpg',
      '30w.q80 webp',
      '30w.q80 avif',
      '30w.q80 png',
    ])) {
      const metadata = await sharp(output.bytes).metadata()
      expect(readCredit(metadata.exif).artist).toMatch(/^Jurgen <.+>$/)
      expect(metadata.xmp?.toString()).toContain('<rdf:li>Jürgen &lt;ж&gt;</rdf:li>')
    }
  })

  it('keep a name in brackets', async () => {
    const bytes = await plain(60, 40)
      .withExif({ IFD0: { Artist: 'Mira (Agency) (,)' } })
      .jpeg()
      .toBuffer()
    const output = await renderOne(renderer, bytes, '30w.q80 jpg')
    expect(readCredit((await sharp(output.bytes).metadata()).exif)).toEqual({ artist: 'Mira (Agency)' })
  })

  it('do not stop a picture whose EXIF is damaged', () => {
    expect(readCredit(Buffer.from('Exif\0\0garbage'))).toEqual({})
  })
})
