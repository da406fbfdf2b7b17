import { insertAtStart } from '../../files/jpeg.ts'
import type { Chunk } from '../../files/png.ts'
import { photo } from '../../render/support.ts'
import * as avif from './avif.ts'
import * as gif from './gif.ts'
import * as jpeg from './jpeg.ts'
import * as png from './png.ts'
import * as svg from './svg.ts'
import * as tiff from './tiff.ts'
import * as webp from './webp.ts'

/**
 * Files that are made to take a renderer down, or happen to, by what becomes of them: the code that they are refused
 * with, or `shown`. Asked for is a WebP 1,600 wide, or of the width behind `at`.
 */
export type Torments = Readonly<Record<string, Readonly<Record<string, () => Buffer | Promise<Buffer>>>>>

const HUGE = { width: 9984, height: 9984 }
const LARGE = { width: 4992, height: 4992 }
const NOTHING = Buffer.of()
const SMALL = { width: 90, height: 60 }

const JPEGS: Torments = {
  'too-many-scans': {
    '900 scans over a hundred megapixels': () => jpeg.manyScans(HUGE, 900),
    'the same scan 900 times over a hundred megapixels': () => jpeg.repeatedScans(HUGE, 900),
  },
  shown: {
    '600 scans over a small picture': () => jpeg.manyScans(SMALL, 600),
    'arithmetic coding': () => jpeg.onlyHeader(SMALL, { marker: 0xc9 }),
    'EXIF that leads to itself': async () => insertAtStart(await small(), jpeg.loopingExif()),
    'EXIF of four thousand million values': async () => insertAtStart(await small(), jpeg.boundlessExif()),
    'a colour profile in 255 parts that is none': async () =>
      insertAtStart(await small(), ...jpeg.brokenProfile(255)),
  },
  'too-large-for-memory': {
    'coefficients of a hundred megapixels in 600 kB': () => jpeg.sparseProgressive(HUGE),
    'CMYK of 81 megapixels, each ink in a scan of its own': () =>
      jpeg.onlyHeader({ width: 9000, height: 9000 }, { marker: 0xc0, components: 4 }),
  },
  'too-many-pixels': {
    'the largest sides there can be': () => jpeg.onlyHeader({ width: 65_500, height: 65_500 }),
  },
  'image-corrupt': {
    'no sides': () => jpeg.onlyHeader({ width: 0, height: 0 }),
    'sampling factors of 15': () => jpeg.onlyHeader(SMALL, { sampling: 0xff }),
    'a segment longer than the file': async () =>
      insertAtStart(await small(), Buffer.from([0xff, 0xe1, 0xff, 0xff])),
    'a million restart marks': () =>
      Buffer.concat([
        jpeg.onlyHeader(SMALL).subarray(0, -2),
        Buffer.alloc(2_000_000, Buffer.from([0xff, 0xd3])),
        jpeg.END,
      ]),
  },
}

const PNGS: Torments = {
  shown: {
    '25 megapixels in 75 kB': () => png.png(LARGE),
    'a colour profile of 100 MB in 100 kB': () =>
      png.png(SMALL, {
        before: [['iCCP', Buffer.concat([Buffer.from('x\0\0'), png.bomb(100_000_000)])]],
      }),
    'pixels of 100 MB for a small picture': () => png.png(SMALL, { pixels: png.bomb(100_000_000) }),
    'an animation of four thousand million frames that are not there': () =>
      png.png(SMALL, { before: [png.animationControl(0xffff_ffff)] }),
    'a hundred thousand empty chunks': () =>
      png.png(SMALL, { before: Array<Chunk>(100_000).fill(['teSt', Buffer.of()]) }),
  },
  'too-large-for-memory': {
    'a hundred megapixels interlaced': () => png.png(HUGE, { isInterlaced: true, pixels: NOTHING }),
    '49 megapixels of 16 bits, interlaced': () =>
      png.png({ width: 7000, height: 7000 }, { isInterlaced: true, depth: 16, colour: 6, pixels: NOTHING }),
  },
  'image-corrupt': {
    'text of 9 GB in 9 MB': () => {
      const text: Chunk = ['zTXt', Buffer.concat([Buffer.from('x\0\0'), png.bomb(30_000_000)])]
      return png.png(SMALL, { before: Array<Chunk>(300).fill(text) })
    },
    'no pixels': () => png.png(SMALL, { pixels: NOTHING }),
    'no sides': () => png.png({ width: 0, height: 9 }),
    'a chunk that says to be of 2 GB': () => png.lying(SMALL, 0x7fff_ffff),
    'seven bits a sample': () => png.png(SMALL, { depth: 7 }),
  },
}

const GIFS: Torments = {
  'too-large-for-memory at 200': {
    'a canvas of four megapixels with 24 frames of one pixel': () =>
      gif.gif({ width: 2000, height: 2000 }, Array(24).fill({ width: 1, height: 1 })),
  },
  'too-many-frames': {
    '10,001 frames': () => gif.gif({ width: 10, height: 10 }, Array(10_001).fill({ width: 1, height: 1 })),
  },
  'too-large-for-memory': {
    '81 megapixels in 55 kB': () => gif.gif({ width: 9000, height: 9000 }, [{ width: 9000, height: 9000 }]),
  },
  'too-many-pixels': {
    'the largest canvas there can be': () =>
      gif.gif({ width: 65_535, height: 65_535 }, [
        { width: 65_535, height: 65_535, coded: Buffer.of(0x44, 1, 5) },
      ]),
  },
  shown: {
    'a frame larger than its canvas': () =>
      gif.gif({ width: 10, height: 10 }, [{ width: 3000, height: 3000 }]),
    'a comment of 5 MB': () => gif.gif(SMALL, [SMALL], [gif.comment(5_000_000)]),
    'no canvas': () => gif.gif({ width: 0, height: 0 }, [SMALL]),
  },
  'image-corrupt': {
    'codes of 12 bits from the start': () => gif.gif(SMALL, [{ ...SMALL, codeBits: 12 }]),
  },
}

