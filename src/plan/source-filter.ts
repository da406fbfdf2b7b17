import { hash } from 'node:crypto'

/** With this many, one of a hundred sources that are not in it passes. */
const BITS_PER_SOURCE = 10
/**
 * So many words of a digest are used; it has eight. Filters are stored, so this number and `bitsOf` never change: a
 * part would seem to lack sources that it tells of.
 */
const BITS_SET = 7

/** A Bloom filter of some sources, to be asked by {@link mayHold}. */
export const createSourceFilter = (sources: readonly string[]): Uint8Array => {
  const filter = new Uint8Array(Math.ceil((sources.length * BITS_PER_SOURCE) / 8))
  for (const source of sources)
    for (const { byte, mask } of bitsOf(source, filter)) filter[byte] = (filter[byte] ?? 0) | mask
  return filter
}

/** False where the source is certainly not among those of the filter. */
export const mayHold = (filter: Uint8Array, source: string): boolean =>
  bitsOf(source, filter).every(({ byte, mask }) => ((filter[byte] ?? 0) & mask) !== 0)

const bitsOf = (source: string, { length }: Uint8Array) => {
  const digest = hash('sha256', source, 'buffer')
  return Array.from({ length: BITS_SET }, (_, i) => {
    const bit = digest.readUInt32LE(i * 4) % (length * 8)
    return { byte: bit >> 3, mask: 1 << (bit & 7) }
  })
}
