import { Problem } from '../core/problem.ts'
import { unsupported } from './kinds.ts'
import { imageCorrupt } from './unreadable.ts'

/** Pixels of red, green, blue and alpha, the top row first. */
export interface Bitmap {
  readonly width: number
  readonly height: number
  readonly rgba: Buffer
}

/** The header of a bitmap (Microsoft's BITMAPINFOHEADER and its variants, OS/2's, and those in icons). */
export interface BitmapHeader {
  readonly width: number
  readonly height: number
  readonly isTopDown: boolean
  readonly bits: number
  readonly compression: number
  /** Where the palette is, how many colours it has, and how many bytes each. */
  readonly palette: { readonly from: number; readonly colours: number; readonly colourBytes: 3 | 4 }
  readonly masks: Masked
  /** Whether it has alpha. */
  readonly mayBeTransparent: boolean
  readonly pixelsFrom: number
}

const FILE_HEADER_BYTES = 14
const CORE_HEADER_BYTES = 12
const BITFIELDS: ReadonlySet<number> = new Set([3, 6])

/**
 * Reads the header at `at`. In an icon there is no file header, and the height is that of picture and mask together.
 */
export const readBitmapHeader = (file: Buffer, at = FILE_HEADER_BYTES, isIcon = false): BitmapHeader => {
  const header = file.subarray(at, at + Math.max(file.length >= at + 4 ? file.readUInt32LE(at) : 0, 40))
  if (header.length < CORE_HEADER_BYTES) throw imageCorrupt(new Error('the bitmap ends within its header'))
  const headerBytes = header.readUInt32LE(0)
  const isCore = headerBytes === CORE_HEADER_BYTES
  if (!isCore && header.length < 16) throw imageCorrupt(new Error('the bitmap ends within its header'))
  const [width, tall] = isCore
    ? [header.readUInt16LE(4), header.readUInt16LE(6)]
    : [header.readInt32LE(4), header.readInt32LE(8)]
  const bits = isCore ? header.readUInt16LE(10) : header.readUInt16LE(14)
  const compression = headerBytes >= 20 ? header.readUInt32LE(16) : 0
  const height = isIcon ? Math.floor(Math.abs(tall) / 2) : Math.abs(tall)
  if (width < 1 || height < 1) throw imageCorrupt(new Error(`a bitmap of ${width}×${height}`))
  checkKind({ bits, compression, headerBytes })
  const maskBytes = headerBytes === 40 && BITFIELDS.has(compression) ? (compression === 6 ? 16 : 12) : 0
  const told = headerBytes >= 36 ? header.readUInt32LE(32) : 0
  const from = at + headerBytes + maskBytes
  const colourBytes = isCore ? 3 : 4
  const mostColours = bits <= 8 ? 2 ** bits : 0
  const colours = told > 0 && told <= 256 ? told : mostColours
  const masks = readMasked(header, { bits, compression, headerBytes, isIcon }, file.subarray(at + 40))
  return {
    width,
    height,
    isTopDown: tall < 0,
    bits,
    compression,
    palette: { from, colours: Math.min(colours, 256), colourBytes },
    masks,
    mayBeTransparent: (masks[3]?.most ?? 0) > 0,
    pixelsFrom: isIcon ? from + (bits <= 8 ? colours * colourBytes : 0) : file.readUInt32LE(10),
  }
}

/**
 * Reads 1, 2, 4, 8, 16, 24 and 32 bits, plain or run-length coded; not OS/2's Huffman codes, nor JPEGs and PNGs for
 * printers.
 */
const checkKind = ({
  bits,
  compression,
  headerBytes,
}: Pick<BitmapHeader, 'bits' | 'compression'> & { readonly headerBytes: number }): void => {
  const isOs2 = headerBytes === 64 || headerBytes === 16
  const isRuns = (compression === 1 && bits === 8) || (compression === 2 && bits === 4)
  const isMasked = BITFIELDS.has(compression) && (bits === 16 || bits === 32) && !isOs2
  if (!(compression === 0 || isRuns || isMasked))
    throw unsupported(`a BMP of compression ${compression} with ${bits} bits a pixel`, SAVE_AGAIN)
  if (![1, 2, 4, 8, 16, 24, 32].includes(bits))
    throw compression === 0 && bits > 0 && bits <= 64
      ? unsupported(`a BMP of ${bits} bits a pixel`, SAVE_AGAIN)
      : new Problem('image-corrupt', `The bitmap is of ${bits} bits a pixel.`)
}

