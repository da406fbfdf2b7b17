import { describe, expect, it } from 'vitest'
import { Problem } from '../../src/core/problem.ts'
import { changeTag, makePages, makeTiff, tiled } from '../files/tiff.ts'
import { ask, openFileRenderer, QUICK } from './support.ts'

const renderer = openFileRenderer()

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

const problemOf = async (bytes: Buffer): Promise<Problem> => {
  const request = { bytes: Buffer.from(bytes), outputs: [ask('5w.q80')], encoders: QUICK }
  const problem = await renderer.render(request).catch((error: unknown) => error)
  if (problem instanceof Problem) return problem
  throw new Error('it was read', { cause: problem })
}

describe('a picture of a kind that cannot be read says which', () => {
  const ftyp = (brands: string): Buffer =>
    latin1(`\0\0\0${String.fromCharCode(8 + brands.length)}ftyp${brands}`)
  it.each([
    ['HEIC', ftyp('heic\0\0\0\0mif1heic')],
    ['HEIC', ftyp('mif1\0\0\0\0mif1heic')],
    ['raw file (CR3)', ftyp('crx \0\0\0\x01crx isom')],
    ['JPEG XL', latin1('\0\0\0\x0cJXL \r\n\x87\n')],
    ['JPEG XL', latin1('\xff\x0a\xfa\x7f')],
    ['JPEG 2000', latin1('\0\0\0\x0cjP  \r\n\x87\n')],
    ['JPEG 2000', latin1('\xff\x4f\xff\x51')],
    ['Photoshop', latin1('8BPS\0\x01')],
    ['PDF', latin1('%PDF-1.7\n1 0 obj\n')],
    ['PostScript', latin1('%!PS-Adobe-3.0 EPSF-3.0\n')],
    ['metafile (WMF)', latin1('\xd7\xcd\xc6\x9a\0\0')],
    ['metafile (EMF)', Buffer.concat([latin1('\x01\0\0\0'), Buffer.alloc(36), latin1(' EMF')])],
    ['raw file (RAF)', latin1('FUJIFILMCCD-RAW 0201')],
    ['raw file (ORF)', latin1('IIRO\x08\0\0\0')],
    ['raw file (RW2)', latin1('IIU\0\x18\0\0\0')],
    ['PPM', latin1('P6\n1 1\n255\nabc')],
    ['PCX', latin1('\x0a\x05\x01\x08')],
    ['FITS', latin1('SIMPLE  =                    T')],
    ['DICOM', Buffer.concat([Buffer.alloc(128), latin1('DICM')])],
    ['Targa', Buffer.concat([Buffer.alloc(60), latin1('TRUEVISION-XFILE.\0')])],
    ['Targa', latin1('\0\0\x02\0\0\0\0\0\0\0\0\0\x40\0\x40\0\x18\x20abc')],
    ['OpenEXR', latin1('\x76\x2f\x31\x01')],
    ['QOI', latin1('qoif\0\0\0\x01')],
  ])('%s', async (words, bytes) => {
    const { code, message, hint } = await problemOf(bytes)
    expect([code, message]).toEqual(['image-unsupported', expect.stringContaining(words)])
    expect(hint).toMatch(/Save|Develop/)
  })

  it.each([
    ['a raw file (CR2)', 'CR2', Buffer.from('49492a001000000043520200', 'hex')],
    ['a raw file (DNG)', 'DNG', makeTiff({ extra: [[50_706, [1, 4, 0, 0]]] })],
    [
      'a raw file of Nikon',
      'of NIKON',
      makeTiff({
        make: 'NIKON CORPORATION',
        extra: [
          [254, [1]],
          [330, [8]],
        ],
      }),
    ],
    ['ZSTD in a TIFF', 'ZSTD', makeTiff({ compression: 50_000 })],
    ['LZMA in a TIFF', 'LZMA', makeTiff({ compression: 34_925 })],
    ['old-style JPEG in a TIFF', 'old-style JPEG', makeTiff({ compression: 6 })],
    ['12 bits in a TIFF', '12 bits', makeTiff({ bits: 12, samples: Buffer.alloc(96) })],
    ['colours of 4 bits in a TIFF', '4 bits', makeTiff({ bits: 4, channels: 3 })],
    ['a compression that has no name here', 'number 12345', makeTiff({ compression: 12_345 })],
    ['a JPEG behind a byte order mark', 'other bytes', latin1('\xef\xbb\xbf\xff\xd8\xff\xe0\0\x10JFIF\0')],
    ['a PNG behind a warning of PHP', 'other bytes', latin1('<b>Warning</b>: x\n\x89PNG\r\n\x1a\n\0\0')],
    ['a PNG of other line ends', 'as text', latin1('\x89PNG\n\x1a\n\0\0\0\rIHDR')],
    ['a JPEG in UTF-8', 'as text', Buffer.from('\xff\xd8\xff\xe0\0\x10JFIF\0')],
    ['a JPEG in base64', 'base64', latin1('/9j/4AAQSkZJRg')],
    ['JPEG 2000 in a TIFF', 'JPEG 2000', makeTiff({ compression: 33_004 })],
    ['LAB in a TIFF', 'LAB', makeTiff({ photometric: 8, channels: 3 })],
    // These libvips would show wrongly.
    ['LAB of 16 bits in a TIFF', 'LAB', makeTiff({ photometric: 8, channels: 3, bits: 16 })],
    ['YCbCr in a TIFF', 'YCbCr', makeTiff({ photometric: 6, channels: 3 })],
    [
      'inks in floats',
      'inks in floats',
      makeTiff({ photometric: 5, channels: 4, bits: 32, sampleFormat: 3 }),
    ],
    ['three inks', 'other inks', makeTiff({ photometric: 5, channels: 3 })],
    ['three greys', '3 greys', makeTiff({ photometric: 1, channels: 3 })],
    [
      'planes of grey and of alpha',
      'grey and alpha in separate planes',
      changeTag(makeTiff({ channels: 2, extraSamples: [2] }), 284, 2),
    ],
    ['colours without a name', 'number 99', makeTiff({ photometric: 99, channels: 3 })],
    [
      '32 bits that alpha is multiplied into',
      'multiplied by alpha',
      makeTiff({ channels: 4, bits: 32, extraSamples: [1] }),
    ],
    [
      'inks of 16 bits that alpha is multiplied into',
      'inks of 16 bits, multiplied by alpha',
      makeTiff({ photometric: 5, channels: 5, bits: 16, extraSamples: [1] }),
    ],
    ['an unknown compression in tiles', 'number 9', changeTag(tiled, 259, 9)],
    [
      'ZSTD in the page behind a smaller copy',
      'ZSTD',
      makePages({ extra: [[254, [1]]] }, { compression: 50_000 }),
    ],
  ])('%s, and not that it is damaged', async (_, words, bytes) => {
    const { code, message } = await problemOf(bytes)
    expect([code, message]).toEqual(['image-unsupported', expect.stringContaining(words)])
  })

  it.each([
    ['12 bits', 0xc1, 12],
    ['lossless', 0xc3, 8],
    ['JPEG-LS', 0xf7, 8],
    ['arithmetic', 0xc9, 8],
  ])('a JPEG: %s', async (words, marker, precision) => {
    const frame = [0xff, marker, 0, 11, precision, 0, 8, 0, 8, 1, 1, 0x11, 0]
    const scan = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 1, 2, 3]
    const { code, message } = await problemOf(Buffer.from([0xff, 0xd8, ...frame, ...scan, 0xff, 0xd9]))
    expect([code, message]).toEqual(['image-unsupported', expect.stringContaining(words)])
  })
})

