import { expect, it } from 'vitest'
import { listAvifTiles } from '../../src/render/avif-boxes.ts'
import { box, FILE_TYPE } from '../support/torture/avif.ts'

const FULL = Buffer.alloc(4)
const VERSION_1 = Buffer.of(1, 0, 0, 0)
const numbers = (...values: readonly number[]): Buffer =>
  Buffer.concat(
    values.map((value) => {
      const bytes = Buffer.alloc(2)
      bytes.writeUInt16BE(value)
      return bytes
    }),
  )
const grid = box('infe', Buffer.of(2, 0, 0, 1), numbers(1, 0), Buffer.from('grid\0'))
const items = box('iinf', FULL, numbers(1), grid)
const primary = box('pitm', FULL, numbers(1))

/** The number of the primary item in each file; read one by one, because all are in the same memory. */
const tilesOf = (...parts: readonly Buffer[]): readonly string[] =>
  Array.from(listAvifTiles(Buffer.concat([FILE_TYPE, box('meta', FULL, ...parts)])), (file) =>
    file.subarray(file.indexOf('pitm') + 8, file.indexOf('pitm') + 10).toString('hex'),
  )

it('each tile of a grid is the picture of a file in turn, and no other item is', () => {
  const tiles = box('dimg', numbers(1, 2, 7, 8))
  const other = box('dimg', numbers(5, 1, 9))
  expect(tilesOf(primary, items, box('iref', FULL, tiles, other))).toEqual(['0007', '0008'])
})

it.each([
  ['parts that end too early', [items, box('iref', FULL, Buffer.of(0, 0, 0, 99))]],
  ['items that end too early', [box('iinf', FULL, numbers(1), Buffer.of(0, 0, 0, 99))]],
  ['a reference without its numbers', [items, box('iref', FULL, box('dimg'))]],
  [
    'a tile whose number the primary one cannot have',
    [primary, items, box('iref', VERSION_1, box('dimg', numbers(0, 1, 1, 1, 1)))],
  ],
])('a file with %s is left to its decoder', (_, parts) => {
  expect(tilesOf(...parts)).toEqual([])
})
