import { walkChunks } from './png-chunks.ts'

/**
 * Whether a PNG has more compressed text than a picture should. Its reader decompresses all of it, and a hundred chunks
 * of 50 KB become 5 GB. Compressed bytes are counted, since each becomes a thousand at most; XMP, which may be long, is
 * not compressed.
 */
export const hasTooMuchText = (png: Uint8Array): boolean => {
  const view = Buffer.from(png.buffer, png.byteOffset, png.byteLength)
  let textBytes = 0
  for (const { name, start, end } of walkChunks(view)) {
    if (name === 'zTXt' || (name === 'iTXt' && isCompressed(view, start + 8))) textBytes += end - start - 12
    if (textBytes > MOST_BYTES) return true
  }
  return false
}

const MOST_BYTES = 256 * 1024

/** An `iTXt` chunk begins with a keyword, NUL, and whether the text is compressed. */
const isCompressed = (view: Buffer, start: number): boolean => {
  const end = view.indexOf(0, start)
  return end !== -1 && view[end + 1] === 1
}
