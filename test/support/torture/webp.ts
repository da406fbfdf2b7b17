import type { Sides } from './jpeg.ts'

const chunk = (type: string, body: Uint8Array, lengthSaid = body.length): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(lengthSaid)
  return Buffer.concat([Buffer.from(type, 'latin1'), length, body, Buffer.alloc(body.length % 2)])
}

const riff = (chunks: readonly Buffer[], lengthSaid?: number): Buffer => {
  const body = Buffer.concat([Buffer.from('WEBP', 'latin1'), ...chunks])
  return chunk('RIFF', body, lengthSaid ?? body.length)
}

const u24 = (value: number): readonly number[] => [value & 255, (value >> 8) & 255, (value >> 16) & 255]

/** Extended header: 2 says animated, 16 alpha. */
const extended = ({ width, height }: Sides, flags: number): Buffer =>
  chunk('VP8X', Buffer.from([flags, 0, 0, 0, ...u24(width - 1), ...u24(height - 1)]))

/** Lossless, of one colour: all Huffman codes have one symbol, so that no pixel takes a bit. */
export const plainLossless = ({ width, height }: Sides): Buffer => {
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
  return chunk('VP8L', Buffer.from(bytes))
}

/** A picture of one colour in forty bytes. */
export const webp = (sides: Sides): Buffer => riff([plainLossless(sides)])

/** A canvas that says to be larger than its one picture. */
export const onCanvas = (canvas: Sides, picture: Sides): Buffer =>
  riff([extended(canvas, 0), plainLossless(picture)])

export const animated = (canvas: Sides, frame: Sides, frames: number, { left = 0, top = 0 } = {}): Buffer => {
  const head = Buffer.from([
    ...u24(left / 2),
    ...u24(top / 2),
    ...u24(frame.width - 1),
    ...u24(frame.height - 1),
    ...u24(100),
    0,
  ])
  const one = chunk('ANMF', Buffer.concat([head, plainLossless(frame)]))
  return riff([extended(canvas, 2), chunk('ANIM', Buffer.alloc(6)), ...Array<Buffer>(frames).fill(one)])
}

/** Its container says to be longer, or shorter, than it is. */
export const lying = (sides: Sides, lengthSaid: number): Buffer => riff([plainLossless(sides)], lengthSaid)

/** Chunks that nobody knows, before the picture. */
export const padded = (sides: Sides, chunks: number): Buffer =>
  riff([extended(sides, 0), ...Array<Buffer>(chunks).fill(chunk('JUNK', Buffer.of())), plainLossless(sides)])
