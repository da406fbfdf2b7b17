import { photo } from '../../render/support.ts'
import * as avif from './avif.ts'
import * as gif from './gif.ts'
import * as jpeg from './jpeg.ts'
import * as png from './png.ts'
import * as svg from './svg.ts'
import * as tiff from './tiff.ts'
import * as webp from './webp.ts'

/** A file that is made to take a renderer down, or happens to. */
export interface Torment {
  readonly name: string
  readonly make: () => Buffer | Promise<Buffer>
  /** What is asked for; by default a WebP 1,600 wide. */
  readonly asked?: string
  /** The code that it is refused with; none where there is a picture to be shown. */
  readonly code?: string
}

const HUNDRED_MEGAPIXELS = { width: 9984, height: 9984 }
const MANY_MEGAPIXELS = { width: 4992, height: 4992 }
const NOTHING = Buffer.of()
const SMALL = { width: 90, height: 60 }

const JPEGS: readonly Torment[] = [
  {
    name: '900 scans over a hundred megapixels',
    make: () => jpeg.manyScans(HUNDRED_MEGAPIXELS, 900),
    code: 'too-many-scans',
  },
  {
    name: 'the same scan 900 times over a hundred megapixels',
    make: () => jpeg.repeatedScans(HUNDRED_MEGAPIXELS, 900),
    code: 'too-many-scans',
  },
  { name: '600 scans over a small picture', make: () => jpeg.manyScans(SMALL, 600) },
  {
    name: 'coefficients of a hundred megapixels in 600 kB',
    make: () => jpeg.sparseProgressive(HUNDRED_MEGAPIXELS),
    code: 'too-large-for-memory',
  },
  {
    name: 'CMYK of 81 megapixels, each ink in a scan of its own',
    make: () => jpeg.onlyHeader({ width: 9000, height: 9000 }, { marker: 0xc0, components: 4 }),
    code: 'too-large-for-memory',
  },
  {
    name: 'the largest sides there can be',
    make: () => jpeg.onlyHeader({ width: 65_500, height: 65_500 }),
    code: 'too-many-pixels',
  },
  { name: 'no sides', make: () => jpeg.onlyHeader({ width: 0, height: 0 }), code: 'image-corrupt' },
  { name: 'arithmetic coding', make: () => jpeg.onlyHeader(SMALL, { marker: 0xc9 }) },
  {
    name: 'sampling factors of 15',
    make: () => jpeg.onlyHeader(SMALL, { sampling: 0xff }),
    code: 'image-corrupt',
  },
  {
    name: 'EXIF that leads to itself',
    make: async () => jpeg.withSegments(await small(), jpeg.loopingExif()),
  },
  {
    name: 'EXIF of four thousand million values',
    make: async () => jpeg.withSegments(await small(), jpeg.boundlessExif()),
  },
  {
    name: 'a colour profile in 255 parts that is none',
    make: async () => jpeg.withSegments(await small(), ...jpeg.brokenProfile(255)),
  },
  {
    name: 'a segment longer than the file',
    make: async () => jpeg.withSegments(await small(), Buffer.from([0xff, 0xe1, 0xff, 0xff])),
    code: 'image-corrupt',
  },
  {
    name: 'a million restart marks',
    make: () =>
      Buffer.concat([
        jpeg.onlyHeader(SMALL).subarray(0, -2),
        Buffer.alloc(2_000_000, Buffer.from([0xff, 0xd3])),
        jpeg.END,
      ]),
    code: 'image-corrupt',
  },
]

const PNGS: readonly Torment[] = [
  { name: '25 megapixels in 75 kB', make: () => png.png(MANY_MEGAPIXELS) },
  {
    name: 'a hundred megapixels interlaced',
    make: () => png.png(HUNDRED_MEGAPIXELS, { isInterlaced: true, pixels: NOTHING }),
    code: 'too-large-for-memory',
  },
  {
    name: '49 megapixels of 16 bits, interlaced',
    make: () =>
      png.png({ width: 7000, height: 7000 }, { isInterlaced: true, depth: 16, colour: 6, pixels: NOTHING }),
    code: 'too-large-for-memory',
  },
  {
    name: 'a colour profile of 100 MB in 100 kB',
    make: () =>
      png.png(SMALL, {
        before: [png.chunk('iCCP', Buffer.concat([Buffer.from('x\0\0'), png.bomb(100_000_000)]))],
      }),
  },
  {
    name: 'text of 9 GB in 9 MB',
    make: () => {
      const text = png.chunk('zTXt', Buffer.concat([Buffer.from('x\0\0'), png.bomb(30_000_000)]))
      return png.png(SMALL, { before: Array<Buffer>(300).fill(text) })
    },
    code: 'image-corrupt',
  },
  {
    name: 'pixels of 100 MB for a small picture',
    make: () => png.png(SMALL, { pixels: png.bomb(100_000_000) }),
  },
  { name: 'no pixels', make: () => png.png(SMALL, { pixels: NOTHING }), code: 'image-corrupt' },
  { name: 'no sides', make: () => png.png({ width: 0, height: 9 }), code: 'image-corrupt' },
  {
    name: 'a chunk that says to be of 2 GB',
    make: () => png.png(SMALL, { before: [png.chunk('tEXt', Buffer.from('a\0b'), 0x7fff_ffff)] }),
    code: 'image-corrupt',
  },
  {
    name: 'an animation of four thousand million frames that are not there',
    make: () => png.png(SMALL, { before: [png.animationControl(0xffff_ffff)] }),
  },
  { name: 'seven bits a sample', make: () => png.png(SMALL, { depth: 7 }), code: 'image-corrupt' },
  {
    name: 'a hundred thousand empty chunks',
    make: () => png.png(SMALL, { before: Array<Buffer>(100_000).fill(png.chunk('teSt', Buffer.of())) }),
  },
]

