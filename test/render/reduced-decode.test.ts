import fc from 'fast-check'
import sharp, { type Sharp } from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import type { Size } from '../../src/core/geometry.ts'
import { findLoad } from '../../src/render/decode.ts'
import type { Header } from '../../src/render/port.ts'
import { planReducedDecode } from '../../src/render/reduced-decode.ts'
import { drawPixels, likeness, look, openTestRenderer, photo, renderOne } from './support.ts'

const renderer = openTestRenderer()
afterAll(() => renderer.close())

const plan = (picture: Size, size: Size, change: Partial<Header> = {}) =>
  planReducedDecode(
    {
      facts: { ...picture, mediaFormat: 'jpeg', frames: 1, hasAlpha: false },
      orientation: 1,
      ...change,
    },
    size,
  )

describe('the plan of a fraction', () => {
  it('keeps every pixel of the result within a thirtieth of its place', () => {
    let planned = 0
    const side = fc.integer({ min: 300, max: 6000 })
    fc.assert(
      fc.property(side, side, fc.double({ min: 4.2, max: 20, noNaN: true }), (width, height, shrinkBy) => {
        const size = { width: Math.round(width / shrinkBy), height: Math.round(height / shrinkBy) }
        const made = plan({ width, height }, size)
        if (made === undefined) return
        planned++
        const { factor, reduced, padded, resampled } = made
        for (const axis of ['width', 'height'] as const) {
          const picture = { width, height }[axis]
          // What sharp asks for, that it decodes at this factor and no other.
          expect(picture / reduced[axis]).toBeGreaterThanOrEqual(factor + 1)
          expect(picture / reduced[axis]).toBeLessThan(factor * 2)
          expect(padded[axis]).toBeGreaterThanOrEqual(reduced[axis])
          expect(resampled[axis]).toBeGreaterThanOrEqual(size[axis])
          expect(reduced[axis] / size[axis]).toBeGreaterThan(1.1)
          const perReduced = (Math.floor(picture / factor) * factor) / reduced[axis]
          const end = (picture / perReduced) * (resampled[axis] / padded[axis])
          expect(Math.abs(end - size[axis])).toBeLessThan(1 / 30)
        }
      }),
      { numRuns: 2000 },
    )
    expect(planned).toBeGreaterThan(1000)
  })

  it.each([
    ['little is left to resample', { width: 2401, height: 1601 }, { width: 960, height: 640 }],
    ['a side keeps its length', { width: 2401, height: 1601 }, { width: 240, height: 1500 }],
    ['the picture is small', { width: 801, height: 601 }, { width: 80, height: 60 }],
  ])('is not made where %s', (_, picture, size) => {
    expect(plan(picture, size)).toBeUndefined()
  })

  const [ODD, EVEN, SMALL] = [
    { width: 1203, height: 805 },
    { width: 1200, height: 800 },
    { width: 240, height: 160 },
  ]

  it.each<readonly [string, Partial<Header>]>([
    ['is turned', { orientation: 6 }],
    ['has a high range', { highRange: { curve: 'pq', primaries: 'bt2020' } as never }],
    ['is of inks without a profile', { hasPlainInks: true }],
    ['moves', { facts: { ...ODD, mediaFormat: 'webp', frames: 2, hasAlpha: false } }],
    [
      'is of a format that is decoded whole',
      { facts: { ...ODD, mediaFormat: 'png', frames: 1, hasAlpha: false } },
    ],
  ])('is not made for a picture that %s', (_, change) => {
    expect(plan(ODD, SMALL)).toBeDefined()
    expect(plan(ODD, SMALL, change)).toBeUndefined()
  })

  it('has half as much again of a WebP, where that is less than the whole', () => {
    const webp = { facts: { ...ODD, mediaFormat: 'webp', frames: 1, hasAlpha: false } } as const
    expect(plan(ODD, SMALL, webp)).toMatchObject({ reduced: { width: 360, height: 240 }, resampled: SMALL })
    expect(plan(ODD, { width: 700, height: 468 }, webp)).toBeUndefined()
  })

  it('is for JPEGs that no fraction divides alone', () => {
    const header = (picture: Size, mediaFormat: 'jpeg' | 'webp'): Header =>
      ({
        facts: { ...picture, mediaFormat, frames: 1, hasAlpha: false },
        orientation: 1,
        channels: 3,
      }) as Header
    expect(findLoad(header(EVEN, 'jpeg'), SMALL).between).toBeUndefined()
    expect(findLoad(header(ODD, 'jpeg'), SMALL).between).toBeDefined()
    expect(findLoad(header(EVEN, 'webp'), SMALL).between).toBeDefined()
  })
})

