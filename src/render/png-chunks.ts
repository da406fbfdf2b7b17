import { crc32, inflateSync } from 'node:zlib'

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
 * of 50 KB become 5 GB. XMP, which may be long, is not compressed. Short texts count too: half a million took 210 MB.
 */
export const hasTooMuchText = (png: Uint8Array): boolean => {
  let left = MOST_BYTES
  for (const { name, body } of walkChunks(Buffer.from(png.buffer, png.byteOffset, png.byteLength))) {
    const packed = name === 'zTXt' || name === 'iTXt' ? findPacked(name, body) : undefined
    if (packed !== undefined) left -= Math.max(inflatedBytes(packed, left), MOST_BYTES / MOST_CHUNKS)
    if (left < 0) return true
  }
  return false
}

const MOST_BYTES = 32_000_000

const MOST_GROWTH = 1_000

/** The compressed part of a text: in `iTXt` behind a keyword, two bytes, a language, and the keyword in that. */
const findPacked = (name: string, body: Buffer): Buffer | undefined => {
  const keyword = body.indexOf(0)
  if (keyword < 0) return undefined
  if (name === 'zTXt') return body.subarray(keyword + 2)
  const language = body.indexOf(0, keyword + 3)
  return body[keyword + 1] === 1 ? body.subarray(body.indexOf(0, language + 1) + 1) : undefined
}

/** How many bytes they become, or one more than `most`; where they are damaged, the most that they may become before that. */
const inflatedBytes = (packed: Buffer, most: number): number => {
  try {
    return inflateSync(packed, { maxOutputLength: most + 1 }).length
  } catch (error) {
    return error instanceof RangeError ? most + 1 : packed.length * MOST_GROWTH
  }
}
