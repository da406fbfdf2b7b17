import { crc32 } from 'node:zlib'

/** A chunk of a PNG. */
export interface PngChunk {
  readonly name: string
  readonly body: Buffer
  /** The position of the whole chunk in its file. */
  readonly start: number
  readonly end: number
}

/** The chunks before a PNG's pixels; in a file of nothing else, only the first so many. */
export const listHeadChunks = (png: Buffer): readonly PngChunk[] => {
  const chunks: PngChunk[] = []
  for (let at = 8; at + 12 <= png.length && chunks.length < MOST_CHUNKS; ) {
    const end = at + 12 + png.readUInt32BE(at)
    const name = png.toString('latin1', at + 4, at + 8)
    if (name === 'IDAT' || end > png.length) break
    chunks.push({ name, body: png.subarray(at + 8, end - 4), start: at, end })
    at = end
  }
  return chunks
}

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
