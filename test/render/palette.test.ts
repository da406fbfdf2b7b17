import { expect, it } from 'vitest'
import { findPalette, hasMoreColours } from '../../src/render/palette.ts'
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