describe('a JPEG whose sides the fraction divides', () => {
  const PICTURE = { width: 1440, height: 960 }
  const header = { facts: { ...PICTURE, mediaFormat: 'jpeg', frames: 1, hasAlpha: false } } as Header

  it.each([
    [482, 1],
    [480, 2],
    [290, 2],
    [288, 4],
    [162, 4],
    [160, 8],
    [80, 8],
  ])('is decoded for a width of %i by %i, as sharp does it', async (width, factor) => {
    const size = { width, height: Math.floor((width * 2) / 3) }
    expect(findLoad(header, size).factor).toBe(factor)
    const bytes = await photo(PICTURE.width, PICTURE.height).jpeg().toBuffer()
    const read = (source: Sharp) => source.resize(size.width, size.height, { fit: 'fill' }).raw().toBuffer()
    const whole = await read(sharp(bytes).extract({ left: 0, top: 0, ...PICTURE }))
    expect(whole.equals(await read(sharp(bytes)))).toBe(factor === 1)
  })
})

describe('a picture that its decoder reduces', () => {
  const compare = async (kind: 'jpeg' | 'webp', width: number, height: number, wanted: number) => {
    const bytes = await photo(width, height).toFormat(kind, { quality: 95 }).toBuffer()
    const result = await renderOne(renderer, bytes, `${wanted}w.q95 png`)
    const resize = (source: Buffer, fastShrinkOnLoad: boolean) =>
      sharp(source).resize(result.width, result.height, { fit: 'fill', fastShrinkOnLoad }).png().toBuffer()
    const reference = await resize(await sharp(bytes).png().toBuffer(), false)
    return {
      ours: await likeness(result.bytes, reference),
      // sharp's own, which stretches a JPEG.
      sharps: await likeness(await resize(bytes, true), reference),
    }
  }

  it.each([
    [1201, 801, 240, 'a half'],
    [1919, 1199, 320, 'a half, of which thirds nearly divide'],
    [1203, 805, 160, 'a quarter'],
    [1207, 815, 80, 'an eighth'],
  ])(
    '(a JPEG of %i×%i, to %i, by %4$s) looks like a resample of the whole',
    async (width, height, wanted) => {
      const { ours, sharps } = await compare('jpeg', width, height, wanted)
      expect(ours).toBeGreaterThan(sharps + 3)
    },
  )

  it('(a WebP) looks like a resample of the whole', async () => {
    expect((await compare('webp', 1203, 805, 240)).ours).toBeGreaterThan(45)
  })

  it('(a WebP with alpha) has the colours of the whole at its edges', async () => {
    const bytes = await drawPixels(1200, 800, (x) => (x < 607 ? [220, 30, 30, 255] : [30, 220, 30, 0]), 4)
      .webp({ quality: 100, exact: true })
      .toBuffer()
    const seen = await look((await renderOne(renderer, bytes, '100w.q95 png')).bytes)
    for (let x = 45; x < 55; x++) {
      const [red = 0, green = 0, , alpha = 0] = seen.at(x, 40)
      if (alpha > 8) expect([red, green]).toEqual([expect.closeTo(220, -1.8), expect.closeTo(30, -1.8)])
    }
  })
})
