import { expect, it } from 'vitest'
import { BT_1886, findCodedMeaning } from '../../src/render/coded-colours.ts'

/** The codes that mean something. */
const known = (meaningOf: (code: number) => unknown): readonly number[] =>
  Array.from({ length: 30 }, (_, code) => code).filter((code) => meaningOf(code) !== undefined)

it('primaries and curves go by their codes of H.273, but PQ and HLG', () => {
  expect(known((code) => findCodedMeaning(code, 8))).toEqual([1, 4, 5, 6, 7, 8, 9, 11, 12, 22])
  expect(known((code) => findCodedMeaning(9, code))).toEqual([1, 4, 5, 6, 8, 11, 13, 14, 15])
  expect(findCodedMeaning(7, 4)).toEqual(findCodedMeaning(6, 4))
})

it('primaries and curve of sRGB go without saying, also those of video where they are shown as such', () => {
  expect(known((code) => findCodedMeaning(1, code))).toEqual([4, 5, 8])
  expect(known((code) => findCodedMeaning(1, code, BT_1886))).toEqual([1, 4, 5, 6, 8, 11, 14, 15])
  expect(findCodedMeaning(1, 11, BT_1886)?.curve).toBe(BT_1886)
})
