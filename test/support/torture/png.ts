import { deflateSync } from 'node:zlib'
import { ADAM7, SAMPLES } from '../../../src/render/mend-png.ts'
import { type Chunk, toWords, writePng } from '../../files/png.ts'
import type { Sides } from './jpeg.ts'

export interface PngOptions {
  readonly depth?: number
  /** 0 grey, 2 colour, 3 palette, 4 grey and alpha, 6 colour and alpha. */
  readonly colour?: number
  readonly isInterlaced?: boolean
  /** Chunks before the pixels. */
  readonly before?: readonly Chunk[]
  /** In place of pixels that are all zero. */
  readonly pixels?: Buffer
}

const rowBytes = (width: number, { depth = 8, colour = 2 }: PngOptions): number =>
  Math.ceil((width * (SAMPLES[colour] ?? 1) * depth) / 8)

/** As many zeros as there are samples, in about a thousandth of that. */
const blank = ({ width, height }: Sides, options: PngOptions): Buffer => {
  const sizes = options.isInterlaced
    ? ADAM7.map(([x, y, across, down]) => {
        const [columns, rows] = [Math.ceil((width - x) / across), Math.ceil((height - y) / down)]
        return columns > 0 && rows > 0 ? rows * (1 + rowBytes(columns, options)) : 0
      })
    : [height * (1 + rowBytes(width, options))]
  return deflateSync(Buffer.alloc(sizes.reduce((sum, size) => sum + size, 0)), { level: 9 })
}

export const png = (sides: Sides, options: PngOptions = {}): Buffer => {
  const { depth = 8, colour = 2, isInterlaced = false, before = [], pixels } = options
  const header = Buffer.concat([
    toWords(sides.width, sides.height),
    Buffer.from([depth, colour, 0, 0, isInterlaced ? 1 : 0]),
  ])
  const palette: readonly Chunk[] = colour === 3 ? [['PLTE', Buffer.from([0, 0, 0])]] : []
  return writePng([
    ['IHDR', header],
    ...before,
    ...palette,
    ['IDAT', pixels ?? blank(sides, options)],
    ['IEND', Buffer.of()],
  ])
}

/** A chunk after its header says to be of so many bytes. */
export const lying = (sides: Sides, lengthSaid: number): Buffer => {
  const file = png(sides, { before: [['tEXt', Buffer.from('a\0b')]] })
  file.writeUInt32BE(lengthSaid, 33)
  return file
}

/** Compressed to a thousandth. */
export const bomb = (sizeBytes: number): Buffer => {
  const made = bombs.get(sizeBytes) ?? deflateSync(Buffer.alloc(sizeBytes), { level: 9 })
  bombs.set(sizeBytes, made)
  return made
}
const bombs = new Map<number, Buffer>()

/** The chunk that an animation has besides: so many frames, which are not there. */
export const animationControl = (frames: number): Chunk => ['acTL', toWords(frames, 0)]
