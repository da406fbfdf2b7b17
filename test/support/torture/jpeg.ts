/** JPEGs by hand: markers and segments as ITU-T T.81 has them, with as little in them as a decoder bears. */

import { toExifSegment, toSegment } from '../../files/jpeg.ts'

const segment = (marker: number, ...parts: readonly (Uint8Array | readonly number[])[]): Buffer =>
  toSegment(marker, Buffer.concat(parts.map((part) => Buffer.from(part))))

export const START = Buffer.from([0xff, 0xd8])
export const END = Buffer.from([0xff, 0xd9])

const QUANTISATION = segment(0xdb, [0], Buffer.alloc(64, 1))
/** One code of one bit each: of DC "no difference", of AC the longest run of blocks without anything. */
const TABLES = Buffer.concat([
  segment(0xc4, [0x00, 1, ...Array<number>(15).fill(0), 0x00]),
  segment(0xc4, [0x10, 1, ...Array<number>(15).fill(0), 0xe0]),
])

export interface Sides {
  readonly width: number
  readonly height: number
}

/** Start of frame: by default progressive, of three components at full size. */
export const frame = (
  { width, height }: Sides,
  { marker = 0xc2, components = 3, sampling = 0x11, precision = 8 } = {},
): Buffer =>
  segment(
    marker,
    [precision, height >> 8, height & 255, width >> 8, width & 255, components],
    Array.from({ length: components }, (_, i) => [i + 1, sampling, 0]).flat(),
  )

const toBytes = (bits: string): Buffer => {
  const padded = bits + '1'.repeat((8 - (bits.length % 8)) % 8)
  const bytes: number[] = []
  for (let at = 0; at < padded.length; at += 8) {
    const byte = Number.parseInt(padded.slice(at, at + 8), 2)
    bytes.push(...(byte === 255 ? [255, 0] : [byte]))
  }
  return Buffer.from(bytes)
}

/** A scan of one component that leaves every block as it is, in as few bits as that takes. */
const emptyScan = (blocks: number): Buffer => {
  let bits = ''
  for (let left = blocks; left > 0; left -= 32_767)
    bits += `0${Math.max(0, Math.min(left, 32_767) - 16_384)
      .toString(2)
      .padStart(14, '0')}`
  return toBytes(bits)
}

/**
 * A progressive JPEG of so many scans, all of them valid as long as there are 2,600 at most: each refines one
 * coefficient of one component by one bit. The decoder visits every block for every one.
 */
export const manyScans = (sides: Sides, scans: number): Buffer => {
  const blocks = Math.ceil(sides.width / 8) * Math.ceil(sides.height / 8)
  const coded = emptyScan(blocks)
  const parts: Buffer[] = []
  for (let low = 13; low >= 0; low--)
    for (let coefficient = 1; coefficient <= 63; coefficient++)
      for (let component = 1; component <= 3; component++) {
        if (parts.length >= scans * 2) continue
        const bits = ((low === 13 ? 0 : low + 1) << 4) | low
        parts.push(segment(0xda, [1, component, 0, coefficient, coefficient, bits]), coded)
      }
  const dc = [segment(0xda, [3, 1, 0, 2, 0, 3, 0, 0, 0, 0]), Buffer.alloc(Math.ceil((blocks * 3) / 8))]
  return Buffer.concat([START, QUANTISATION, frame(sides), TABLES, ...dc, ...parts, END])
}

/** The same scan again and again, which no valid file has. */
export const repeatedScans = (sides: Sides, scans: number): Buffer => {
  const coded = emptyScan(Math.ceil(sides.width / 8) * Math.ceil(sides.height / 8))
  const scan = Buffer.concat([segment(0xda, [1, 1, 0, 1, 63, 0]), coded])
  return Buffer.concat([
    START,
    QUANTISATION,
    frame(sides, { components: 1 }),
    TABLES,
    ...Array<Buffer>(scans).fill(scan),
    END,
  ])
}

/** All of its coefficients are to be kept, and none is there but those of one scan. */
export const sparseProgressive = (sides: Sides): Buffer => manyScans(sides, 1)

/** A header and nothing after it. */
export const onlyHeader = (sides: Sides, options?: Parameters<typeof frame>[1]): Buffer =>
  Buffer.concat([START, QUANTISATION, frame(sides, options), TABLES, segment(0xda, [1, 1, 0, 0, 63, 0]), END])

/** EXIF whose directories lead to each other for ever. */
export const loopingExif = (): Buffer => {
  const tiff = Buffer.alloc(8 + 2 + 2 * 12 + 4)
  tiff.write('II*\0', 'latin1')
  tiff.writeUInt32LE(8, 4)
  tiff.writeUInt16LE(2, 8)
  // Sub-directories of EXIF and of GPS, and the next one of the main chain: all are this one.
  for (const [i, tag] of [0x8769, 0x8825].entries()) {
    tiff.writeUInt16LE(tag, 10 + i * 12)
    tiff.writeUInt16LE(4, 12 + i * 12)
    tiff.writeUInt32LE(1, 14 + i * 12)
    tiff.writeUInt32LE(8, 18 + i * 12)
  }
  tiff.writeUInt32LE(8, 34)
  return toExifSegment(tiff)
}

/** EXIF with an entry that says that it has four thousand million values. */
export const boundlessExif = (): Buffer => {
  const tiff = Buffer.alloc(8 + 2 + 12 + 4)
  tiff.write('II*\0', 'latin1')
  tiff.writeUInt32LE(8, 4)
  tiff.writeUInt16LE(1, 8)
  tiff.writeUInt16LE(0x8298, 10) // Copyright
  tiff.writeUInt16LE(2, 12)
  tiff.writeUInt32LE(0xffff_ffff, 14)
  tiff.writeUInt32LE(8, 18)
  return toExifSegment(tiff)
}

/** A colour profile in as many parts as there may be, of bytes that are none. */
export const brokenProfile = (parts: number): readonly Buffer[] =>
  Array.from({ length: parts }, (_, i) =>
    segment(0xe2, Buffer.from('ICC_PROFILE\0', 'latin1'), [i + 1, parts], Buffer.alloc(60_000, i + 1)),
  )
