import type { Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { makeGreyProfile } from '../../src/render/icc-profile.ts'
import { makePages, makeTiff, type TiffParts } from '../files/tiff.ts'
import { codeOf, look, openFileRenderer, photo, renderOne } from './support.ts'

const renderer = openFileRenderer()

const SIDE = 16
const COUNT = SIDE * SIDE
/** From black to white, row by row. */
const RAMP = Array.from({ length: COUNT }, (_, i) => i / (COUNT - 1))

const write = (
  bytes: number,
  values: readonly number[],
  set: (into: Buffer, value: number, at: number) => void,
) => {
  const samples = Buffer.alloc(values.length * bytes)
  for (const [i, value] of values.entries()) set(samples, value, i * bytes)
  return samples
}
const floats = (values: readonly number[]): Buffer =>
  write(4, values, (into, value, at) => into.writeFloatLE(value, at))
const words = (values: readonly number[]): Buffer =>
  write(2, values, (into, value, at) => into.writeUInt16LE(Math.round(value), at))
const longs = (values: readonly number[]): Buffer =>
  write(4, values, (into, value, at) => into.writeUInt32LE(Math.round(value), at))

const times = (factor: number, offset = 0) => RAMP.map((value) => value * factor + offset)
/** Each value of the ramp with others behind it. */
const withMore = (more: readonly number[], colours = 1, factor = 255): Buffer =>
  Buffer.from(
    RAMP.flatMap((value) => [...new Array<number>(colours).fill(Math.round(value * factor)), ...more]),
  )

/**
 * What ImageMagick 6 and Pillow 13 make of them, where both show one (`p.py` of the corpus asked them): all are this
 * ramp. Floats are of 0 to 1, as ImageMagick has them, or of 0 to 255, as libvips has; 32 bits that hold bytes or words
 * are what Pillow writes of its mode "I".
 */
const RAMPS: readonly (readonly [name: string, parts: TiffParts])[] = [
  ['floats of 0 to 1', { bits: 32, sampleFormat: 3, samples: floats(RAMP) }],
  ['floats of 0 to 255', { bits: 32, sampleFormat: 3, samples: floats(times(255)) }],
  ['floats of -1 to 1', { bits: 32, sampleFormat: 3, samples: floats(times(2, -1)) }],
  ['16 bits', { bits: 16, samples: words(times(65_535)) }],
  ['16 bits, white at nought', { bits: 16, photometric: 0, samples: words(times(-65_535, 65_535)) }],
  [
    '16 signed bits',
    {
      bits: 16,
      sampleFormat: 2,
      samples: words(times(65_535).map((v) => (Math.round(v) + 32_768) % 65_536)),
    },
  ],
  ['32 bits', { bits: 32, samples: longs(times(2 ** 32 - 1)) }],
  ['32 bits that hold words', { bits: 32, samples: longs(times(65_535)) }],
  ['32 bits that hold bytes', { bits: 32, samples: longs(times(255)) }],
  [
    '32 signed bits',
    {
      bits: 32,
      sampleFormat: 2,
      samples: longs(times(2 ** 32 - 1).map((v) => (Math.round(v) + 2 ** 31) % 2 ** 32)),
    },
  ],
  ['32 signed bits that hold words', { bits: 32, sampleFormat: 2, samples: longs(times(65_535)) }],
  ['8 signed bits, which are read as plain ones', { bits: 8, sampleFormat: 2, samples: withMore([]) }],
  [
    'RGB of 16 signed bits',
    {
      channels: 3,
      bits: 16,
      sampleFormat: 2,
      samples: words(times(65_535).flatMap((v) => Array<number>(3).fill((Math.round(v) + 32_768) % 65_536))),
    },
  ],
  ['RGB of 16 bits', { channels: 3, bits: 16, samples: words(times(65_535).flatMap((v) => [v, v, v])) }],
  ['RGB of 32 bits', { channels: 3, bits: 32, samples: longs(times(2 ** 32 - 1).flatMap((v) => [v, v, v])) }],
]

const HALF = 128
const INKS = { channels: 4, photometric: 5 } as const
/** Black alone, and a grey of three inks. */
const IN_INKS: readonly (readonly [name: string, parts: TiffParts])[] = [
  ['black', { ...INKS, samples: Buffer.from(times(-255, 255).flatMap((v) => [0, 0, 0, Math.round(v)])) }],
  [
    'three inks',
    { ...INKS, samples: Buffer.from(times(-255, 255).flatMap((v) => [v, v, v, 0].map(Math.round))) },
  ],
  [
    'black of 16 bits',
    { ...INKS, bits: 16, samples: words(times(-65_535, 65_535).flatMap((v) => [0, 0, 0, v])) },
  ],
]

const inksAnd = (alpha: number, most: number, isMultiplied = false) =>
  RAMP.flatMap((value) => {
    const ink = (1 - value) * most * (isMultiplied ? alpha / 255 : 1)
    return [ink, ink, ink, 0, (alpha / 255) * most].map(Math.round)
  })
const FIVE = { channels: 5, photometric: 5 } as const

const WITH_ALPHA: readonly (readonly [name: string, parts: TiffParts])[] = [
  ['grey and alpha', { channels: 2, extraSamples: [2], samples: withMore([HALF]) }],
  [
    'grey and alpha in floats',
    {
      channels: 2,
      bits: 32,
      sampleFormat: 3,
      extraSamples: [2],
      samples: floats(RAMP.flatMap((value) => [value, HALF / 255])),
    },
  ],
  [
    'RGB and alpha of 32 bits',
    {
      channels: 4,
      bits: 32,
      extraSamples: [2],
      samples: longs(RAMP.flatMap((v) => [v, v, v, HALF / 255].map((each) => each * (2 ** 32 - 1)))),
    },
  ],
  [
    'grey and alpha that is multiplied in',
    { channels: 2, extraSamples: [1], samples: withMore([HALF], 1, HALF) },
  ],
  ['inks and alpha', { ...FIVE, extraSamples: [2], samples: Buffer.from(inksAnd(HALF, 255)) }],
  [
    'inks and alpha that is multiplied in',
    { ...FIVE, extraSamples: [1], samples: Buffer.from(inksAnd(HALF, 255, true)) },
  ],
  [
    'inks and alpha of 16 bits',
    { ...FIVE, bits: 16, extraSamples: [2], samples: words(inksAnd(HALF, 65_535)) },
  ],
  ['RGB and alpha', { channels: 4, extraSamples: [2], samples: withMore([HALF], 3) }],
  [
    'RGB and alpha that is multiplied in',
    { channels: 4, extraSamples: [1], samples: withMore([HALF], 3, HALF) },
  ],
  ['RGB, alpha and another channel', { channels: 5, extraSamples: [2, 0], samples: withMore([HALF, 77], 3) }],
  [
    'RGB and a fourth channel of which nothing is said',
    { channels: 4, photometric: 2, samples: withMore([HALF], 3) },
  ],
]

it.each([
  ['floats', { bits: 32, sampleFormat: 3, samples: floats(RAMP.flatMap((_, i) => Array(3).fill(i % 2))) }],
  [
    'channels behind alpha',
    {
      channels: 5,
      extraSamples: [2, 0],
      samples: Buffer.from(RAMP.flatMap((_, i) => [128, 128, 128, 255, i % 2])),
    },
  ],
])('a TIFF of %s that is made smaller is as one of 8 bits', async (_, parts) => {
  const bytes = makeTiff({ width: SIDE, height: SIDE, channels: 3, ...parts })
  const { at } = await look((await renderOne(renderer, bytes, `${SIDE / 2}w.q80`)).bytes)
  for (const sample of at(4, 4).slice(0, 3)) expect(Math.abs(sample - 128)).toBeLessThan(4)
})

describe('a TIFF shows what other decoders show', () => {
  it.each(RAMPS)('of %s', async (_, parts) => {
    await expectRamp(makeTiff({ width: SIDE, height: SIDE, ...parts }), 255)
  })

  it.each(IN_INKS)('of %s without a profile', async (_, parts) => {
    await expectRamp(makeTiff({ width: SIDE, height: SIDE, ...parts }), 255)
  })

  it.each(WITH_ALPHA)('of %s', async (_, parts) => {
    await expectRamp(makeTiff({ width: SIDE, height: SIDE, ...parts }), HALF)
  })
})

const WHITE = Buffer.alloc(64, 255)
it.each([
  ['a smaller copy', [[254, [1]]]],
  ['a mask', [[254, [4]]]],
] as const)('a TIFF that begins with %s shows the page after it', async (_, extra) => {
  const bytes = makePages({ width: 4, height: 4, extra }, { samples: WHITE, extra: [[254, [2]]] })
  const seen = await look((await renderOne(renderer, bytes, 'full.q80')).bytes)
  expect([seen.width, seen.at(4, 4)]).toEqual([8, [255, 255, 255, 255]])
})

it('a TIFF of smaller copies alone shows the first, and so does one whose pages end in a circle', async () => {
  const reduced = { extra: [[254, [1]]] } as const
  const circle = makeTiff(reduced)
  const start = circle.readUInt32LE(4)
  circle.writeUInt32LE(start, start + 2 + circle.readUInt16LE(start) * 12)
  for (const bytes of [makeTiff(reduced), makePages(reduced, { ...reduced, samples: WHITE }), circle]) {
    const { at } = await look((await renderOne(renderer, bytes, 'full.q80')).bytes)
    expect(at(4, 4)).toEqual([85, 85, 85, 255])
  }
})

it('a grey TIFF of 16 bits is brought to sRGB by its profile, upright', async () => {
  const profile = makeGreyProfile({ kind: 'power', exponent: 1 })
  const samples = words(Array.from({ length: 64 }, (_, i) => (i < 32 ? 0x4000 : 0xffff)))
  const bytes = makeTiff({ bits: 16, samples, profile, orientation: 3 })
  const { at } = await look((await renderOne(renderer, bytes, 'full.q80')).bytes)
  expect([at(4, 1), at(4, 6)]).toEqual([
    [255, 255, 255, 255],
    [137, 137, 137, 255],
  ])
})

it('a TIFF of equal floats below nought is one colour', async () => {
  const bytes = makeTiff({
    width: SIDE,
    height: SIDE,
    bits: 32,
    sampleFormat: 3,
    samples: floats(times(0, -5)),
  })
  expect((await look((await renderOne(renderer, bytes, `${SIDE}w.q80`)).bytes)).at(2, 2)).toEqual([
    0, 0, 0, 255,
  ])
})

it('a TIFF that is cut off in its directory is damaged, and of no unknown kind', async () => {
  const bytes = makeTiff({ channels: 3 }).subarray(0, -2)
  expect(await codeOf(renderOne(renderer, bytes, 'full.q80'))).toBe('image-corrupt')
})

it('a TIFF without all of its palette is refused, not shown in greys', async () => {
  const map = [...new Array<number>(256).fill(0xff_ff), ...new Array<number>(512).fill(0)]
  const bytes = makeTiff({ photometric: 3, extra: [[320, map]] })
  expect((await look((await renderOne(renderer, bytes, 'full.q80')).bytes)).at(0, 0)).toEqual([
    255, 0, 0, 255,
  ])
  for (const wrong of [bytes.subarray(0, -200), bytes.subarray(0, -3000), makeTiff({ photometric: 3 })])
    await expect(renderOne(renderer, wrong, 'full.q80')).rejects.toThrow('its palette is missing or cut off')
})

it('a TIFF of floats that are no numbers is refused by name', async () => {
  const samples = floats([Number.NaN, ...RAMP.slice(1)])
  const bytes = makeTiff({ width: SIDE, height: SIDE, bits: 32, sampleFormat: 3, samples })
  expect(await codeOf(renderOne(renderer, bytes, `${SIDE}w.q80`))).toBe('image-unsupported')
})

const expectRamp = async (bytes: Buffer, alpha: number): Promise<void> => {
  const seen = await look((await renderOne(renderer, bytes, `${SIDE}w.q80`)).bytes)
  for (const [i, value] of RAMP.entries()) {
    const wanted = [value * 255, value * 255, value * 255, alpha]
    const found = seen.at(i % SIDE, Math.floor(i / SIDE))
    for (const [c, sample] of found.entries()) expect(Math.abs(sample - (wanted[c] ?? 0))).toBeLessThan(3)
  }
}

it('inks with alpha have the colours of their profile, upright', async () => {
  const inInks = (picture: Sharp) =>
    picture
      .withMetadata({ orientation: 6 })
      .withIccProfile('cmyk')
      .toColourspace('cmyk')
      .tiff({ compression: 'lzw' })
      .toBuffer()
  const [plain, clear] = await Promise.all([
    inInks(photo(48, 32)).then((bytes) => renderOne(renderer, bytes, '16w.q80')),
    inInks(photo(48, 32).ensureAlpha(0.5)).then((bytes) => renderOne(renderer, bytes, '16w.q80')),
  ])
  const [opaque, half] = [await look(plain.bytes), await look(clear.bytes)]
  expect([half.width, half.height, opaque.height]).toEqual([16, 24, 24])
  for (const [x, y] of [
    [2, 3],
    [8, 12],
    [13, 20],
  ] as const) {
    for (const [i, sample] of opaque.at(x, y).slice(0, 3).entries())
      expect(Math.abs(sample - (half.at(x, y)[i] ?? 0))).toBeLessThan(4)
    expect(half.at(x, y)[3]).toBe(127)
  }
})
