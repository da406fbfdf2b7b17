import type { Size } from '../core/geometry.ts'
import { findAvifMeaning } from './decodable.ts'
import { isFrameMarker, JPEG, listSegments } from './jpeg-segments.ts'
import type { PictureMetadata } from './plain-jpeg.ts'
import type { MediaFormat } from './sniff.ts'
import type { SvgCensus } from './svg/census.ts'
import { hasInksAndAlpha } from './tiff-inks.ts'
import { isDeepGreyTiff, predictTiffBytes } from './tiff-samples.ts'

/** What a decoder holds of a picture, in addition to the rows that it hands on. */
export interface DecoderCost {
  /** For one frame. For a drawing, everything except what it is drawn on. */
  readonly decoderBytes: number
  /** For a JPEG: how many passes over the picture its decoder makes. */
  readonly scans?: number
  /** For a drawing: how many pictures of its own size are in memory while it is drawn. */
  readonly layers?: number
}

/**
 * Bytes a pixel, measured (`test/calibrate/memory.ts`; sharp 0.35.5), at 4 and 24 megapixels:
 *
 * | | found | taken |
 * |---|---|---|
 * | JPEG in one scan, of any chroma | 0 | 0 |
 * | JPEG in several: two bytes of each sample | 3.0 at 4:2:0, 6.0 at 4:4:4 | 2 × samples |
 * | PNG | 0 | 0 |
 * | TIFF: 0; its strip or tile where that is all of it | as it is packed; planes, JPEG, tiles 3.5 to 5.6 | bytes, 2 × bytes |
 * | TIFF of 32 bits, or of floats | all of it, before it is scaled | channels × bytes |
 * | PNG, interlaced: all of it | 3.3, with alpha 4.5, of 16 bits 6.6 | channels × bytes |
 * | WebP | 8.2 to 9.1 | 9 |
 * | AVIF, of any chroma | 18.4 to 19.7, with alpha 21, of 10 bits 25 to 27 | 21, 27 |
 * | GIF | 4.6 to 5.2 | 4 |
 *
 * Rows on their way to the next step are counted in `memory.ts`.
 */
export const predictDecoder = (
  mediaFormat: MediaFormat,
  bytes: Uint8Array,
  { width, height, channels, isProgressive, depth, hasProfile }: PictureMetadata,
): DecoderCost => {
  const pixels = width * height
  const isDeep = depth !== 'uchar'
  switch (mediaFormat) {
    case 'jpeg': {
      const { samplesPerPixel = 3, scans = 1, isBuffered = false } = readJpegFrame(bytes) ?? {}
      return { decoderBytes: isBuffered ? pixels * samplesPerPixel * COEFFICIENT_BYTES : 0, scans }
    }
    case 'png':
      return {
        decoderBytes:
          (isProgressive ? pixels * channels * (isDeep ? 2 : 1) : 0) +
          (isDeep && hasProfile && channels < RGB ? pixels * RECODED_DEEP_BYTES : 0),
      }
    case 'webp':
      return { decoderBytes: pixels * 9 }
    case 'avif':
      return { decoderBytes: pixels * ((isDeep ? 27 : 21) + (findAvifMeaning(bytes) ? RECODED_BYTES : 0)) }
    case 'gif':
      return { decoderBytes: pixels * 4 }
    case 'tiff': {
      const isRecoded = (isDeepGreyTiff(bytes) && hasProfile) || hasInksAndAlpha(bytes)
      const recoded = isRecoded ? RECODED_DEEP_BYTES : 0
      return { decoderBytes: pixels * (predictTiffBytes(bytes, { width, height, channels }) + recoded) }
    }
    default:
      return { decoderBytes: 0 }
  }
}

const COEFFICIENT_BYTES = 2
/** As a PNG of four channels, while it grows. */
const RECODED_BYTES = 8
/** The same of greys of sixteen bits, as colours, and of inks with alpha. */
const RECODED_DEEP_BYTES = 16
const RGB = 3

