/**
 * Whether a PNG has more compressed text than a picture should. Its reader decompresses all of it, and a hundred chunks
 * of 50 KB become 5 GB. Compressed bytes are counted, since each becomes a thousand at most; XMP, which may be long, is
 * not compressed.
 */
export const hasTooMuchText = (png: Uint8Array): boolean => {
  const view = Buffer.from(png.buffer, png.byteOffset, png.byteLength)
  let textBytes = 0
  // A chunk is its length, its name, so many bytes, and a checksum.
  for (let at = SIGNATURE_BYTES; at + 8 <= view.length; ) {
    const sizeBytes = view.readUInt32BE(at)
    const name = view.toString('latin1', at + 4, at + 8)
    if (name === 'zTXt' || (name === 'iTXt' && isCompressed(view, at + 8))) textBytes += sizeBytes
    if (textBytes > MOST_BYTES) return true
    at += sizeBytes + 12
  }
  return false
}

const SIGNATURE_BYTES = 8
const MOST_BYTES = 256 * 1024

/** An `iTXt` chunk begins with a keyword, NUL, and whether the text is compressed. */
const isCompressed = (view: Buffer, start: number): boolean => {
  const end = view.indexOf(0, start)
  return end !== -1 && view[end + 1] === 1
}
