import type { Sides } from './jpeg.ts'

const u16 = (value: number): readonly number[] => [value & 255, value >> 8]

export interface GifFrame extends Sides {
  readonly left?: number
  readonly top?: number
  /** Packed in sub-blocks. */
  readonly coded?: Uint8Array
  readonly codeBits?: number
}

/** LZW of a picture of one colour: clear, then codes that each say one longer run than the last. */
export const plainLzw = (pixels: number): Buffer => {
  const bits: number[] = []
  let width = 3
  let next = 6
  const put = (code: number): void => {
    for (let i = 0; i < width; i++) bits.push((code >> i) & 1)
  }
  put(4)
  put(0)
  let done = 1
  for (let run = 2; done < pixels; run++) {
    put(next)
    done += run
    next++
    if (next === 1 << width && width < 12) width++
    if (next > 4095) {
      put(4)
      width = 3
      next = 6
      put(0)
      done++
      run = 1
    }
  }
  put(5)
  const bytes: number[] = []
  for (let at = 0; at < bits.length; at += 8)
    bytes.push(bits.slice(at, at + 8).reduce((byte, bit, i) => byte | (bit << i), 0))
  return Buffer.from(bytes)
}

const subBlocks = (bytes: Uint8Array): Buffer => {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; at += 255) {
    const part = bytes.subarray(at, at + 255)
    parts.push(Buffer.from([part.length]), Buffer.from(part))
  }
  return Buffer.concat([...parts, Buffer.from([0])])
}

const formatFrame = ({ width, height, left = 0, top = 0, coded, codeBits = 2 }: GifFrame): Buffer =>
  Buffer.concat([
    Buffer.from([0x21, 0xf9, 4, 0, 10, 0, 0, 0]),
    Buffer.from([0x2c, ...u16(left), ...u16(top), ...u16(width), ...u16(height), 0, codeBits]),
    subBlocks(coded ?? plainLzw(width * height)),
  ])

/** A canvas of four colours with frames on it. */
export const gif = (canvas: Sides, frames: readonly GifFrame[], extensions: readonly Buffer[] = []): Buffer =>
  Buffer.concat([
    Buffer.from('GIF89a', 'latin1'),
    Buffer.from([...u16(canvas.width), ...u16(canvas.height), 0x91, 0, 0]),
    Buffer.from([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255]),
    ...extensions,
    ...frames.map(formatFrame),
    Buffer.from([0x3b]),
  ])

/** A comment of many blocks. */
export const comment = (sizeBytes: number): Buffer =>
  Buffer.concat([Buffer.from([0x21, 0xfe]), subBlocks(Buffer.alloc(sizeBytes, 65))])
