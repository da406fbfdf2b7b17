import { expect, it } from 'vitest'
import { findPalette, hasMoreColours, mayBeDrawn } from '../../src/render/palette.ts'
import type { Pixels } from '../../src/render/pixels.ts'

const toRow = (colours: readonly (readonly number[])[]): Pixels => ({
  samples: Buffer.from(colours.flat()),
  width: colours.length,
  height: 1,
  channels: 4,
  frames: 1,
})

it('a palette holds every colour, but what is transparent shows none', () => {
  const row = toRow([
    [2, 4, 6, 255],
    [2, 4, 6, 255],
    [2, 4, 6, 1],
    [2, 4, 6, 0],
    [8, 4, 6, 0],
  ])
  expect([...(findPalette(row) ?? [])]).toEqual([0x020406ff, 0x02040601, 0x02040600, 0x08040600])
  expect([1, 2].map((most) => hasMoreColours(row, most))).toEqual([true, false])
})

it('a palette holds 256 colours', () => {
  const greys = Array.from({ length: 256 }, (_, i) => [i, i, i, 255])
  expect([findPalette(toRow(greys))?.size, findPalette(toRow([...greys, [1, 2, 3, 255]]))]).toEqual([
    256,
    undefined,
  ])
})

/** Of two rows, the lower of which is as the upper one; so many in a hundred pixels are as those to their left. */
const twoRows = (flat: number, colours: number): Pixels => {
  const row = Array.from({ length: 1001 }, (_, x) => {
    const colour = (x % 100 < flat ? x - (x % 100) : x) % colours
    return [colour >> 8, colour & 255, 7, 255]
  })
  return { ...toRow([...row, ...row]), width: row.length, height: 2 }
}

it('a drawing has half of its pixels as those beside them, or a third where its colours are few', () => {
  const isDrawn = (colours: number) => [20, 40, 45, 60].map((flat) => mayBeDrawn(twoRows(flat, colours)))
  expect([isDrawn(999), isDrawn(200)]).toEqual([
    [false, false, false, true],
    [false, true, true, true],
  ])
  expect(mayBeDrawn(toRow([[1, 2, 3, 255]]))).toBe(true)
})
