import { deflateSync } from 'node:zlib'
import { type Entry, writeTiff } from '../../files/tiff.ts'
import type { Sides } from './jpeg.ts'

interface BlankTiff extends Sides {
  /** 1 none, 5 LZW, 8 Deflate. */
  readonly compression?: number
  /** The directory is said to be its own next one, or below itself. */
  readonly loop?: 'next' | 'below'
  /** Rows of a strip; by default all of them. */
  readonly rows?: number
  readonly data?: Buffer
}

/** A grey picture of one strip, in which all is zero. */
export const blankTiff = (options: BlankTiff): Buffer => {
  const { width, height, compression = 8, rows = height, loop } = options
  const data = options.data ?? deflateSync(Buffer.alloc(width * height), { level: 9 })
  const start = 8 + data.length + (data.length % 2)
  const tags: readonly Entry[] = [
    [256, 4, [width]],
    [257, 4, [height]],
    [258, 4, [8]],
    [259, 4, [compression]],
    [262, 4, [1]],
    [273, 4, [8]],
    [278, 4, [rows]],
    [279, 4, [data.length]],
    ...(loop === 'below' ? [[330, 4, Array<number>(4).fill(start)] as const] : []),
  ]
  return writeTiff(data, tags, { next: loop === 'next' ? start : 0 })
}

/** Tiles of `side`, all of them the same bytes. */
export const tiledTiff = ({ width, height }: Sides, side: number): Buffer => {
  const data = deflateSync(Buffer.alloc(Math.min(side * side, 16_000_000)), { level: 9 })
  const tiles = Math.ceil(width / side) * Math.ceil(height / side)
  return writeTiff(data, [
    [256, 4, [width]],
    [257, 4, [height]],
    [258, 4, [8]],
    [259, 4, [8]],
    [262, 4, [1]],
    [277, 4, [1]],
    [322, 4, [side]],
    [323, 4, [side]],
    [324, 4, Array<number>(tiles).fill(8)],
    [325, 4, Array<number>(tiles).fill(data.length)],
  ])
}
