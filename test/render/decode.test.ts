import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { PLAIN_INKS } from '../files/inks.ts'
import {
  BLUE,
  drawPixels,
  GREEN,
  isNear,
  likeness,
  look,
  openFileRenderer,
  photo,
  plain,
  quarters,
  RED,
  renderAll,
  renderOne,
  WHITE,
} from './support.ts'

const renderer = openFileRenderer()

/** The steps that undo each EXIF orientation, so that the stored picture is upright once it is obeyed. */
const UNDO: Readonly<Record<number, readonly ((picture: Sharp) => Sharp)[]>> = {
  1: [],
  2: [(p) => p.flop()],
  3: [(p) => p.rotate(180)],
  4: [(p) => p.flip()],
  5: [(p) => p.rotate(90), (p) => p.flop()],
  6: [(p) => p.rotate(270)],
  7: [(p) => p.rotate(90), (p) => p.flip()],
  8: [(p) => p.rotate(90)],
}

const store = async (upright: Sharp, orientation: number): Promise<Buffer> => {
  let bytes = await upright.png().toBuffer()
  for (const step of UNDO[orientation] ?? []) bytes = await step(sharp(bytes)).png().toBuffer()
  return sharp(bytes).withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer()
}

it.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'EXIF orientation %i is obeyed before any size or position',
  async (orientation) => {
    // The first divides by a decoder's fractions and the second does not: both ways of decoding are taken.
    for (const [width, height] of [
      [1600, 800],
      [1603, 801],
    ] as const) {
      const bytes = await store(quarters(width, height), orientation)
      expect((await renderer.inspect(bytes)).facts).toMatchObject({ width, height })
      const [small, corner] = await renderAll(renderer, bytes, ['100w.q80', '50x50.cover.right.q80'])
      const seen = await look(small?.bytes ?? Buffer.of())
      expect([seen.width, seen.height]).toEqual([100, 50])
      const corners = [seen.at(5, 5), seen.at(95, 5), seen.at(5, 45), seen.at(95, 45)]
      expect([RED, GREEN, BLUE, WHITE].every((colour, i) => isNear(corners[i] ?? [], colour))).toBe(true)
      expect((await look(corner?.bytes ?? Buffer.of())).at(10, 10)).toSatisfy((at: readonly number[]) =>
        isNear(at, GREEN),
      )
      expect((await sharp(small?.bytes).metadata()).orientation ?? 1).toBe(1)
    }
  },
)

describe('the colours of a source', () => {
  const COLOUR = [200, 60, 30] as const

  it('of a CMYK JPEG come out as RGB', async () => {
    const bytes = await plain(64, 64, [200, 160, 120]).toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer()
    for (const output of await renderAll(renderer, bytes, ['32w.q80 jpg', '32w.q80 webp', '32w.q80 avif'])) {
      expect((await look(output.bytes)).at(16, 16)).toSatisfy((at: readonly number[]) =>
        isNear(at, [200, 160, 120], 30),
      )
      expect((await sharp(output.bytes).metadata()).space).toBe('srgb')
    }
  })

  it.each(PLAIN_INKS.slice(0, 1))('of %s without a profile are what each ink leaves', async (_, bytes) => {
    const inks = await sharp(bytes).pipelineColourspace('cmyk').toColourspace('cmyk').raw().toBuffer()
    const { samples } = await look((await renderOne(renderer, bytes, 'full.q80')).bytes)
    const left = [0, 1, 2].map((i) => Math.round(((255 - (inks[i] ?? 0)) * (255 - (inks[3] ?? 0))) / 255))
    expect([...samples.subarray(0, 3)]).toEqual(left)
  })

  it.each(['none', 'srgb', 'p3'] as const)(
    'of 16 bits with the profile %s come out as they are',
    async (profile) => {
      const deep = plain(64, 64, COLOUR).toColourspace('rgb16')
      const bytes = await (profile === 'none' ? deep : deep.withIccProfile(profile)).png().toBuffer()
      expect((await sharp(bytes).metadata()).depth).toBe('ushort')
      const output = await renderOne(renderer, bytes, '32w.q80 png')
      expect((await look(output.bytes)).at(16, 16)).toSatisfy((at: readonly number[]) =>
        isNear(at, COLOUR, 3),
      )
      expect(await sharp(output.bytes).metadata()).toMatchObject({
        depth: 'uchar',
        hasProfile: profile === 'p3',
      })
    },
  )

  it('of a greyscale with alpha keep both', async () => {
    const bytes = await drawPixels(64, 64, (x) => [90, 90, 90, x < 32 ? 255 : 0], 4)
      .toColourspace('b-w')
      .png()
      .toBuffer()
    for (const output of await renderAll(renderer, bytes, ['32w.q80 png', '32w.q80 webp', '32w.q80 avif'])) {
      const seen = await look(output.bytes)
      expect(seen.at(5, 5)).toSatisfy((at: readonly number[]) => isNear(at, [90, 90, 90, 255], 6))
      expect(seen.at(28, 5)[3]).toBeLessThan(3)
    }
  })

  it.each(['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const)('are read from %s', async (kind) => {
    const bytes = await quarters(200, 100).toFormat(kind, { quality: 90 }).toBuffer()
    expect((await renderer.inspect(bytes)).facts).toMatchObject({
      mediaFormat: kind,
      width: 200,
      height: 100,
      frames: 1,
    })
    const seen = await look((await renderOne(renderer, bytes, '100w.q80 png')).bytes)
    expect(seen.at(10, 10)).toSatisfy((at: readonly number[]) => isNear(at, RED))
    expect(seen.at(90, 40)).toSatisfy((at: readonly number[]) => isNear(at, WHITE))
  })
})

it.each([
  [1600, 1200],
  [1601, 1203],
  [2725, 2225],
])('decoding a JPEG at a fraction does not shift a picture of %i×%i', async (width, height) => {
  const bytes = await photo(width, height).jpeg({ quality: 95 }).toBuffer()
  const direct = await sharp(await sharp(bytes).png().toBuffer())
    .resize(96, Math.round((96 * height) / width))
    .png()
    .toBuffer()
  const output = await renderOne(renderer, bytes, '96w.q80 png')
  expect(await likeness(output.bytes, direct)).toBeGreaterThan(38)
})
