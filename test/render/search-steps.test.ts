import { expect, it } from 'vitest'
import type { EncoderOptions } from '../../src/core/encoder.ts'
import { encode, encodingAt, QUICKEST } from '../../src/render/encode.ts'
import { goalOf, isSearched, searchFile } from '../../src/render/search.ts'
import { QUICK } from './support.ts'

const SLOW: EncoderOptions = { ...QUICK, jpeg: { mozjpeg: true, search: true } }
const [width, height] = [16, 16]
const pixels = {
  ...({ width, height, channels: 3, frames: 1 } as const),
  samples: Buffer.from(Array.from({ length: width * height * 3 }, (_, i) => (i * 37) % 256)),
}
const accompaniment = { credit: {} }

/** The quantisation tables of a JPEG, which tell its number; and whether its encoder is the slow one, which makes scans. */
const readTables = (jpeg: Uint8Array): string => {
  const text = Buffer.from(jpeg).toString('latin1')
  return `${text.includes('\xff\xc2') ? 'slow' : 'fast'} ${text.slice(text.indexOf('\xff\xdb'), text.indexOf('\xff\xc4'))}`
}

const NUMBERS = new Map<string, string>()
for (const [by, encoders] of Object.entries({ slow: SLOW, fast: QUICKEST }))
  for (let number = 1; number <= 100; number++) {
    const encoding = encodingAt('jpg', number, { encoders, chroma: '4:2:0' })
    const { bytes } = await encode(pixels, encoding, accompaniment)
    NUMBERS.set(readTables(bytes), `${number} ${by}`)
  }

/** A search at quality 80, whose target is 69, in files that have these scores by number and encoder. */
const search = async (scores: Readonly<Record<string, number>>, encoders = SLOW) => {
  const asked: string[] = []
  const scoreOf = async (file: Uint8Array): Promise<number> => {
    const number = NUMBERS.get(readTables(file)) ?? ''
    asked.push(number)
    return scores[number] ?? scores[number.replace(/^\d+/, 'any')] ?? Number.NaN
  }
  const look = { pixels, scoreOf, isSame: async () => false, isDrawn: () => false }
  const { bytes, reached } = await searchFile(look, goalOf('jpg', 80), { encoders, accompaniment })
  return { asked, bytes, reached }
}

it.each([
  ['makes one file where the first guess is near', { '68 fast': 68.84, '72 slow': 69.7 }, []],
  [
    'looks again where it is far, and follows the line through both',
    { '68 fast': 62.88, '84 fast': 68.4, '89 slow': 69.7 },
    [],
  ],
  ['goes no lower than where flat areas look bad', { '68 fast': 95, '60 slow': 90 }, []],
  [
    'ends at the highest number where none is good enough',
    { '68 fast': 10, '92 fast': 10, '92 slow': 10 },
    [],
  ],
  [
    'takes no slope for more than four times the usual one',
    { '68 fast': 31.18, '92 fast': 95.7, '79 fast': 70.43, '79 slow': 69.7 },
    [],
  ],
  ['takes no slope for falling', { '68 fast': 62.88, '84 fast': 61.7, '92 slow': 69 }, []],
  ['makes another file where one is below', { '68 fast': 68.84, '72 slow': 66.7, '77 slow': 69 }, []],
  ['bears a little less than the target', { '68 fast': 68.84, '72 slow': 68.5 }, []],
  [
    'takes the best file after five',
    { '68 fast': 68.84, 'any slow': 68.4 },
    ['68 fast', ...[72, 74, 76, 78, 80, 92].map((number) => `${number} slow`)],
  ],
])('a search %s', async (_, scores, asked) => {
  expect((await search(scores)).asked).toEqual(asked.length > 0 ? asked : Object.keys(scores))
})

it('a search with the fast encoder takes its scores as they are', async () => {
  const scores = { '66 fast': 68, '69 fast': 69.7 }
  expect((await search(scores, { ...QUICK, jpeg: QUICKEST.jpeg })).asked).toEqual(Object.keys(scores))
})

it('a search says what a file of the number of its quality would have taken', async () => {
  const { bytes, reached } = await search({ '68 fast': 68.84, '72 slow': 69.7 })
  expect(reached).toMatchObject({ score: 69.7, number: 72, fixed: 80 })
  expect((reached?.fixedBytes ?? 0) / bytes.length).toBeCloseTo(1.25, 2)
})

it('is worth it for pictures that are neither small nor too large to be compared', () => {
  expect(isSearched('jpg', SLOW, { width: 160, height: 100 })).toBe(true)
  expect(isSearched('jpg', SLOW, { width: 159, height: 100 })).toBe(false)
  expect(isSearched('jpg', SLOW, { width: 3001, height: 1500 })).toBe(false)
  expect(isSearched('jpg', QUICK, { width: 160, height: 100 })).toBe(false)
})
