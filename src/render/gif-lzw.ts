/**
 * The colour numbers of a frame, from its sub-blocks (GIF89a, appendix F): `count` at most, fewer where its codes end
 * sooner; undefined where a code is invalid. `codeBits`: the number of bits that the frame says.
 */
export const decodeLzw = (data: Uint8Array, codeBits: number, count: number): Uint8Array | undefined => {
  const clear = 1 << codeBits
  const pixels = new Uint8Array(count)
  /** Of each code: where it was written before, and how long it is. */
  const starts = new Int32Array(MOST_CODES)
  const lengths = new Int32Array(MOST_CODES)
  let [next, width, before, filled] = [clear + 2, codeBits + 1, -1, 0]
  for (let bit = 0; bit + width <= data.length * 8; ) {
    const code = readCode(data, bit, width)
    bit += width
    if (code === clear) [next, width, before] = [clear + 2, codeBits + 1, -1]
    else {
      if (code === clear + 1 || filled === count) return pixels.subarray(0, filled)
      if (code > next || (code > clear && before < 0) || (code === next && next === MOST_CODES))
        return undefined
      const start = filled
      const length = code < clear ? 1 : code < next ? (lengths[code] ?? 0) : filled - before + 1
      const from = code < clear ? -1 : code < next ? (starts[code] ?? 0) : before
      for (let i = 0; i < length && filled < count; i++)
        pixels[filled++] = from < 0 ? code : (pixels[from + i] ?? 0)
      if (before >= 0 && next < MOST_CODES) {
        starts[next] = before
        lengths[next] = start - before + 1
        next++
      }
      if (next === 1 << width && width < MOST_BITS) width++
      before = start
    }
  }
  return pixels.subarray(0, filled)
}

const MOST_BITS = 12
const MOST_CODES = 1 << MOST_BITS

/** A code may reach over three bytes. */
const readCode = (data: Uint8Array, bit: number, width: number): number => {
  const at = bit >> 3
  const bits = (data[at] ?? 0) | ((data[at + 1] ?? 0) << 8) | ((data[at + 2] ?? 0) << 16)
  return (bits >> (bit & 7)) & ((1 << width) - 1)
}

/**
 * Colour numbers as sub-blocks, after the number of bits of their codes: each of nine bits, with a code to begin anew
 * before they would become longer. A ninth longer than the pixels, which is enough for a file that is only decoded.
 */
export const writeUnpacked = (pixels: Uint8Array): Buffer => {
  const codes = pixels.length + Math.ceil(pixels.length / SAME_WIDTH) + 1
  const coded = Buffer.alloc(Math.ceil((codes * 9) / 8) + 1)
  let bit = 0
  const write = (code: number): void => {
    const at = bit >> 3
    const bits = code << (bit & 7)
    coded[at] = (coded[at] ?? 0) | (bits & 0xff)
    coded[at + 1] = bits >> 8
    bit += 9
  }
  for (let i = 0; i < pixels.length; i++) {
    if (i % SAME_WIDTH === 0) write(CLEAR)
    write(pixels[i] ?? 0)
  }
  write(CLEAR + 1)
  return toSubBlocks(coded.subarray(0, Math.ceil(bit / 8)))
}

const CLEAR = 256
/** With more codes than these after a clear, the next one would have ten bits. */
const SAME_WIDTH = 250
const SUB_BLOCK_BYTES = 255

const toSubBlocks = (coded: Buffer): Buffer => {
  const parts: Buffer[] = [Buffer.of(8)]
  for (let at = 0; at < coded.length; at += SUB_BLOCK_BYTES) {
    const part = coded.subarray(at, at + SUB_BLOCK_BYTES)
    parts.push(Buffer.of(part.length), part)
  }
  return Buffer.concat([...parts, Buffer.of(0)])
}