const WEBPS: Torments = {
  'too-large-for-memory': {
    'a hundred megapixels in 28 bytes': () => webp.webp(HUGE),
  },
  'image-corrupt': {
    'a canvas larger than its picture': () =>
      webp.onCanvas({ width: 16_384, height: 16_384 }, { width: 1, height: 1 }),
    'frames larger than their canvas': () =>
      webp.animated({ width: 100, height: 100 }, { width: 4000, height: 4000 }, 3),
    'frames beside their canvas': () =>
      webp.animated({ width: 100, height: 100 }, { width: 100, height: 100 }, 3, { left: 90 }),
    'a container that says to be of four bytes': () => webp.lying(SMALL, 4),
  },
  'too-many-pixels': {
    'a canvas of sixteen megapixels with 20 frames of four pixels': () =>
      webp.animated({ width: 4000, height: 4000 }, { width: 2, height: 2 }, 20),
  },
  shown: {
    'a container that says to be of 4 GB': () => webp.lying(SMALL, 0xffff_fff0),
    'a hundred thousand empty chunks': () => webp.padded(SMALL, 100_000),
  },
}

const AVIFS: Torments = {
  'too-large-for-memory': {
    '100 megapixels of one tile in 700 bytes': () => avif.grid({ columns: 16, rows: 16, side: 624 }),
    'a grid that says to be larger than its tiles': () =>
      avif.grid({ columns: 2, rows: 2, side: 64, said: { width: 9000, height: 9000 } }),
  },
  'image-corrupt': {
    'more tiles than there may be': () => avif.grid({ columns: 255, rows: 255, side: 64 }),
    'a grid that is a tile of itself': () => avif.grid({ columns: 2, rows: 2, side: 64, tile: 1 }),
    'a grid of no sides': () => avif.grid({ columns: 2, rows: 2, side: 64, said: { width: 0, height: 0 } }),
    '5,000 boxes within each other': () => avif.nested(5000),
    ...Object.fromEntries(
      [0, 1, 0x7fff_ffff, 0xffff_ffff].map((length) => [
        `a box that says to be of ${length} bytes`,
        () => avif.lying(length),
      ]),
    ),
  },
}

const TIFFS: Torments = {
  shown: {
    '25 megapixels in one strip': () => tiff.blankTiff(LARGE),
    '25 megapixels of one tile': () => tiff.tiledTiff(LARGE, 256),
    'a directory that is its own next': () => tiff.blankTiff({ ...SMALL, loop: 'next' }),
    'directories below that lead to itself': () => tiff.blankTiff({ ...SMALL, loop: 'below' }),
  },
  'image-corrupt': {
    'no sides': () => tiff.blankTiff({ width: 0, height: 9 }),
    'no pixels for a hundred megapixels': () => tiff.blankTiff({ ...HUGE, data: Buffer.alloc(10) }),
    'a tile larger than memory': () => tiff.tiledTiff({ width: 100, height: 100 }, 65_520),
    'strips that are not there': () => tiff.blankTiff({ ...HUGE, rows: 1, data: Buffer.alloc(1000) }),
    'LZW that is none': () => tiff.blankTiff({ ...SMALL, compression: 5 }),
    'the largest sides there can be': () =>
      tiff.blankTiff({ width: 0x7fff_ffff, height: 0x7fff_ffff, data: Buffer.alloc(10) }),
  },
}

const DRAWINGS: Torments = {
  'too-large-for-memory': {
    'a filter of 150 steps': () => svg.longFilter(150),
    'a filter of 40 steps': () => svg.longFilter(40),
    '50 masks of masks': () => svg.masksOfMasks(50),
    '50 masks of masks by class': () => svg.styledMasks(50, (name) => `.${name}`),
    // A prediction does not see these: they are ended while they are drawn.
    '50 masks of masks by attribute': () => svg.styledMasks(50, (name) => `[id="${name}"]`),
    '2,000 masks of masks': () => svg.masksOfMasks(2_000),
    '60 groups within each other': () => svg.nestedGroups(60),
  },
  'shown at 200': {
    '50 masks one after another': () => svg.nestedMasks(50),
    '200 groups within each other': () => svg.nestedGroups(200),
  },
  shown: {
    '200 drawings within each other': () => svg.nestedSvgs(200),
    'patterns of patterns': () => svg.nestedPatterns(8),
  },
  'render-timeout': {
    'ten copies of ten copies, nine times': () => svg.copiesOfCopies(9),
    'noise of 9,999 octaves': () => svg.longFilter(12, 'feTurbulence baseFrequency=".5" numOctaves="9999"'),
  },
  'not-an-image': {
    'markup of 30 MB in 30 kB': () => svg.compressed(30_000_000),
  },
}

const small = (): Promise<Buffer> => photo(SMALL.width, SMALL.height).jpeg().toBuffer()

export const TORMENTS: Readonly<Record<string, Torments>> = {
  'a JPEG of': JPEGS,
  'a PNG of': PNGS,
  'a GIF of': GIFS,
  'a WebP of': WEBPS,
  'an AVIF of': AVIFS,
  'a TIFF of': TIFFS,
  'an SVG of': DRAWINGS,
}
