import { Problem } from '../core/problem.ts'
import { type Masked, readMasked } from './bmp-masks.ts'
import { unpackRuns } from './bmp-runs.ts'
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
  /** Whether it has alpha, or run-length coding, which may skip pixels. */
  readonly mayBeTransparent: boolean
  /** Where the pixels begin. */
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
    mayBeTransparent: compression === 1 || compression === 2 || (masks[3]?.most ?? 0) > 0,
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

/**
 * The pixels. Those missing at the end are transparent where `isPartial`, otherwise Problem `image-corrupt`; run-length
 * coding may end early on purpose.
 */
export const readBitmap = (file: Buffer, header: BitmapHeader, isPartial = false): Bitmap => {
  const { width, height, bits, compression, isTopDown, pixelsFrom } = header
  const palette = readPalette(file, header)
  const isRuns = compression === 1 || compression === 2
  const data = file.subarray(pixelsFrom)
  const rows = isRuns ? unpackRuns(data, { width, height, bits }) : undefined
  const rowBytes = Math.ceil((width * bits) / 32) * 4
  if (
    rows === undefined &&
    data.length < rowBytes * (height - 1) + Math.ceil((width * bits) / 8) &&
    !isPartial
  )
    throw imageCorrupt(new Error('the bitmap ends before its last row'))
  const rgba = Buffer.alloc(width * height * 4)
  for (let y = 0; y < height; y++) {
    const to = (isTopDown ? y : height - 1 - y) * width * 4
    if (rows !== undefined) {
      const row = rows.subarray(y * width * 2, (y + 1) * width * 2)
      for (let x = 0; x < width; x++)
        if (row[x * 2 + 1] === 1) rgba.writeUInt32BE(palette[row[x * 2] ?? 0] ?? 0xff, to + x * 4)
    } else {
      const row = data.subarray(y * rowBytes, (y + 1) * rowBytes)
      writeRow(row, { rgba, to, width }, header, palette)
    }
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
      rgba.writeUInt32BE(palette[index] ?? 0xff, at)
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
