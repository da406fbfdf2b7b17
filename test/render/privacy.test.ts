import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { walkChunks } from '../../src/render/png-chunks.ts'
import { insertAtStart, toSegment } from '../files/jpeg.ts'
import { addChunks } from '../files/png.ts'
import { readWebpPixels, writeWebp } from '../files/riff.ts'
import { makeTiff } from '../files/tiff.ts'
import { openFileRenderer, photo, renderAll } from './support.ts'

const renderer = openFileRenderer()

/** Stands wherever a file can hold a text; a result must not have it, plain, in UTF-16 or packed. */
const SECRET = 'PRIVATE-NOTE-4711'

const picture = photo(64, 48)
const plain = {
  jpeg: await picture.clone().jpeg().toBuffer(),
  png: await picture.clone().png().toBuffer(),
  webp: await picture.clone().webp().toBuffer(),
  gif: await picture.clone().gif().toBuffer(),
}

/** Where it was taken, by whom, with what, and a note; besides, who made it and whose it is, which are kept. */
const exif =
  (
    await sharp(plain.jpeg)
      .withExif({
        IFD0: {
          Make: SECRET,
          Model: SECRET,
          Software: SECRET,
          ImageDescription: SECRET,
          Artist: 'Ada',
          Copyright: 'Ada',
        },
        IFD2: { UserComment: SECRET, LensModel: SECRET },
        IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 30/1 0/1', GPSAreaInformation: SECRET },
      })
      .toBuffer()
      .then((bytes) => sharp(bytes).metadata())
  ).exif ?? Buffer.of()

const xmp = Buffer.from(
  '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
    `<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" dc:description="${SECRET}"/></rdf:RDF></x:xmpmeta>`,
)

/** Photoshop's block with IPTC's caption (2:120). */
const iptc = Buffer.concat([
  Buffer.from('Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0', 'latin1'),
  Buffer.of(SECRET.length + 5 + ((SECRET.length + 5) % 2)),
  Buffer.of(0x1c, 2, 120, 0, SECRET.length),
  Buffer.from(SECRET),
  Buffer.alloc((SECRET.length + 5) % 2),
])

/** A profile whose description is a text of the owner's: Display P3 with its words replaced. */
const profile = ((await sharp(await picture.clone().withIccProfile('p3').png().toBuffer()).metadata()).icc ??
  Buffer.of()) as Buffer
const described = Buffer.concat([profile, Buffer.from(SECRET)])
described.writeUInt32BE(described.length)

const text = (keyword: string): Buffer => Buffer.from(`${keyword}\0${SECRET}`)

const comment = Buffer.concat([Buffer.of(0x21, 0xfe, SECRET.length), Buffer.from(SECRET), Buffer.of(0)])
const gifHead = 13 + 3 * 2 ** (((plain.gif[10] ?? 0) & 7) + 1)

const SOURCES: readonly (readonly [name: string, bytes: Buffer])[] = [
  [
    'a JPEG',
    insertAtStart(
      plain.jpeg,
      toSegment(
        0xe1,
        Buffer.concat([
          Buffer.from('Exif\0\0'),
          exif.subarray(exif.toString('latin1', 0, 4) === 'Exif' ? 6 : 0),
        ]),
      ),
      toSegment(0xe1, Buffer.concat([Buffer.from('http://ns.adobe.com/xap/1.0/\0'), xmp])),
      toSegment(0xe2, Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), described])),
      toSegment(0xed, iptc),
      toSegment(0xfe, Buffer.from(SECRET)),
    ),
  ],
  [
    'a PNG',
    addChunks(plain.png, [
      ['eXIf', exif.subarray(exif.toString('latin1', 0, 4) === 'Exif' ? 6 : 0)],
      ['iCCP', Buffer.concat([Buffer.from(`${SECRET}\0\0`), deflateSync(described)])],
      ['tEXt', text('Comment')],
      ['zTXt', Buffer.concat([Buffer.from('Author\0\0'), deflateSync(Buffer.from(SECRET))])],
      ['iTXt', Buffer.concat([Buffer.from('XML:com.adobe.xmp\0\0\0\0\0'), xmp])],
    ]),
  ],
  [
    'a WebP',
    writeWebp({ width: 64, height: 48, flags: 32 | 8 | 4 }, [
      ['ICCP', described],
      readWebpPixels(plain.webp),
      ['EXIF', exif.subarray(exif.toString('latin1', 0, 4) === 'Exif' ? 6 : 0)],
      ['XMP ', xmp],
    ]),
  ],
  ['a GIF', Buffer.concat([plain.gif.subarray(0, gifHead), comment, plain.gif.subarray(gifHead)])],
  [
    'an AVIF',
    await sharp(plain.jpeg)
      .withExif({ IFD0: { Make: SECRET }, IFD3: { GPSAreaInformation: SECRET } })
      .withXmp(xmp.toString())
      .avif({ effort: 0 })
      .toBuffer(),
  ],
  [
    'a TIFF',
    makeTiff({
      width: 64,
      height: 48,
      channels: 3,
      samples: await picture.clone().raw().toBuffer(),
      make: SECRET,
    }),
  ],
]

