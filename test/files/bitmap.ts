/** A bitmap written out: rows of pixel data from the bottom, each filled to four bytes by whoever makes them. */
export interface BitmapParts {
  readonly width: number
  /** Negative: the rows are given from the top. */
  readonly height: number
  readonly bits: number
  readonly rows: Buffer
  /** 0 plain, 1 and 2 runs of 8 and 4 bits, 3 masks. */
  readonly compression?: number
  /** Red, green and blue of each. */
  readonly palette?: readonly (readonly [number, number, number])[]
  /** Red, green, blue and, in a header that has one, alpha. */
  readonly masks?: readonly number[]
  /** By the header of OS/2, whose colours have three bytes. */
  readonly isOs2?: boolean
}

/** A BMP: with four masks by the header of version 4, else by that of version 3. */
export const makeBmp = (parts: BitmapParts): Buffer => {
  const info = makeInfo(parts)
  const file = Buffer.alloc(14)
  file.write('BM', 'latin1')
  file.writeUInt32LE(14 + info.length + parts.rows.length, 2)
  file.writeUInt32LE(14 + info.length, 10)
  return Buffer.concat([file, info, parts.rows])
}

const makeInfo = (parts: BitmapParts): Buffer => {
  const { width, height, bits, rows, compression = 0, palette = [], masks = [], isOs2 = false } = parts
  if (isOs2) {
    const core = Buffer.alloc(12)
    for (const [i, field] of [12, 0, width, height, 1, bits].entries()) core.writeUInt16LE(field, i * 2)
    // It says no number of colours: all that its bits can name are there.
    const colours = Buffer.alloc(bits <= 8 ? 3 * 2 ** bits : 0)
    for (const [i, [red, green, blue]] of palette.entries()) colours.set([blue, green, red], i * 3)
    return Buffer.concat([core, colours])
  }
  const header = Buffer.alloc(masks.length === 4 ? 108 : 40)
  header.writeUInt32LE(header.length)
  header.writeInt32LE(width, 4)
  header.writeInt32LE(height, 8)
  header.writeUInt16LE(1, 12)
  header.writeUInt16LE(bits, 14)
  header.writeUInt32LE(compression, 16)
  header.writeUInt32LE(rows.length, 20)
  header.writeUInt32LE(palette.length, 32)
  const words = Buffer.alloc(masks.length * 4)
  for (const [i, mask] of masks.entries()) words.writeUInt32LE(mask, i * 4)
  if (masks.length === 4) words.copy(header, 40)
  return Buffer.concat([
    header,
    ...(masks.length === 3 ? [words] : []),
    ...palette.map(([red, green, blue]) => Buffer.of(blue, green, red, 0)),
  ])
}

/** One picture of an icon, sides of at most 256. */
export interface IconEntry {
  readonly width: number
  readonly height: number
  readonly data: Buffer
}

/** An icon of pictures: PNGs, or bitmaps of both halves (`height` is that of the colours; the mask's rows follow). */
export const makeIco = (pictures: readonly IconEntry[]): Buffer => {
  const head = Buffer.alloc(6 + pictures.length * 16)
  head.writeUInt16LE(1, 2)
  head.writeUInt16LE(pictures.length, 4)
  let at = head.length
  for (const [i, { width, height, data }] of pictures.entries()) {
    const entry = 6 + i * 16
    head.set([width % 256, height % 256], entry)
    head.writeUInt16LE(1, entry + 4)
    head.writeUInt16LE(32, entry + 6)
    head.writeUInt32LE(data.length, entry + 8)
    head.writeUInt32LE(at, entry + 12)
    at += data.length
  }
  return Buffer.concat([head, ...pictures.map(({ data }) => data)])
}

/** A bitmap as icons hold it. */
export const makeIconBitmap = (parts: BitmapParts, mask: Buffer): Buffer =>
  Buffer.concat([makeInfo({ ...parts, height: parts.height * 2 }), parts.rows, mask])
