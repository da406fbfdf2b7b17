import { crc32, inflateSync } from 'node:zlib'

/** A chunk's name, its body, and a checksum where it is to be a wrong one. */
export type Chunk = readonly [name: string, body: Buffer, sum?: number]

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')

export const toChunk = ([name, body, sum]: Chunk): Buffer => {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), body])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(body.length)
  check.writeUInt32BE(sum ?? crc32(named))
  return Buffer.concat([length, named, check])
}

export const writePng = (chunks: readonly Chunk[]): Buffer =>
  Buffer.concat([SIGNATURE, ...chunks.map(toChunk)])

export const readChunks = (png: Buffer): readonly Chunk[] => {
  const chunks: Chunk[] = []
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at))
    chunks.push([png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, at + 8 + png.readUInt32BE(at))])
  return chunks
}

/** The same picture with chunks before its pixels, or after them. */
export const addChunks = (
  png: Buffer,
  added: readonly Chunk[],
  place: 'before' | 'after' = 'before',
): Buffer => {
  const chunks = readChunks(png)
  const at = place === 'before' ? 1 : chunks.length - 1
  return writePng([...chunks.slice(0, at), ...added, ...chunks.slice(at)])
}

/** Its pixels as zlib has them, and unpacked: each row behind the byte that names its filter. */
export const readPixelData = (png: Buffer): { readonly packed: Buffer; readonly rows: Buffer } => {
  const packed = Buffer.concat(readChunks(png).flatMap(([name, body]) => (name === 'IDAT' ? [body] : [])))
  return { packed, rows: inflateSync(packed) }
}

/** The same with other pixel data; `sum` as of a {@link Chunk}. */
export const replacePixelData = (png: Buffer, packed: Buffer, sum?: number): Buffer => {
  const head = readChunks(png).filter(([name]) => name !== 'IDAT' && name !== 'IEND')
  return writePng([
    ...head,
    sum === undefined ? ['IDAT', packed] : ['IDAT', packed, sum],
    ['IEND', Buffer.of()],
  ])
}

/** Whole numbers of four bytes each, the most significant first. */
export const toWords = (...values: readonly number[]): Buffer => {
  const body = Buffer.alloc(values.length * 4)
  for (const [i, value] of values.entries()) body.writeUInt32BE(value, i * 4)
  return body
}
