import { gzipSync } from 'node:zlib'
import { Problem } from '../../src/core/problem.ts'
import { convert, findWideColours } from '../../src/render/colours.ts'
import { isUnsigned, readCredit, toXmp } from '../../src/render/copyright.ts'
import { findAvifMeaning, findPicture, toReadable } from '../../src/render/decodable.ts'
import { readJpegFrame } from '../../src/render/decoder-memory.ts'
import { isCutOffGif } from '../../src/render/gif-blocks.ts'
import { coverGif } from '../../src/render/gif-canvas.ts'
import { toKindProblem } from '../../src/render/kinds.ts'
import { fillPng, mendPng } from '../../src/render/mend-png.ts'
import { hasTooMuchText, listHeadChunks } from '../../src/render/png-chunks.ts'
import { readRgbProfile } from '../../src/render/read-icc-profile.ts'
import { toReadablePng } from '../../src/render/readable-png.ts'
import { sniffMedia } from '../../src/render/sniff.ts'
import { cleanSvg } from '../../src/render/svg/clean-svg.ts'
import { readMarkupStart } from '../../src/render/svg/read-markup.ts'
import { listUndrawn } from '../../src/render/svg/undrawn.ts'
import { mendTiff, readTiffScale } from '../../src/render/tiff-samples.ts'
import { beginWithFullPage, readTiffTags } from '../../src/render/tiff-tags.ts'
import { refuseUnreadTiff, toUnreadable } from '../../src/render/unreadable.ts'
import { BITMAPS } from '../files/bitmaps.ts'
import { COLOURS } from '../files/colours.ts'
import { progressive } from '../files/faults.ts'
import { ORIENTATIONS } from '../files/orientations.ts'
import { LEFT_ALONE, READABLE } from '../files/readable-pngs.ts'
import { makeTiff } from '../files/tiff.ts'
import { PROFILES } from '../files/wide.ts'
import { words } from '../support/words.ts'
import { AVIF, exif, GIF, JPEG, PICTURES, PNG, SVG, TEXTS, TIFF } from './seeds.ts'
import { expectLaw, type Target } from './target.ts'