it.each([
  ['empty', Buffer.of()],
  ['text', latin1('hello')],
  ['a video', latin1('\0\0\0\x18ftypmp42\0\0\0\0mp42isom')],
  ['a video', latin1('\0\0\0\x14ftypqt  \0\0\0\0qt  ')],
  ['a video', latin1('\x1a\x45\xdf\xa3')],
  ['a ZIP archive', latin1('PK\x03\x04\x14\0')],
  ['an Office document', latin1('PK\x03\x04\x14\0\x06\0[Content_Types].xml')],
  ['a web page', latin1('<!-- cached --><!-- 1 -->\n<html><body></body></html>')],
  ['a web page', latin1('<!doctype html><html><svg xmlns="http://www.w3.org/2000/svg"/></html>')],
  ['Git LFS', latin1('version https://git-lfs.github.com/spec/v1\noid sha256:1\n')],
  ['text', latin1('push graphic-context\nviewbox 0 0 640 480\n')],
  ['a file of zeros', Buffer.alloc(2_000)],
  ['no picture of a kind', latin1('\xff\xd8')],
  ['no picture of a kind', latin1('\x7fELF\x02\x01\x01\0')],
])('what is no picture says what it is %s', async (words, bytes) => {
  const { code, message } = await problemOf(bytes)
  expect([code, message]).toEqual(['not-an-image', expect.stringContaining(words)])
})