const GIFS: readonly Torment[] = [
  {
    name: 'a canvas of four megapixels with 24 frames of one pixel',
    asked: '200w.q80 webp',
    make: () => gif.gif({ width: 2000, height: 2000 }, Array(24).fill({ width: 1, height: 1 })),
    code: 'too-large-for-memory',
  },
  {
    name: '20,000 frames',
    make: () => gif.gif({ width: 10, height: 10 }, Array(20_000).fill({ width: 1, height: 1 })),
    code: 'too-many-frames',
  },
  {
    name: '81 megapixels in 55 kB',
    make: () => gif.gif({ width: 9000, height: 9000 }, [{ width: 9000, height: 9000 }]),
    code: 'too-large-for-memory',
  },
  {
    name: 'the largest canvas there can be',
    make: () =>
      gif.gif({ width: 65_535, height: 65_535 }, [
        { width: 65_535, height: 65_535, coded: Buffer.of(0x44, 1, 5) },
      ]),
    code: 'too-many-pixels',
  },
  {
    name: 'a frame larger than its canvas',
    make: () => gif.gif({ width: 10, height: 10 }, [{ width: 3000, height: 3000 }]),
  },
  {
    name: 'codes of 12 bits from the start',
    make: () => gif.gif(SMALL, [{ ...SMALL, codeBits: 12 }]),
    code: 'image-corrupt',
  },
  { name: 'a comment of 5 MB', make: () => gif.gif(SMALL, [SMALL], [gif.comment(5_000_000)]) },
  { name: 'no canvas', make: () => gif.gif({ width: 0, height: 0 }, [SMALL]) },
]

const WEBPS: readonly Torment[] = [
  {
    name: 'a hundred megapixels in 28 bytes',
    make: () => webp.webp(HUNDRED_MEGAPIXELS),
    code: 'too-large-for-memory',
  },
  {
    name: 'a canvas larger than its picture',
    make: () => webp.onCanvas({ width: 16_384, height: 16_384 }, { width: 1, height: 1 }),
    code: 'image-corrupt',
  },
  {
    name: 'a canvas of sixteen megapixels with 20 frames of four pixels',
    make: () => webp.animated({ width: 4000, height: 4000 }, { width: 2, height: 2 }, 20),
    code: 'too-many-pixels',
  },
  {
    name: 'frames larger than their canvas',
    make: () => webp.animated({ width: 100, height: 100 }, { width: 4000, height: 4000 }, 3),
    code: 'image-corrupt',
  },
  {
    name: 'frames beside their canvas',
    make: () => webp.animated({ width: 100, height: 100 }, { width: 100, height: 100 }, 3, { left: 90 }),
    code: 'image-corrupt',
  },
  { name: 'a container that says to be of 4 GB', make: () => webp.lying(SMALL, 0xffff_fff0) },
  {
    name: 'a container that says to be of four bytes',
    make: () => webp.lying(SMALL, 4),
    code: 'image-corrupt',
  },
  { name: 'a hundred thousand empty chunks', make: () => webp.padded(SMALL, 100_000) },
]

