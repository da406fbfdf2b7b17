/** The first bytes of blocks of GIF89a, and the second ones of extensions. */
export const GIF = {
  extension: 0x21,
  frame: 0x2c,
  end: 0x3b,
  control: 0xf9,
  comment: 0xfe,
  application: 0xff,
}

/** One block of a GIF. */
export interface GifBlock {
  readonly kind: number
  /** The position of its first byte. */
  readonly at: number
  /** Where its sub-blocks begin; for a frame, after the number of bits of its first codes. */
  readonly data: number
  /** The position after it; undefined where that is beyond the end of the file. */
  readonly end: number | undefined
}

/** The blocks after the header, and at last what is no extension and no frame: the trailer, if all is well. */
export const walkGif = function* (bytes: Uint8Array): Generator<GifBlock> {
  for (let at = 13 + paletteBytes(bytes[10] ?? 0); at < bytes.length; ) {
    const kind = bytes[at] ?? 0
    if (kind !== GIF.extension && kind !== GIF.frame) {
      yield { kind, at, data: at + 1, end: at + 1 }
      return
    }
    const data = kind === GIF.frame ? at + 11 + paletteBytes(bytes[at + 9] ?? 0) : at + 2
    const end = skipSubBlocks(bytes, data)
    yield { kind, at, data, end }
    if (end === undefined) return
    at = end
  }
}

const paletteBytes = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1))

const skipSubBlocks = (bytes: Uint8Array, start: number): number | undefined => {
  for (let at = start; at < bytes.length; ) {
    const size = bytes[at] ?? 0
    at += size + 1
    if (size === 0) return at
  }
  return undefined
}

/**
 * Whether a GIF ends inside a frame. One that ends between frames, without its trailer, counts as complete. Anything
 * that is no block of GIF89a ends the search, because what comes after the picture does not matter.
 */
export const isCutOffGif = (bytes: Uint8Array): boolean => {
  if (bytes[0] !== 0x47 || bytes[1] !== 0x49) return false
  for (const { kind, end } of walkGif(bytes)) if (kind === GIF.frame && end === undefined) return true
  return false
}
