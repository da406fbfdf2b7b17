import { fillPng, mendPng } from './mend-png.ts'
import { sniffMedia } from './sniff.ts'

/** How strictly libvips is to read; `none` takes whatever can be decoded. */
export type Strictness = 'error' | 'none'

/** A way to read a picture. */
export interface Reading {
  readonly bytes: Uint8Array
  readonly failOn: Strictness
  readonly isMended?: true
}

/**
 * Another way to read what could not be read, one by which nothing that is lost is passed over; undefined where there
 * is none. `words` is what libvips said.
 */
export const mend = async (reading: Reading, words: string): Promise<Reading | undefined> => {
  const bytes = reading.isMended ? undefined : await mendBytes(reading.bytes, words)
  return bytes && { ...reading, bytes, isMended: true }
}

/** The way to read as much as there is. */
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
 * Whether a warning of libjpeg's (jerror.h) is of pixels that are not there: an end mark that comes too soon, codes that
 * are none, restart marks out of turn. The others lose nothing: stray bytes between segments, versions that are not
 * known, parameters that a scan does not need. libvips makes errors of them all or of none.
 */
export const isOfLostPixels = (warning: string): boolean =>
  /premature end of data segment|bad Huffman code|bad arithmetic code|instead of RST/i.test(warning)

/**
 * With its end mark. Where that is all that a JPEG lacks, every pixel is there; where more is missing, libjpeg now
 * says so. Not covered: a progressive one that ends with a scan, and lacks those that would refine it.
 */
const addEndOfImage = (bytes: Uint8Array): Uint8Array => Buffer.concat([bytes, Buffer.of(0xff, 0xd9)])

/** With the size that it has: some programs write another into the head of a RIFF. */
const mendRiffSize = (bytes: Uint8Array): Uint8Array | undefined => {
  const sizeBytes = bytes.length - 8 - (bytes.length % 2)
  const mended = Buffer.from(bytes)
  if (mended.readUInt32LE(4) <= sizeBytes) return undefined
  mended.writeUInt32LE(sizeBytes, 4)
  return mended
}