export const PICTURE_TARGETS: readonly Target[] = [
  {
    name: 'what kind of file it is',
    seeds: [...PICTURES, SVG, '<!-- a --><svg>', '%PDF-1.7', '\x89JXL', 'GIF89a', 'BM'],
    words: ['ftyp', 'avif', 'heic', 'RIFF', 'WEBP', '<svg', '<?xml', '\xef\xbb\xbf', 'II*\0', 'MM\0*'],
    read: (bytes) => {
      if (sniffMedia(bytes) === undefined) toKindProblem(bytes)
      toUnreadable(bytes, new Error('it cannot be read'))
    },
  },
  {
    name: 'EXIF',
    seeds: [exif, exif.subarray(6)],
    words: ['Exif\0\0', 'II*\0', 'MM\0*', '\x98\x82', '\x3b\x01', '\x69\x87', '\x01\x02'],
    read: (bytes) => {
      const credit = readCredit(Buffer.from(bytes))
      const xmp = toXmp(credit)
      expectLaw(xmp === undefined || !isUnsigned(credit), 'XMP is written for somebody')
      for (const text of Object.values(credit))
        expectLaw(text.length <= 1_000 && text.isWellFormed(), 'a name is text, and has an end')
    },
  },
  {
    name: 'TIFF directories',
    seeds: [
      TIFF,
      makeTiff(),
      makeTiff({ bits: 16, sampleFormat: 2 }),
      makeTiff({ bits: 32, sampleFormat: 3 }),
      ...PICTURES,
    ],
    words: ['II*\0', 'MM\0*', 'II+\0\x08\0\0\0', '\x02\x01', '\x03\x01', '\x06\x01', '\x4a\x01'],
    read: async (bytes) => {
      readTiffTags(bytes)
      mendTiff(bytes)
      const full = beginWithFullPage(bytes)
      expectLaw(full === undefined || beginWithFullPage(full) === undefined, 'it begins with a full page')
      await readTiffScale(bytes, async () => [0, 1])
      refuseUnreadTiff(bytes)
    },
  },
  {
    name: "JPEG's segments and scans",
    seeds: [
      JPEG,
      progressive,
      ...ORIENTATIONS.map(([, , bytes]) => bytes).filter((bytes) => bytes[0] === 0xff),
    ],
    words: ['\xff\xd8', '\xff\xda', '\xff\xc2', '\xff\xe1', 'Exif\0\0', '\xff\xff', '\xff\xd9', 'MM\0*'],
    read: async (bytes) => {
      const { scans = 0, samplesPerPixel = 1 } = readJpegFrame(bytes) ?? {}
      expectLaw(scans * 2 <= bytes.length && Number.isFinite(samplesPerPixel), 'a scan takes bytes')
      await toReadable(bytes, 'jpeg', 'error')
    },
  },
  {
    name: 'AVIF boxes',
    seeds: [AVIF],
    words: ['ftyp', 'avif', 'avis', 'colrnclx', 'colrprof', 'mdat', 'mif1'],
    read: async (bytes) => {
      findAvifMeaning(bytes)
      if (sniffMedia(bytes) === 'avif') await toReadable(bytes, 'avif', 'error')
    },
  },
  {
    name: 'ICC profiles',
    seeds: Object.values(PROFILES),
    words: ['acsp', 'RGB XYZ ', 'rXYZ', 'gTRC', 'curv', 'para', 'A2B0', '\xff\xff\xff\xff', '\0\x01\0\0'],
    read: (bytes) => {
      const profile = readRgbProfile(bytes)
      for (const light of profile?.lights.flatMap((curve) => [...curve]) ?? [])
        expectLaw(light >= 0 && light <= 1, 'a light is a share of white')
      const colours = findWideColours(bytes, false)
      const samples = Buffer.from([0, 255, 128])
      if (colours?.kind === 'convert') convert(samples, 3, colours.conversion)
    },
  },
  {
    name: 'BMPs and icons',
    seeds: BITMAPS.map(([, bytes]) => bytes),
    words: ['BM', '\x28\0\0\0', '\0\0\x01\0', '\x89PNG', '\xff\xff\xff\xff'],
    read: (bytes) => {
      for (const kind of ['bmp', 'ico'] as const) readBitmap(bytes, kind)
    },
  },
  {
    name: 'PNG chunks',
    seeds: [PNG, TEXTS, ...[...COLOURS, ...READABLE, ...LEFT_ALONE].map(([, bytes]) => bytes)],
    words: [
      'IHDR',
      'IDAT',
      'zTXt',
      'iTXt',
      'IEND',
      'iCCP',
      'gAMA',
      'cHRM',
      'cICP',
      'sRGB',
      'tRNS',
      'PLTE',
      'acTL',
      'fcTL',
      'fdAT',
    ],
    read: async (bytes) => {
      hasTooMuchText(bytes)
      const chunks = listHeadChunks(Buffer.from(bytes))
      // Of a file of more chunks than are looked at, those beyond stay as they are.
      const told = chunks.length < 1_000 ? toReadablePng(bytes) : undefined
      expectLaw(
        told === undefined || toReadablePng(told) === undefined,
        'a profile is all that it says of its colours',
      )
      for (const { body, start, end } of chunks)
        expectLaw(end - start === body.length + 12, 'a chunk is as long as it says')
      await mendPng(bytes)
      await fillPng(bytes)
    },
  },
  {
    name: 'GIF blocks',
    seeds: [GIF],
    words: ['\x21', '\x2c', '\x3b', '\x21\xff\x0b'],
    read: (bytes) => {
      isCutOffGif(bytes)
      const covered = coverGif(bytes)
      expectLaw(covered === undefined || coverGif(covered) === undefined, 'a covered canvas stays as it is')
    },
  },
  {
    name: 'SVG, and what is left of it when it is cleaned again',
    seeds: [SVG, gzipSync(SVG), `\ufeff${SVG}`, Buffer.from(SVG, 'utf16le')],
    words: [
      ...[...words('<svg </svg> <!DOCTYPE <!ENTITY <![CDATA[ ]]> <!-- --> &a; &#x'), '<use href="#a"/>'],
      ...[
        ' style="',
        ...words('url( data:image/svg+xml;base64, javascript: xlink:href=" @import /* */ \\ <g>'),
      ],
      ...[
        ' onload="x"',
        ' xmlns:a="',
        'begin="',
        '<?x',
        '?>',
        ' id="a"',
        '100000000000',
        '1e999',
        '-',
        'encoding="utf-16"',
      ],
    ],
    read: (bytes) => {
      readMarkupStart(bytes)
      const { vector, drawing, size } = cleanSvg(bytes)
      listUndrawn(drawing)
      expectLaw(size.width > 0 && size.height > 0, 'a drawing has sides')
      expectLaw(
        !/<script|\son[a-z]+\s*=|javascript:/i.test(vector.replace(/<!\[CDATA\[.*?\]\]>|>[^<]*</gs, '><')),
        'nothing runs',
      )
      expectLaw(cleanSvg(Buffer.from(vector)).vector === vector, 'what is clean stays as it is')
      cleanSvg(Buffer.from(drawing))
    },
  },
]

/** As a renderer does, which reads no more pixels than it may. */
const readBitmap = (bytes: Uint8Array, kind: 'bmp' | 'ico'): void => {
  try {
    const picture = findPicture(bytes, kind)
    if (picture.kind === 'png') return
    const { width, height } = picture.header
    if (width * height > 100_000) return
    const { rgba } = picture.read(true)
    expectLaw(rgba.length === width * height * 4, 'a bitmap has its pixels')
  } catch (error) {
    if (!(error instanceof Problem)) throw error
  }
}
