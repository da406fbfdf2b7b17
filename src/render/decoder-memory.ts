import type { Size } from '../core/geometry.ts'
import { findAvifMeaning } from './decodable.ts'
import { readJpegFrame } from './jpeg-frame.ts'
import type { PictureMetadata } from './plain-jpeg.ts'
import type { MediaFormat } from './sniff.ts'
import type { SvgCensus } from './svg/census.ts'

/** What is held of a picture while it is decoded, beside the rows that are handed on. */
export interface DecoderCost {
  /** Of one frame. Of a drawing all but what it is drawn on. */
  readonly decoderBytes: number
  /** Of a JPEG: how often a decoder goes over all of it. */
  readonly scans?: number
  /** Of a drawing: pictures of its own size that are held at once, while it is drawn. */
  readonly layers?: number
}

/**
 * Bytes a pixel, measured (`test/calibrate/memory.ts`; sharp 0.35.5), at 4 and 24 megapixels:
 *
 * | | found | taken |
 * |---|---|---|
 * | JPEG in one scan, of any chroma | 0 | 0 |
 * | JPEG in several: two bytes of each sample | 3.0 at 4:2:0, 6.0 at 4:4:4 | 2 × samples |
 * | PNG, TIFF in strips or tiles | 0 | 0 |
 * | PNG, interlaced: all of it | 3.3, with alpha 4.5, of 16 bits 6.6 | channels × bytes |
 * | WebP | 8.2 to 9.1 | 9 |
 * | AVIF, of any chroma | 18.4 to 19.7, with alpha 21, of 10 bits 25 to 27 | 21, 27 |
 * | GIF | 4.6 to 5.2 | 4 |
 *
 * The rows on their way to the next step are counted in `memory.ts`.
 */
export const predictDecoder = (
  mediaFormat: MediaFormat,
  bytes: Uint8Array,
  { width, height, channels, isProgressive, depth }: PictureMetadata,
): DecoderCost => {
  const pixels = width * height
  const isDeep = depth !== 'uchar'
  switch (mediaFormat) {
    case 'jpeg': {
      const { samplesPerPixel = 3, scans = 1, isBuffered = false } = readJpegFrame(bytes) ?? {}
      return { decoderBytes: isBuffered ? pixels * samplesPerPixel * COEFFICIENT_BYTES : 0, scans }
    }
    case 'png':
      return { decoderBytes: isProgressive ? pixels * channels * (isDeep ? 2 : 1) : 0 }
    case 'webp':
      return { decoderBytes: pixels * 9 }
    case 'avif':
      return { decoderBytes: pixels * ((isDeep ? 27 : 21) + (findAvifMeaning(bytes) ? RECODED_BYTES : 0)) }
    case 'gif':
      return { decoderBytes: pixels * 4 }
    default:
      return { decoderBytes: 0 }
  }
}

const COEFFICIENT_BYTES = 2
/** As a PNG of four channels, while it grows. */
const RECODED_BYTES = 8

/** Of a bitmap, three copies are made on its way to libvips. */
export const predictBitmap = ({ width, height }: Size): DecoderCost => ({ decoderBytes: width * height * 16 })

/**
 * Of a drawing, by what it is made of and the pixels of the pictures in it. Measured at 1920²: 2.2 pictures of its
 * size for the plainest, the result among them, 3.2 with patterns or groups that are translucent, 5.2 with masks or
 * filters, one more for each named step of the longest filter, and as many more as elements that are composed as a whole
 * are within the first. What holds more than this says is ended.
 */
export const predictDrawing = (census: SvgCensus, picturePixels: number): DecoderCost => {
  const { elements, length, longestFilter, masks, patterns, surfaces } = census
  const isComposed = masks > 0 || patterns > 0 || longestFilter > 0
  return {
    decoderBytes: picturePixels * 4 + elements * ELEMENT_BYTES + length * MARKUP_FACTOR,
    layers: (isComposed ? 4 : 3) + longestFilter + Math.max(0, surfaces - 1),
  }
}

// librsvg 2.63, by the peak of resident memory: 3.8 KB of an empty element, 6.3 of one with attributes.
const ELEMENT_BYTES = 6_500
// The same, to a character of markup: 39 of a map of many paths. One path of a megabyte takes 150.
const MARKUP_FACTOR = 40

/** For the header of a drawing, of which only its length is known: it is read whole and written anew. */
export const predictDrawingHeaderBytes = (sourceBytes: number): number => sourceBytes * 13
