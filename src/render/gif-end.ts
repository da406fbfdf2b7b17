/**
 * Whether a GIF ends inside a frame. One that ends between frames, without its trailer, counts as complete. It follows
 * the blocks of GIF89a; anything else ends the search, because what comes after the picture does not matter.
 */
export const isCutOffGif = (bytes: Uint8Array): boolean => {
  if (bytes[0] !== 0x47 || bytes[1] !== 0x49) return false
  let at = 13 + paletteBytes(bytes[10] ?? 0)
  while (at < bytes.length) {
    const block = bytes[at]
    if (block !== EXTENSION && block !== FRAME) return false
    const isFrame = block === FRAME
    // A frame: its position and flags, its palette, and the number of bits of its first codes.
    const start = isFrame ? at + 10 + paletteBytes(bytes[at + 9] ?? 0) + 1 : at + 2
    const end = skipSubBlocks(bytes, start)
    if (end === undefined) return isFrame
    at = end
  }
  return false
}

const EXTENSION = 0x21
const FRAME = 0x2c

const paletteBytes = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1))

/** Where they end, after a block without bytes; undefined where that is beyond the end of the file. */
const skipSubBlocks = (bytes: Uint8Array, start: number): number | undefined => {
  for (let at = start; at < bytes.length; ) {
    const size = bytes[at] ?? 0
    at += size + 1
    if (size === 0) return at
  }
  return undefined
}
