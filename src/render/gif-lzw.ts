/**
 * The colour numbers of a frame, from its sub-blocks (GIF89a, appendix F): `count` at most, fewer where its codes end
 * sooner; undefined where a code is invalid. `codeBits`: the number of bits that the frame says.
 */
export const decodeLzw = (data: Uint8Array, codeBits: number, count: number): Uint8Array | undefined => {
  const pixels = new Uint8Array(count)
  const filled = walkLzw(data, { codeBits, count, pixels })
  return filled === undefined ? undefined : pixels.subarray(0, filled)
}

/** How many colour numbers libnsgif finds: it misses a code that ends with the last byte. */
export const countLzw = (data: Uint8Array, codeBits: number, count: number): number | undefined =>
  walkLzw(data, { codeBits, count })

interface Walk {
  readonly codeBits: number
  readonly count: number
  /** Where they are written. */
  readonly pixels?: Uint8Array
}

const walkLzw = (data: Uint8Array, { codeBits, count, pixels }: Walk): number | undefined => {
  const clear = 1 << codeBits
  /** Of each code: where it was written before, and how long it is. */
  const starts = new Int32Array(MOST_CODES)
  const lengths = new Int32Array(MOST_CODES)
  let [next, width, before, filled] = [clear + 2, codeBits + 1, -1, 0]
  const end = data.length * 8 - (pixels === undefined ? 1 : 0)
  for (let bit = 0; bit + width <= end; ) {
    const code = readCode(data, bit, width)
    bit += width
    if (code === clear) [next, width, before] = [clear + 2, codeBits + 1, -1]
    else {
      if (code === clear + 1 || filled === count) return filled
      if (code > next || (code > clear && before < 0) || (code === next && next === MOST_CODES))
        return undefined
      const start = filled
      const length = code < clear ? 1 : code < next ? (lengths[code] ?? 0) : filled - before + 1
      const from = code < clear ? -1 : code < next ? (starts[code] ?? 0) : before
      const until = Math.min(start + length, count)
      if (pixels !== undefined)
        for (let at = start; at < until; at++) pixels[at] = from < 0 ? code : (pixels[from + at - start] ?? 0)
      filled = until
      if (before >= 0 && next < MOST_CODES) {
        starts[next] = before
        lengths[next] = start - before + 1
        next++
      }
      if (next === 1 << width && width < MOST_BITS) width++
      before = start
    }
  }
  return filled
}

const MOST_BITS = 12
const MOST_CODES = 1 << MOST_BITS

/** A code may reach over three bytes. */
const readCode = (data: Uint8Array, bit: number, width: number): number => {
  const at = bit >> 3
  const bits = (data[at] ?? 0) | ((data[at + 1] ?? 0) << 8) | ((data[at + 2] ?? 0) << 16)
  return (bits >> (bit & 7)) & ((1 << width) - 1)
}

/** One colour number, so many times. */
export interface Run {
  readonly pixel: number
  readonly count: number
}

/**
 * Colour numbers as sub-blocks, after the number of bits of their codes: each code of nine bits, with one to begin anew
 * before they would become longer. Single numbers take a ninth more than they are, which is enough for a file that is
 * only decoded; a run takes nearly nothing.
 */
export const writeCodes = (parts: Iterable<Uint8Array | Run>): Buffer => {
  const blocks: Buffer[] = [Buffer.of(8)]
  let [block, filled] = [Buffer.alloc(1 + SUB_BLOCK_BYTES), 0]
  let [held, bits] = [0, 0]
  const close = (): void => {
    block[0] = filled
    blocks.push(block.subarray(0, 1 + filled))
    ;[block, filled] = [Buffer.alloc(1 + SUB_BLOCK_BYTES), 0]
  }
  const write = (code: number): void => {
    held |= code << bits
    for (bits += 9; bits >= 8; bits -= 8) {
      block[++filled] = held
      if (filled === SUB_BLOCK_BYTES) close()
      held >>= 8
    }
  }
  for (const part of parts)
    if ('pixel' in part) writeRun(part, write)
    else
      for (let i = 0; i < part.length; i++) {
        if (i % SAME_WIDTH === 0) write(CLEAR)
        write(part[i] ?? 0)
      }
  write(CLEAR + 1)
  write(0) // of which only the first bits may be in the last byte
  if (filled > 0) close()
  return Buffer.concat([...blocks, Buffer.of(0)])
}

/** After it begins anew, each code means one pixel more than the one before. */
const writeRun = ({ pixel, count }: Run, write: (code: number) => void): void => {
  for (let left = count; left > 0; ) {
    write(CLEAR)
    for (let length = 1; length <= SAME_WIDTH && left > 0; length++) {
      const covered = Math.min(length, left)
      write(covered === 1 ? pixel : CLEAR + covered)
      left -= covered
    }
  }
}

const CLEAR = 256
/** With more codes than these after a clear, the next one would have ten bits. */
const SAME_WIDTH = 250
const SUB_BLOCK_BYTES = 255
