import readExif from 'exif-reader'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { readCredit } from '../../src/render/copyright.ts'
import { expectCpuWithin } from '../support/cpu.ts'
import { openFileRenderer, plain, renderAll, renderOne } from './support.ts'

const renderer = openFileRenderer()

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

  it('are read in time that grows with their size, whatever they claim', async () => {
    // 60,000 entries, each of as many values as there are bytes, and a name of NULs with an end.
    const entries = 60_000
    const exif = Buffer.alloc(10 + entries * 12 + 400_000)
    exif.write('II*\0', 'latin1')
    exif.writeUInt32LE(8, 4)
    exif.writeUInt16LE(entries, 8)
    for (let i = 0; i < entries; i++) {
      const at = 10 + i * 12
      exif.writeUInt16LE(i === 0 ? 315 : 40_000, at)
      exif.writeUInt16LE(i === 0 ? 2 : 4, at + 2)
      exif.writeUInt32LE(i === 0 ? 400_000 : 200_000, at + 4)
      exif.writeUInt32LE(i === 0 ? 10 + entries * 12 : 8, at + 8)
    }
    exif.write('x', exif.length - 1)
    await expectCpuWithin(1, () => expect(readCredit(exif)).toEqual({}))
  })
})
