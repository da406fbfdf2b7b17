import { type RiffChunk, toChunk, toRiff, writeWebp } from '../../files/riff.ts'
import type { Sides } from './jpeg.ts'

const u24 = (value: number): readonly number[] => [value & 255, (value >> 8) & 255, (value >> 16) & 255]

/** Lossless, of one colour: all Huffman codes have one symbol, so that no pixel takes a bit. */
const plainLossless = ({ width, height }: Sides): RiffChunk => {
  const bits: number[] = []
  const put = (value: number, count: number): void => {
    for (let i = 0; i < count; i++) bits.push((value >> i) & 1)
  }
  put(width - 1, 14)
  put(height - 1, 14)
  put(0, 1) // alpha is not used
  put(0, 3) // version
  put(0, 1) // no transform
  put(0, 1) // no colour cache
  put(0, 1) // no meta Huffman codes
  // Green, red, blue, alpha, distance: a simple code of one symbol of one bit, which is 0.
  for (let code = 0; code < 5; code++) {
    put(1, 1)
    put(0, 1)
    put(0, 1)
    put(0, 1)
  }
  const bytes: number[] = [0x2f]
  for (let at = 0; at < bits.length; at += 8)
    bytes.push(bits.slice(at, at + 8).reduce((byte, bit, i) => byte | (bit << i), 0))
  return ['VP8L', Buffer.from(bytes)]
}

/** A picture of one colour in forty bytes. */
export const webp = (sides: Sides): Buffer => toRiff([plainLossless(sides)])

/** A canvas that says to be larger than its one picture. */
export const onCanvas = (canvas: Sides, picture: Sides): Buffer =>
  writeWebp({ ...canvas, flags: 0 }, [plainLossless(picture)])

export const animated = (canvas: Sides, frame: Sides, frames: number, { left = 0, top = 0 } = {}): Buffer => {
  const head = Buffer.from([
    ...u24(left / 2),
    ...u24(top / 2),
    ...u24(frame.width - 1),
    ...u24(frame.height - 1),
    ...u24(100),
    0,
  ])
  const one: RiffChunk = ['ANMF', Buffer.concat([head, toChunk(plainLossless(frame))])]
  return writeWebp({ ...canvas, flags: 2 }, [
    ['ANIM', Buffer.alloc(6)],
    ...Array<RiffChunk>(frames).fill(one),
  ])
}

/** Its container says to be longer, or shorter, than it is. */
export const lying = (sides: Sides, lengthSaid: number): Buffer => toRiff([plainLossless(sides)], lengthSaid)

/** Chunks that nobody knows, before the picture. */
export const padded = (sides: Sides, chunks: number): Buffer =>
  writeWebp({ ...sides, flags: 0 }, [
    ...Array<RiffChunk>(chunks).fill(['JUNK', Buffer.of()]),
    plainLossless(sides),
  ])