/** For a bitmap: three copies are made on its way to libvips. */
export const predictBitmap = ({ width, height }: Size): DecoderCost => ({ decoderBytes: width * height * 16 })

/**
 * For a drawing, by its elements and what its pictures take. Measured at 1920²: 2.2 pictures of its size for the
 * plainest, with the result; 3.2 with patterns or translucent groups; 5.2 with masks or filters; one more for each
 * named step of the longest filter, and for each level of elements composed as a whole inside the first; all of that
 * with what is drawn around it. A render that holds more than this is ended.
 */
export const predictDrawing = (census: SvgCensus, pictureBytes: number, bleed = 0): DecoderCost => {
  const { elements, length, longestFilter, longestPath, longestText, masks, patterns, surfaces } = census
  const isComposed = masks > 0 || patterns > 0 || longestFilter > 0
  return {
    decoderBytes:
      pictureBytes +
      elements * ELEMENT_BYTES +
      length * MARKUP_FACTOR +
      longestText * TEXT_BYTES +
      longestPath * PATH_BYTES,
    layers: ((isComposed ? 4 : 3) + longestFilter + Math.max(0, surfaces - 1)) * (1 + 2 * bleed) ** 2,
  }
}

// librsvg 2.63, by the peak of resident memory: 3.8 KB for an empty element, 6.3 for one with attributes.
const ELEMENT_BYTES = 6_500
// The same per character of markup: 39 for a map of many paths.
const MARKUP_FACTOR = 40
// In addition, of the one that is being drawn. Per byte of text 5,400 to 7,200, with a stroke up to twice that; per
// character of a path 40 (straight lines) to 280 (arcs).
const TEXT_BYTES = 8_000
const PATH_BYTES = 160

/** For the header of a drawing, when only its length is known: it is read whole and written anew. */
export const predictDrawingHeaderBytes = (sourceBytes: number): number => sourceBytes * 13

/** What a JPEG's markers tell about the work and memory of decoding it. */
interface JpegFrame {
  /** Samples of all components per pixel: 1.5 where colour is halved in both directions, 3 where it is not halved. */
  readonly samplesPerPixel: number
  /** Passes over the picture, each of which may visit all of it; repeated ones count too. */
  readonly scans: number
  /** Whether there may be several scans, so that libjpeg keeps every coefficient instead of a row. */
  readonly isBuffered: boolean
}

/** By ITU-T T.81, annex B. Undefined where no frame is found. */
export const readJpegFrame = (bytes: Uint8Array): JpegFrame | undefined => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let frame:
    | { readonly components: number; readonly samplesPerPixel: number; readonly isProgressive: boolean }
    | undefined
  let scans = 0
  let isBuffered = false
  for (const { marker, at } of listSegments(view)) {
    if (isFrameMarker(marker)) {
      const isProgressive = marker === JPEG.progressive || marker === JPEG.progressiveArithmetic
      frame = { ...readComponents(view, at), isProgressive }
    } else if (marker === JPEG.startOfScan) {
      scans++
      isBuffered ||= frame === undefined || frame.isProgressive || view[at + 2] !== frame.components
      // All components in one pass: nothing after it matters.
      if (!isBuffered) break
    }
  }
  return frame && { samplesPerPixel: frame.samplesPerPixel, scans, isBuffered }
}

const readComponents = (view: Buffer, at: number) => {
  const components = view[at + 7] ?? 0
  const factors = Array.from({ length: components }, (_, i) => {
    const both = view[at + 9 + i * 3] ?? 0x11
    return { across: both >> 4 || 1, down: both & 15 || 1 }
  })
  const most =
    Math.max(1, ...factors.map(({ across }) => across)) * Math.max(1, ...factors.map(({ down }) => down))
  const samplesPerPixel = factors.reduce((sum, { across, down }) => sum + (across * down) / most, 0)
  return { components, samplesPerPixel }
}
