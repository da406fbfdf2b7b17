import { crc32 } from 'node:zlib'

/** A chunk of a PNG. */
export interface PngChunk {
  readonly name: string
  readonly body: Buffer
  /** The position of the whole chunk in its file. */
  readonly start: number
  readonly end: number
}

/** All chunks; the last one may end beyond the file. */
export const walkChunks = function* (png: Buffer): Generator<PngChunk> {
  for (let start = 8, end = start; start + 8 <= png.length; start = end) {
    end = start + 12 + png.readUInt32BE(start)
    const name = png.toString('latin1', start + 4, start + 8)
    yield { name, body: png.subarray(start + 8, end - 4), start, end }
  }
}

/** The chunks before a PNG's pixels; in a file of nothing else, only the first so many. */
export const listHeadChunks = (png: Buffer): readonly PngChunk[] => {
  const chunks: PngChunk[] = []
  for (const chunk of walkChunks(png)) {
    if (chunk.name === 'IDAT' || chunk.end > png.length || chunks.length === MOST_CHUNKS) break
    chunks.push(chunk)
  }
  return chunks
}

/** The same by their names; of several, the last one. */
export const mapHeadChunks = (png: Buffer): ReadonlyMap<string, PngChunk> =>
  new Map(listHeadChunks(png).map((chunk) => [chunk.name, chunk]))

/** As many as libpng keeps. */
const MOST_CHUNKS = 1_000

/** A chunk: its length, its name, its body and a checksum. */
export const toChunk = (name: string, body: Buffer): Buffer => {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), body])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(body.length)
  sum.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, sum])
}

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
