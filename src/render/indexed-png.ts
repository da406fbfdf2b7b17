import { deflateSync } from 'node:zlib'
import { type Palette, toColour } from './palette.ts'
import type { Pixels } from './pixels.ts'
import { toChunk } from './png-chunks.ts'

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const INDEXED = 3

/**
 * A PNG whose pixels are indexes into a palette, of 1, 2, 4 or 8 bits, without loss. Rows are not filtered, which is
 * best for numbers that are no amounts. Translucent colours come first in the palette, because only those need an entry
 * of alpha.
 */
export const writeIndexedPng = (pixels: Pixels, palette: Palette): Buffer => {
  const colours = [...palette].sort((a, b) => alphaOf(a) - alphaOf(b))
  const numbers = new Map(colours.map((colour, number) => [colour, number]))
  const depth = [1, 2, 4].find((bits) => colours.length <= 2 ** bits) ?? 8
  const header = Buffer.alloc(13)
  header.writeUInt32BE(pixels.width, 0)
  header.writeUInt32BE(pixels.height, 4)
  header.set([depth, INDEXED], 8)
  const alphas = colours.map(alphaOf).filter((alpha) => alpha < 255)
  return Buffer.concat([
    SIGNATURE,
    toChunk('IHDR', header),
    toChunk(
      'PLTE',
      Buffer.from(colours.flatMap((colour) => [colour >>> 24, (colour >> 16) & 255, (colour >> 8) & 255])),
    ),
    ...(alphas.length > 0 ? [toChunk('tRNS', Buffer.from(alphas))] : []),
    toChunk('IDAT', deflateSync(packRows(pixels, numbers, depth), { level: 9, memLevel: 9 })),
    toChunk('IEND', Buffer.alloc(0)),
  ])
}

const alphaOf = (colour: number): number => colour & 255

/** Each row after the number of its filter, which is 0. */
const packRows = (
  { width, height, samples, channels }: Pixels,
  numbers: ReadonlyMap<number, number>,
  depth: number,
): Buffer => {
  const rowBytes = 1 + Math.ceil((width * depth) / 8)
  const rows = Buffer.alloc(rowBytes * height)
  for (let y = 0, from = 0; y < height; y++)
    for (let x = 0; x < width; x++, from += channels) {
      const number = numbers.get(toColour(samples, from, channels)) ?? 0
      const bit = x * depth
      const to = y * rowBytes + 1 + (bit >> 3)
      rows[to] = (rows[to] ?? 0) | (number << (8 - depth - (bit & 7)))
    }
  return rows
}