const AVIFS: readonly Torment[] = [
  {
    name: '100 megapixels of one tile in 700 bytes',
    make: () => avif.grid({ columns: 16, rows: 16, side: 624 }),
    code: 'too-large-for-memory',
  },
  {
    name: 'more tiles than there may be',
    make: () => avif.grid({ columns: 255, rows: 255, side: 64 }),
    code: 'image-corrupt',
  },
  {
    name: 'a grid that is a tile of itself',
    make: () => avif.grid({ columns: 2, rows: 2, side: 64, tile: 1 }),
    code: 'image-corrupt',
  },
  {
    name: 'a grid that says to be larger than its tiles',
    make: () => avif.grid({ columns: 2, rows: 2, side: 64, said: { width: 9000, height: 9000 } }),
    code: 'too-large-for-memory',
  },
  {
    name: 'a grid of no sides',
    make: () => avif.grid({ columns: 2, rows: 2, side: 64, said: { width: 0, height: 0 } }),
    code: 'image-corrupt',
  },
  { name: '5,000 boxes within each other', make: () => avif.nested(5000), code: 'image-corrupt' },
  ...[0, 1, 0x7fff_ffff, 0xffff_ffff].map((length) => ({
    name: `a box that says to be of ${length} bytes`,
    make: () => avif.lying(length),
    code: 'image-corrupt',
  })),
]

const TIFFS: readonly Torment[] = [
  { name: '25 megapixels in one strip', make: () => tiff.blankTiff(MANY_MEGAPIXELS) },
  { name: '25 megapixels of one tile', make: () => tiff.tiledTiff(MANY_MEGAPIXELS, 256) },
  { name: 'a directory that is its own next', make: () => tiff.blankTiff({ ...SMALL, next: 8 }) },
  {
    name: 'directories below that lead to itself',
    make: () => tiff.blankTiff({ ...SMALL, extra: [[330, 8, 8, 8, 8]] }),
  },
  { name: 'no sides', make: () => tiff.blankTiff({ width: 0, height: 9 }), code: 'image-corrupt' },
  {
    name: 'no pixels for a hundred megapixels',
    make: () => tiff.blankTiff({ ...HUNDRED_MEGAPIXELS, data: Buffer.alloc(10) }),
    code: 'image-corrupt',
  },
  {
    name: 'a tile larger than memory',
    make: () => tiff.tiledTiff({ width: 100, height: 100 }, 65_520),
    code: 'image-corrupt',
  },
  {
    name: 'strips that are not there',
    make: () => tiff.blankTiff({ ...HUNDRED_MEGAPIXELS, rows: 1, data: Buffer.alloc(1000) }),
    code: 'image-corrupt',
  },
  {
    name: 'LZW that is none',
    make: () => tiff.blankTiff({ ...SMALL, compression: 5 }),
    code: 'image-corrupt',
  },
  {
    name: 'the largest sides there can be',
    make: () => tiff.blankTiff({ width: 0x7fff_ffff, height: 0x7fff_ffff, data: Buffer.alloc(10) }),
    code: 'image-corrupt',
  },
]

const DRAWINGS: readonly Torment[] = [
  { name: 'a filter of 150 steps', make: () => svg.longFilter(150), code: 'too-large-for-memory' },
  { name: 'a filter of 40 steps', make: () => svg.longFilter(40), code: 'too-large-for-memory' },
  { name: '50 masks of masks', make: () => svg.masksOfMasks(50), code: 'too-large-for-memory' },
  { name: '50 masks of masks by class', make: () => svg.styledMasks(50), code: 'too-large-for-memory' },
  { name: '2,000 masks of masks', make: () => svg.masksOfMasks(2_000), code: 'too-large-for-memory' },
  { name: '60 groups within each other', make: () => svg.nestedGroups(60), code: 'too-large-for-memory' },
  { name: '50 masks one after another', make: () => svg.nestedMasks(50), asked: '200w.q80 webp' },
  { name: '200 groups within each other', make: () => svg.nestedGroups(200), asked: '200w.q80 webp' },
  { name: '200 drawings within each other', make: () => svg.nestedSvgs(200) },
  { name: 'patterns of patterns', make: () => svg.nestedPatterns(8) },
  { name: 'ten copies of ten copies, nine times', make: () => svg.copiesOfCopies(9), code: 'render-timeout' },
  {
    name: 'noise of 9,999 octaves',
    make: () => svg.longFilter(3, 'feTurbulence baseFrequency=".5" numOctaves="9999"'),
    code: 'render-timeout',
  },
  {
    name: 'markup of 30 MB in 30 kB',
    make: () => svg.compressed(30_000_000),
    code: 'not-an-image',
  },
]

const small = (): Promise<Buffer> => photo(SMALL.width, SMALL.height).jpeg().toBuffer()

export const TORMENTS: Readonly<Record<string, readonly Torment[]>> = {
  'a JPEG of': JPEGS,
  'a PNG of': PNGS,
  'a GIF of': GIFS,
  'a WebP of': WEBPS,
  'an AVIF of': AVIFS,
  'a TIFF of': TIFFS,
  'an SVG of': DRAWINGS,
}
