import sharp from 'sharp'
import { makeRgbProfile } from '../../src/render/icc-profile.ts'
import { addChunks, type Chunk, toWords } from './png.ts'
import { withProfile } from './wide.ts'

/** Light in candelas per square metre: greys, then colours. */
const NITS = [
  [100, 100, 100],
  [203, 203, 203],
  [300, 300, 300],
  [1000, 1000, 1000],
  [203, 0, 0],
  [50, 100, 200],
  [1000, 500, 100],
] as const

/** SMPTE ST 2084. */
const toPq = (nits: number): number => {
  const power = (nits / 10_000) ** 0.1593017578125
  return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375
}

/** A column of eight pixels for each colour, its samples 0..1. */
const paint = (colours: readonly (readonly number[])[], channels: 3 | 4 = 3): Promise<Buffer> => {
  const [width, height] = [8 * colours.length, 8]
  const samples = new Uint16Array(width * height * channels).map((_, at) => {
    const column = Math.floor(at / channels / 8) % colours.length
    return Math.round((colours[column]?.[at % channels] ?? 0.5) * 65_535)
  })
  return sharp(samples, { raw: { width, height, channels } }).toColourspace('rgb16').png().toBuffer()
}

const codes = (primaries: number, transfer: number): Chunk => ['cICP', Buffer.of(primaries, transfer, 0, 1)]
const nits = (...values: readonly number[]): Buffer => toWords(...values.map((value) => value * 10_000))
const lightest = (most: number): Chunk => ['cLLI', nits(most, 50)]
const madeOn = (most: number): Chunk => ['mDCV', Buffer.concat([Buffer.alloc(16), nits(most, 0)])]

const pq = await paint(NITS.map((colour) => colour.map(toPq)))
const clear = await paint(
  NITS.map((colour) => colour.map(toPq)),
  4,
)
const hlg = await paint(NITS.map((colour) => colour.map((each) => each / 1000)))
const small = await sharp(pq).toColourspace('srgb').png().toBuffer()

/** A profile of sRGB that says by its codes that it is BT.2100 in PQ. */
const coded = (() => {
  const plain = makeRgbProfile(
    { white: [0.3127, 0.329], red: [0.64, 0.33], green: [0.3, 0.6], blue: [0.15, 0.06] },
    { kind: 'srgb' },
  )
  const count = plain.readUInt32BE(128)
  const entry = Buffer.alloc(12)
  entry.write('cicp')
  const tag = Buffer.from([...Buffer.from('cicp\0\0\0\0'), 9, 16, 0, 1])
  const table = Buffer.from(plain.subarray(132, 132 + count * 12))
  for (let at = 4; at < table.length; at += 12) table.writeUInt32BE(table.readUInt32BE(at) + 12, at)
  entry.writeUInt32BE(plain.length + 12, 4)
  entry.writeUInt32BE(tag.length, 8)
  const profile = Buffer.concat([plain.subarray(0, 132), table, entry, plain.subarray(132 + count * 12), tag])
  profile.writeUInt32BE(profile.length)
  profile.writeUInt32BE(count + 1, 128)
  return profile
})()

/** PNGs in high dynamic range, and what white of 203 nits is shown as. */
export const HIGH_RANGE: readonly (readonly [name: string, bytes: Buffer, white: number])[] = [
  ['PQ', addChunks(pq, [codes(9, 16)]), 187],
  ['PQ with alpha', addChunks(clear, [codes(9, 16)]), 187],
  ['PQ of 8 bits', addChunks(small, [codes(9, 16)]), 187],
  ['PQ in the primaries of Display P3', addChunks(pq, [codes(12, 16)]), 187],
  ["PQ in sRGB's primaries", addChunks(pq, [codes(1, 16)]), 187],
  ['PQ up to 300 nits', addChunks(pq, [codes(9, 16), lightest(300)]), 241],
  ['PQ made on a screen of 4,000 nits', addChunks(pq, [codes(9, 16), madeOn(4000)]), 187],
  [
    'PQ up to 600 nits, made on a screen of 4,000',
    addChunks(pq, [codes(9, 16), madeOn(4000), lightest(600)]),
    212,
  ],
  ['PQ by the codes of its profile', withProfile(pq, coded), 187],
]

/** One in HLG, whose numbers are thousandths of the light above. */
export const HLG = addChunks(hlg, [codes(9, 18)])

/** One in PQ that is nowhere brighter than white. */
export const DIM = addChunks(pq, [codes(9, 16), lightest(150)])
