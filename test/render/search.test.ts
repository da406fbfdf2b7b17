import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import type { EncoderOptions } from '../../src/core/encoder.ts'
import { openComparisons } from '../../src/render/compare-look.ts'
import { TOLERANCE, targetOf } from '../../src/render/search.ts'
import { openSsimulacra2 } from '../../src/render/ssimulacra2.ts'
import { openTestRenderer, QUICK, renderAll, renderOne } from './support.ts'

const SEARCHING: EncoderOptions = {
  ...QUICK,
  avif: { effort: 1, search: true },
  webp: { effort: 2, search: true },
  jpeg: { mozjpeg: true, search: true },
}
const FORMATS = ['jpg', 'webp', 'avif'] as const

/** Hills in a haze, with as much grain as `grain` says: easy or hard for an encoder. */
const paint = (grain: number, alpha = false): Promise<Buffer> => {
  const [width, height, channels] = [240, 180, alpha ? 4 : 3]
  const samples = Buffer.alloc(width * height * channels)
  let seed = 1
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
      const noise = (seed / 2 ** 31 - 0.5) * grain
      const hill = 128 + 60 * Math.sin(x / 17) * Math.cos(y / 23) + noise
      for (const tint of [0, -25, 30]) samples[at++] = Math.min(255, Math.max(0, hill + tint))
      if (alpha) samples[at++] = Math.min(255, Math.max(0, x * 2 - 100))
    }
  const raw = { width, height, channels } as const
  return sharp(samples, { raw: raw as { width: number; height: number; channels: 3 | 4 } })
    .png()
    .toBuffer()
}

const scoreOf = async (file: Uint8Array, picture: Uint8Array): Promise<number> => {
  const read = async (bytes: Uint8Array) => {
    const { data, info } = await sharp(bytes)
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
    return { width: info.width, height: info.height, samples: data }
  }
  return openSsimulacra2().score(await read(picture), await read(file))
}

describe('a search', () => {
  const renderer = openTestRenderer()
  afterAll(() => renderer.close())

  it.each(FORMATS)('makes %s files of different pictures look as their quality says', async (format) => {
    for (const grain of [4, 40]) {
      const picture = await paint(grain)
      for (const quality of [60, 80]) {
        const { bytes } = await renderOne(renderer, picture, `full.q${quality} ${format}`, SEARCHING)
        const score = await scoreOf(bytes, picture)
        expect(score).toBeGreaterThanOrEqual(targetOf(quality) - TOLERANCE)
        const fixed = await renderOne(renderer, picture, `full.q${quality} ${format}`, {
          ...SEARCHING,
          avif: { effort: 1 },
          webp: { effort: 2 },
          jpeg: { mozjpeg: true },
        })
        const isSmaller = bytes.length < fixed.bytes.length
        expect(isSmaller).toBe((await scoreOf(fixed.bytes, picture)) > score)
      }
    }
  })

  it.each(FORMATS)('makes %s files of few bytes of low qualities too', async (format) => {
    const picture = await paint(20)
    const transforms = [10, 20, 30, 40, 60, 80].map((quality) => `full.q${quality} ${format}`)
    const sizes = (await renderAll(renderer, picture, transforms, SEARCHING)).map(({ bytes }) => bytes.length)
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b))
  })

  it.each(FORMATS)('is none for %s files of fewer pixels than it saves bytes at', async (format) => {
    const picture = await paint(20)
    const fixed = { ...SEARCHING, avif: { effort: 1 }, webp: { effort: 2 }, jpeg: { mozjpeg: true } }
    const sameWithout = async (transform: string): Promise<boolean> => {
      const searched = await renderOne(renderer, picture, `${transform} ${format}`, SEARCHING)
      const usual = await renderOne(renderer, picture, `${transform} ${format}`, fixed)
      return Buffer.compare(searched.bytes, usual.bytes) === 0
    }
    expect([await sameWithout('120x100.fill.q80'), await sameWithout('160x120.fill.q80')]).toEqual([
      true,
      false,
    ])
  })

  it.each(FORMATS)('gives %s files that are the same whatever else is made', async (format) => {
    const picture = await paint(20)
    const alone = await renderOne(renderer, picture, `full.q80 ${format}`, SEARCHING)
    const others = FORMATS.map((other) => `full.q80 ${other}`)
    const all = await renderAll(renderer, picture, [...others, `240x160.cover.q70 ${format}`], SEARCHING)
    expect(Buffer.from(all[FORMATS.indexOf(format)]?.bytes ?? []).equals(Buffer.from(alone.bytes))).toBe(true)
  })

  it('tells what it has come to', async () => {
    const picture = await paint(20)
    const { bytes, reached } = await renderOne(renderer, picture, 'full.q80 jpg', SEARCHING)
    expect(reached).toMatchObject({ fixed: 80 })
    expect(reached?.score).toBeCloseTo(await scoreOf(bytes, picture), 1)
    expect(await renderOne(renderer, picture, 'full.q80 jpg')).not.toHaveProperty('reached')
  })

  it('obeys the kilobytes that a transform allows', async () => {
    const picture = await paint(60)
    const free = await renderOne(renderer, picture, 'full.q80 webp', SEARCHING)
    const most = Math.floor(free.bytes.length / 2000)
    const { bytes } = await renderOne(renderer, picture, `full.max-${most}.q80 webp`, SEARCHING)
    expect(bytes.length).toBeLessThanOrEqual(most * 1000)
  })

  it('keeps what shines through fit to be laid on black and on white', async () => {
    const picture = await paint(20, true)
    const { bytes, reached } = await renderOne(renderer, picture, 'full.q80 webp', SEARCHING)
    for (const background of ['#000', '#fff']) {
      const lay = (file: Uint8Array) => sharp(file).flatten({ background }).png().toBuffer()
      const score = await scoreOf(await lay(bytes), await lay(picture))
      expect(score).toBeGreaterThanOrEqual((reached?.score ?? 100) - 0.5)
    }
  })
})

it('a look is the worse of those over black and over white', async () => {
  const picture = (grey: number) =>
    ({ width: 16, height: 16, channels: 4, frames: 1, samples: Buffer.alloc(1024, grey) }) as const
  // Black at half opacity shows nothing over black that none at all would not show as well.
  const half = picture(0)
  for (let at = 3; at < half.samples.length; at += 4) half.samples[at] = 128
  const nothing = await sharp(picture(0).samples, { raw: { width: 16, height: 16, channels: 4 } })
    .png()
    .toBuffer()
  expect(await openComparisons()(half).scoreOf(nothing)).toBeLessThan(80)
  expect(await openComparisons()(picture(0)).scoreOf(nothing)).toBe(100)
})
