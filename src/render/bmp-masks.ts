/** How a channel is read from a pixel's bits: shifted right, with so many values, each scaled to 0..255. */
interface Mask {
  readonly shift: number
  /** The largest value; 0 where there is no such channel. */
  readonly most: number
  readonly factor: number
}

/** The masks of red, green, blue and alpha. */
export type Masked = readonly Mask[]

const DEFAULTS: Readonly<Record<number, readonly number[]>> = {
  16: [0x7c00, 0x03e0, 0x001f, 0],
  32: [0x00ff0000, 0x0000ff00, 0x000000ff, 0],
}

/** What a header says of its pixels. */
interface PixelKind {
  readonly bits: number
  readonly compression: number
  readonly headerBytes: number
  readonly isIcon: boolean
}

/** From the header, or the defaults. Alpha is present where a mask names it, and in icons. */
export const readMasked = (
  header: Buffer,
  { bits, compression, headerBytes, isIcon }: PixelKind,
  afterHeader: Buffer,
): Masked => {
  const [red = 0, green = 0, blue = 0, alpha = 0] = DEFAULTS[bits] ?? []
  if (compression !== 3 && compression !== 6)
    return [red, green, blue, isIcon && bits === 32 ? 0xff000000 : alpha].map(toMask)
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
