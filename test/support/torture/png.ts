import { crc32, deflateSync } from 'node:zlib'
import type { Sides } from './jpeg.ts'

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')

export const chunk = (type: string, body: Uint8Array, lengthSaid = body.length): Buffer => {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), body])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(lengthSaid)
  sum.writeUInt32BE(crc32(typed))
  return Buffer.concat([length, typed, sum])
}

export interface PngOptions {
  readonly depth?: number
  /** 0 grey, 2 colour, 3 palette, 4 grey and alpha, 6 colour and alpha. */
  readonly colour?: number
  readonly isInterlaced?: boolean
  /** Chunks before the pixels. */
  readonly before?: readonly Buffer[]
  /** In place of pixels that are all zero. */
  readonly pixels?: Buffer
}

const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

const rowBytes = (width: number, { depth = 8, colour = 2 }: PngOptions): number =>
  Math.ceil((width * (SAMPLES[colour] ?? 1) * depth) / 8)

/** Adam7: of each pass its first column and row, and the steps across and down. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

/** As many zeros as there are samples, in about a thousandth of that. */
const blank = ({ width, height }: Sides, options: PngOptions): Buffer => {
  const sizes = options.isInterlaced
    ? PASSES.map(([x, y, across, down]) => {
        const [columns, rows] = [Math.ceil((width - x) / across), Math.ceil((height - y) / down)]
        return columns > 0 && rows > 0 ? rows * (1 + rowBytes(columns, options)) : 0
      })
    : [height * (1 + rowBytes(width, options))]
  return deflateSync(Buffer.alloc(sizes.reduce((sum, size) => sum + size, 0)), { level: 9 })
}

export const png = (sides: Sides, options: PngOptions = {}): Buffer => {
  const { depth = 8, colour = 2, isInterlaced = false, before = [], pixels } = options
  const header = Buffer.alloc(13)
  header.writeUInt32BE(sides.width)
  header.writeUInt32BE(sides.height, 4)
  header.set([depth, colour, 0, 0, isInterlaced ? 1 : 0], 8)
  const palette = colour === 3 ? [chunk('PLTE', Buffer.from([0, 0, 0]))] : []
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    ...before,
    ...palette,
    chunk('IDAT', pixels ?? blank(sides, options)),
    chunk('IEND', Buffer.of()),
  ])
}

/** Compressed to a thousandth. */
export const bomb = (sizeBytes: number): Buffer => deflateSync(Buffer.alloc(sizeBytes), { level: 9 })

/** The chunks that an animation has besides: one frame, or a thousand that are not there. */
export const animationControl = (frames: number): Buffer => {
  const body = Buffer.alloc(8)
  body.writeUInt32BE(frames)
  return chunk('acTL', body)
}
