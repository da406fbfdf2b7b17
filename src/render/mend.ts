import { fillPng, mendPng } from './mend-png.ts'
import { sniffMedia } from './sniff.ts'
import { readFullPageTags, TAG } from './tiff-tags.ts'

/** How strictly libvips reads; `none` accepts whatever can be decoded. */
export type Strictness = 'warning' | 'error' | 'none'

/** The way by which nothing is lost unnoticed: of a TIFF in tiles, a lost tile is only a warning of libvips's. */
export const findStrictest = (bytes: Uint8Array): Strictness =>
  sniffMedia(bytes) === 'tiff' && readFullPageTags(bytes).has(TAG.tileWidth) ? 'warning' : 'error'

/** A way to read a picture. */
export interface Reading {
  readonly bytes: Uint8Array
  readonly failOn: Strictness
  readonly isMended?: true
}

/**
 * Another way to read what could not be read, by which nothing is lost unnoticed; undefined where there is none.
 * `words`: libvips's error message.
 */
export const mend = async (reading: Reading, words: string): Promise<Reading | undefined> => {
  const bytes = reading.isMended ? undefined : await mendBytes(reading.bytes, words)
  return bytes && { ...reading, bytes, isMended: true }
}

/** The way to read as much as possible. */
export const readAnything = async (bytes: Uint8Array): Promise<Reading> => ({
  bytes: (sniffMedia(bytes) === 'png' ? await fillPng(bytes) : undefined) ?? bytes,
  failOn: 'none',
})

const mendBytes = async (bytes: Uint8Array, words: string): Promise<Uint8Array | undefined> => {
  switch (sniffMedia(bytes)) {
    case 'jpeg':
      return /premature end of JPEG/.test(words) ? addEndOfImage(bytes) : undefined
    case 'png':
      return mendPng(bytes)
    case 'webp':
      return mendRiffSize(bytes)
    default:
      return undefined
  }
}

/**
 * Whether a warning of libjpeg (jerror.h) means missing pixels: an end mark that comes too early, invalid codes,
 * restart marks out of order. The others lose nothing: stray bytes between segments, unknown versions, parameters that
 * a scan does not need. libvips makes errors of all of them, or of none.
 */
export const isOfLostPixels = (warning: string): boolean =>
  /premature end of data segment|bad Huffman code|bad arithmetic code|instead of RST/i.test(warning) ||
  isOfSmallStrip(warning)

/** libtiff, of a JPEG in a TIFF: one that is larger is cut. */
const isOfSmallStrip = (warning: string): boolean => {
  const [width = 0, height = 0, itsWidth = 0, itsHeight = 0] =
    /Improper JPEG strip.*expected (\d+)x(\d+), got (\d+)x(\d+)/.exec(warning)?.slice(1).map(Number) ?? []
  return itsWidth < width || itsHeight < height
}

/**
 * With an end mark added. If a JPEG lacks only that, every pixel is there; if more is missing, libjpeg now says so.
 * Not covered: a progressive JPEG that ends after a scan, but lacks scans that refine it.
 */
const addEndOfImage = (bytes: Uint8Array): Uint8Array => Buffer.concat([bytes, Buffer.of(0xff, 0xd9)])

/** With its true size: some programs write a wrong one into the header of a RIFF. */
const mendRiffSize = (bytes: Uint8Array): Uint8Array | undefined => {
  const sizeBytes = bytes.length - 8 - (bytes.length % 2)
  const mended = Buffer.from(bytes)
  if (mended.readUInt32LE(4) <= sizeBytes) return undefined
  mended.writeUInt32LE(sizeBytes, 4)
  return mended
}
