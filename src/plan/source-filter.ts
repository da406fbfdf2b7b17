import { createHash } from 'node:crypto'

/** One source of a hundred that are not there passes. */
const BITS_PER_SOURCE = 10
/** A digest has eight words. */
const BITS_SET = 7

/** A Bloom filter: it says of a source that it is none of these, or that it may be one. */
export const createSourceFilter = (sources: readonly string[]): Uint8Array => {
  const filter = new Uint8Array(Math.ceil((sources.length * BITS_PER_SOURCE) / 8))
  for (const source of sources)
    for (const { byte, mask } of bitsOf(source, filter)) filter[byte] = (filter[byte] ?? 0) | mask
  return filter
}

/** False where the source is certainly none of those that the filter was made of. */
export const mayHold = (filter: Uint8Array, source: string): boolean =>
  bitsOf(source, filter).every(({ byte, mask }) => ((filter[byte] ?? 0) & mask) !== 0)

const bitsOf = (source: string, { length }: Uint8Array) => {
  const digest = createHash('sha256').update(source).digest()
  return Array.from({ length: BITS_SET }, (_, i) => {
    const bit = digest.readUInt32LE(i * 4) % (length * 8)
    return { byte: bit >> 3, mask: 1 << (bit & 7) }
  })
}