const SAVE_AGAIN = 'Save it again as PNG.'

/** The pixels. Those missing at the end are transparent where `isPartial`, otherwise Problem `image-corrupt`. */
export const readBitmap = (file: Buffer, header: BitmapHeader, isPartial = false): Bitmap => {
  const { width, height, bits, compression, isTopDown, pixelsFrom } = header
  const palette = readPalette(file, header)
  const isRuns = compression === 1 || compression === 2
  const data = file.subarray(pixelsFrom)
  const rgba = Buffer.alloc(width * height * 4)
  const toRow = (y: number): number => (isTopDown ? y : height - 1 - y) * width * 4
  const rowBytes = Math.ceil((width * bits) / 32) * 4
  const isWhole = isRuns
    ? unpackRuns(data, { width, height, bits }, { rgba, toRow, palette })
    : data.length >= rowBytes * (height - 1) + Math.ceil((width * bits) / 8)
  if (!isWhole && !isPartial) throw imageCorrupt(new Error('the bitmap ends before its last row'))
  for (let y = 0; y < height && !isRuns; y++) {
    const row = data.subarray(y * rowBytes, (y + 1) * rowBytes)
    writeRow(row, { rgba, to: toRow(y), width }, header, palette)
  }
  return { width, height, rgba }
}

/** Each colour as a number of four bytes, red first. Missing colours are black. */
const readPalette = (
  file: Buffer,
  { palette: { from, colours, colourBytes }, pixelsFrom }: BitmapHeader,
): readonly number[] => {
  const fitting = Math.floor((Math.max(pixelsFrom, from) - from) / colourBytes)
  return Array.from({ length: Math.min(colours, fitting > 0 ? fitting : colours) }, (_, i) => {
    const [blue = 0, green = 0, red = 0] = file.subarray(from + i * colourBytes, from + i * colourBytes + 3)
    return ((red << 24) | (green << 16) | (blue << 8) | 0xff) >>> 0
  })
}

const writeRow = (
  row: Buffer,
  { rgba, to, width }: { readonly rgba: Buffer; readonly to: number; readonly width: number },
  { bits, masks }: BitmapHeader,
  palette: readonly number[],
): void => {
  const pixelsThere = Math.min(width, Math.floor((row.length * 8) / bits))
  for (let x = 0; x < pixelsThere; x++) {
    const at = to + x * 4
    if (bits <= 8) {
      const byte = row[(x * bits) >> 3] ?? 0
      const index = (byte >> (8 - bits - ((x * bits) & 7))) & (2 ** bits - 1)
      rgba.writeUInt32BE(palette[index] ?? BLACK, at)
    } else if (bits === 24) {
      rgba[at] = row[x * 3 + 2] ?? 0
      rgba[at + 1] = row[x * 3 + 1] ?? 0
      rgba[at + 2] = row[x * 3] ?? 0
      rgba[at + 3] = 0xff
    } else {
      const pixel = bits === 16 ? row.readUInt16LE(x * 2) : row.readUInt32LE(x * 4)
      for (const [channel, { shift, most, factor }] of masks.entries())
        rgba[at + channel] =
          most === 0 ? (channel === 3 ? 0xff : 0) : Math.round(((pixel >>> shift) & most) * factor)
    }
  }
}

/** How a channel is read from a pixel's bits: shifted right, with so many values, each scaled to 0..255. */
interface Mask {
  readonly shift: number
  /** The largest value; 0 where there is no such channel. */
  readonly most: number
  readonly factor: number
}

/** The masks of red, green, blue and alpha. */
type Masked = readonly Mask[]

