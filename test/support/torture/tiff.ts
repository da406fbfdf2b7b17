import { deflateSync } from 'node:zlib'
import type { Sides } from './jpeg.ts'

/** A tag with its values; all are written as 32-bit numbers, which every reader takes. */
export type Tag = readonly [tag: number, ...values: readonly number[]]

export interface TiffOptions {
  readonly tags: readonly Tag[]
  /** Where the next directory is said to be. */
  readonly next?: number
  /** What follows the directory and its lists. */
  readonly data?: Uint8Array
}

const HEAD_BYTES = 8

/** One directory, little-endian. Tags of several values have them after it, before `data`. */
export const tiff = ({ tags, next = 0, data = Buffer.of() }: TiffOptions): Buffer => {
  const directory = Buffer.alloc(2 + tags.length * 12 + 4)
  directory.writeUInt16LE(tags.length)
  let valuesAt = HEAD_BYTES + directory.length
  const lists: Buffer[] = []
  for (const [i, [tag, ...values]] of tags.entries()) {
    const at = 2 + i * 12
    directory.writeUInt16LE(tag, at)
    directory.writeUInt16LE(4, at + 2)
    directory.writeUInt32LE(values.length, at + 4)
    directory.writeUInt32LE(values.length === 1 ? (values[0] ?? 0) : valuesAt, at + 8)
    if (values.length === 1) continue
    const list = Buffer.alloc(values.length * 4)
    for (const [k, value] of values.entries()) list.writeUInt32LE(value, k * 4)
    lists.push(list)
    valuesAt += list.length
  }
  directory.writeUInt32LE(next, directory.length - 4)
  return Buffer.concat([Buffer.from('II*\0\x08\0\0\0', 'latin1'), directory, ...lists, data])
}

export interface PlainTiff extends Sides {
  readonly samples?: number
  readonly bits?: number
  /** 1 none, 5 LZW, 8 Deflate. */
  readonly compression?: number
  readonly extra?: readonly Tag[]
  readonly next?: number
  /** Rows of a strip; by default all of them. */
  readonly rows?: number
  readonly data?: Uint8Array
}

/** A grey picture of one strip, in which all is zero. */
export const blankTiff = (options: PlainTiff): Buffer => {
  const { width, height, bits = 8, compression = 8, extra = [], next, rows = height, data } = options
  const pixels = data ?? deflateSync(Buffer.alloc(Math.ceil((width * height * bits) / 8)), { level: 9 })
  const tags = (at: number): readonly Tag[] =>
    [
      [256, width],
      [257, height],
      [258, bits],
      [259, compression],
      [262, 1],
      [273, at],
      [278, rows],
      [279, pixels.length],
      ...extra,
    ].sort(([a = 0], [b = 0]) => a - b) as unknown as readonly Tag[]
  const at = tiff({ tags: tags(0) }).length
  return tiff({ tags: tags(at), data: pixels, ...(next !== undefined && { next }) })
}

/** Tiles of `side`, all of them the same bytes. */
export const tiledTiff = ({ width, height }: Sides, side: number): Buffer => {
  const pixels = deflateSync(Buffer.alloc(Math.min(side * side, 16_000_000)), { level: 9 })
  const tiles = Math.ceil(width / side) * Math.ceil(height / side)
  const tags = (at: number): readonly Tag[] => [
    [256, width],
    [257, height],
    [258, 8],
    [259, 8],
    [262, 1],
    [277, 1],
    [322, side],
    [323, side],
    [324, ...Array<number>(tiles).fill(at)],
    [325, ...Array<number>(tiles).fill(pixels.length)],
  ]
  const at = tiff({ tags: tags(0) }).length
  return tiff({ tags: tags(at), data: pixels })
}