const FORMATS = ['avif', 'webp', 'jpg', 'png', 'gif'] as const

describe('nothing private of a source reaches a result', () => {
  it.each(SOURCES)('of %s', async (_, bytes) => {
    expect(bytes.includes(SECRET)).toBe(true)
    const asked = FORMATS.flatMap((format) => [
      `64w.q80 ${format}`,
      `32w.q80 ${format}`,
      `20x20.cover.attention.q80 ${format}`,
    ])
    for (const output of await renderAll(renderer, bytes, asked)) {
      const result = Buffer.from(output.bytes)
      for (const spelling of [SECRET, Buffer.from(SECRET, 'utf16le')])
        expect(result.includes(spelling)).toBe(false)
      const { icc, xmp: found, comments, iptc: caption, exif: kept } = await sharp(result).metadata()
      expect(comments).toBeUndefined()
      expect(caption).toBeUndefined()
      for (const block of [icc, found, kept]) expect(block?.includes(SECRET) ?? false).toBe(false)
      expect(kept?.includes('GPS') ?? false).toBe(false)
      // The tag of the GPS directory (0x8825), either way round.
      for (const tag of ['25880400', '88250004']) expect(kept?.includes(tag, 0, 'hex') ?? false).toBe(false)
    }
  })

  // One file of a picture that nobody has signed is made by a single pipeline, out of the source itself.
  it.each(['a JPEG', 'a WebP', 'an AVIF'])('of %s that is made into one file', async (name) => {
    const [, whole = Buffer.of()] = SOURCES.find(([each]) => each === name) ?? []
    const unsigned = Buffer.from(whole.toString('latin1').replaceAll(/Ada\0/g, '\0\0\0\0'), 'latin1')
    expect((await renderer.inspect(Buffer.from(unsigned))).credit).toEqual({})
    for (const format of ['avif', 'webp', 'jpg'] as const) {
      const [output] = await renderAll(renderer, unsigned, [`64w.q80 ${format}`])
      expect(Buffer.from(output?.bytes ?? []).includes(SECRET)).toBe(false)
    }
  })

  it('nor anything that shows nothing: a PNG of pixels alone has no other chunks', async () => {
    const bytes = await photo(40, 30).withMetadata({ density: 300 }).png().toBuffer()
    for (const output of await renderAll(renderer, bytes, ['full.q80', '9x9.contain.bg-ff0000.q80'])) {
      const names = [...walkChunks(Buffer.from(output.bytes))].map(({ name }) => name)
      expect(['IHDR', 'PLTE', 'IDAT', 'IEND']).toEqual(expect.arrayContaining(names))
    }
  })

  it('and what is kept, who made it and whose it is, does', async () => {
    const [, jpeg] = SOURCES[0] ?? []
    const [output] = await renderAll(renderer, jpeg ?? Buffer.of(), ['64w.q80 jpg'])
    expect((await sharp(output?.bytes).metadata()).exif?.includes('Ada')).toBe(true)
  })
})