const DEFAULTS: Readonly<Record<number, readonly number[]>> = {
  16: [0x7c00, 0x03e0, 0x001f],
  32: [0x00ff0000, 0x0000ff00, 0x000000ff],
}

/** What a header says of its pixels. */
interface PixelKind {
  readonly bits: number
  readonly compression: number
  readonly headerBytes: number
  readonly isIcon: boolean
}

/** The header that may have alpha also without compression that names masks, as in Chromium. */
const V4_BYTES = 108

/** From the header, or the defaults. Alpha is present where a mask names it, and in icons. */
const readMasked = (
  header: Buffer,
  { bits, compression, headerBytes, isIcon }: PixelKind,
  afterHeader: Buffer,
): Masked => {
  if (compression !== 3 && compression !== 6) {
    const [red = 0, green = 0, blue = 0] = DEFAULTS[bits] ?? []
    const told = headerBytes >= V4_BYTES && header.length >= 56 ? header.readUInt32LE(52) : 0
    return [red, green, blue, bits !== 32 ? 0 : isIcon ? 0xff000000 : told].map(toMask)
  }
  const inHeader = headerBytes >= 52 ? header.subarray(40) : afterHeader
  const count = headerBytes >= 56 || compression === 6 ? 4 : 3
  const masks = Array.from({ length: count }, (_, i) =>
    inHeader.length >= i * 4 + 4 ? inHeader.readUInt32LE(i * 4) : 0,
  )
  return [...masks, 0].slice(0, 4).map(toMask)
}

const toMask = (mask: number): Mask => {
  if (mask === 0) return { shift: 0, most: 0, factor: 0 }
  const shift = 31 - Math.clz32(mask & -mask)
  const most = mask >>> shift
  return { shift, most, factor: 255 / most }
}

interface Shape {
  readonly width: number
  readonly height: number
  readonly bits: number
}

interface Canvas {
  readonly rgba: Buffer
  /** Where a row begins, by its number in the file. */
  readonly toRow: (y: number) => number
  readonly palette: readonly number[]
}

/**
 * Draws run-length coding (BI_RLE8, BI_RLE4), and says whether it is there to its end. Pixels that the runs skip are
 * black, as in browsers; those of rows that never came stay transparent.
 */
const unpackRuns = (data: Buffer, { width, height, bits }: Shape, canvas: Canvas): boolean => {
  const { rgba, toRow, palette } = canvas
  let [x, y, isWhole] = [0, 0, false]
  const put = (index: number): void => {
    if (x < width && y < height) rgba.writeUInt32BE(palette[index] ?? BLACK, toRow(y) + x * 4)
    x++
  }
  const indexAt = (i: number, from: (i: number) => number): number =>
    bits === 8 ? from(i) : (from(i >> 1) >> (i % 2 === 0 ? 4 : 0)) & 15

  for (let at = 0; at + 1 < data.length && y < height && !isWhole; ) {
    const [count = 0, value = 0] = data.subarray(at, at + 2)
    at += 2
    if (count > 0) for (let i = 0; i < count; i++) put(indexAt(i, () => value))
    else if (value === END_OF_LINE) [x, y] = [0, y + 1]
    else if (value === END) isWhole = true
    else if (value === MOVE) [x, y, at] = [x + (data[at] ?? 0), y + (data[at + 1] ?? 0), at + 2]
    else {
      const start = at
      for (let i = 0; i < value; i++) put(indexAt(i, (byte) => data[start + byte] ?? 0))
      const bytes = bits === 8 ? value : Math.ceil(value / 2)
      at += bytes + (bytes % 2)
    }
  }
  // Some end without saying so, behind the last row or within it.
  const rows = isWhole ? height : Math.min(height, y + (x > 0 ? 1 : 0))
  for (let row = 0; row < rows; row++)
    for (let pixel = 0; pixel < width; pixel++) rgba[toRow(row) + pixel * 4 + 3] = 0xff
  return rows === height
}

const BLACK = 0xff
const END_OF_LINE = 0
const END = 1
const MOVE = 2
