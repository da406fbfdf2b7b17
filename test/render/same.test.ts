import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { Focus } from '../../src/core/transform.ts'
import { ask, drawPixels, likeness, openFileRenderer, photo, QUICK, renderAll, renderOne } from './support.ts'

const renderer = openFileRenderer()

const ASKED = [
  '160w.q95 png',
  '320w.q95 png',
  '200x200.cover.attention.q95 png',
  '120x90.contain.q95 png',
  '900w.q95 png',
]

describe('the same transform', () => {
  it.each([
    [1600, 1200, 'jpeg'],
    [1367, 911, 'jpeg'],
    [1367, 911, 'png'],
    [1367, 911, 'webp'],
  ] as const)('from a batch and by itself looks the same (%i×%i %s)', async (width, height, kind) => {
    const quality = kind === 'png' ? {} : { quality: 92 } // one of a PNG is for a palette
    const bytes = await photo(width, height).toFormat(kind, quality).toBuffer()
    const batch = await renderAll(renderer, bytes, ASKED)
    for (const [i, asked] of ASKED.entries()) {
      const single = await renderOne(renderer, bytes, asked)
      const built = batch[i]?.bytes ?? Buffer.of()
      expect([single.width, single.height]).toEqual([batch[i]?.width, batch[i]?.height])
      expect(await likeness(single.bytes, built)).toBeGreaterThan(36)
    }
  })

  it('looks like a plain resample of the whole picture', async () => {
    const bytes = await photo(1600, 1200).jpeg({ quality: 92 }).toBuffer()
    const whole = await sharp(await sharp(bytes).png().toBuffer())
      .resize(160)
      .png()
      .toBuffer()
    const [built] = await renderAll(renderer, bytes, ASKED)
    expect(await likeness(built?.bytes ?? Buffer.of(), whole)).toBeGreaterThan(36)
  })

  it('with cheaper encoders looks the same', async () => {
    const bytes = await photo(800, 600).jpeg({ quality: 95 }).toBuffer()
    const dear = { ...QUICK, avif: { effort: 3 }, jpeg: { mozjpeg: true } }
    for (const asked of ['400w.q80 jpg', '400w.q80 avif'])
      expect(
        await likeness(
          (await renderOne(renderer, bytes, asked)).bytes,
          (await renderOne(renderer, bytes, asked, dear)).bytes,
        ),
      ).toBeGreaterThan(30)
  })
})

/** A spot of skin on a dull ground; its place in per mille. */
const spot = (width: number, height: number, { x, y }: Focus) => {
  const radius = Math.min(width, height) / 12
  const [cx, cy] = [(width * x) / 1000, (height * y) / 1000]
  return drawPixels(width, height, (px, py) => {
    const distance = Math.hypot(px - cx, py - cy)
    return distance < radius / 3 ? [60, 20, 20] : distance < radius ? [232, 176, 144] : [68, 85, 102]
  })
}

const attend = async (bytes: Buffer, asked: readonly string[]): Promise<Focus | undefined> =>
  (await renderer.render({ bytes: Buffer.from(bytes), outputs: asked.map(ask), encoders: QUICK })).attention

describe('attention', () => {
  it.each([
    [{ x: 150, y: 200 }, 900, 600],
    [{ x: 850, y: 200 }, 900, 600],
    [{ x: 150, y: 800 }, 600, 900],
    [{ x: 800, y: 800 }, 600, 900],
    [{ x: 500, y: 500 }, 640, 640],
    [{ x: 900, y: 500 }, 1200, 200],
  ])('finds the spot at %j', async (focus, width, height) => {
    const found = await attend(await spot(width, height, focus).png().toBuffer(), [
      '50x50.cover.attention.q80',
    ])
    expect(Math.abs((found?.x ?? 0) - focus.x)).toBeLessThanOrEqual(45)
    expect(Math.abs((found?.y ?? 0) - focus.y)).toBeLessThanOrEqual(60)
  })

  it('is the same whatever is asked with it, and in whatever size', async () => {
    const bytes = await photo(1367, 911).jpeg().toBuffer()
    const alone = await attend(bytes, ['50x50.cover.attention.q80'])
    expect(await attend(bytes, ['400x300.cover.attention.q80', '800x600.cover.attention.q80'])).toEqual(alone)
    expect(await attend(bytes, ['50x50.cover.attention.q80', '1367w.q80 jpg', '99w.q80 webp'])).toEqual(alone)
  })

  it('is that of the upright picture', async () => {
    const upright = await spot(900, 600, { x: 850, y: 200 }).png().toBuffer()
    const stored = await sharp(upright)
      .rotate(270)
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 95 })
      .toBuffer()
    const found = await attend(stored, ['50x50.cover.attention.q80'])
    expect(found?.x).toBeGreaterThan(780)
    expect(found?.y).toBeLessThan(270)
  })

  it('is the middle where there is nothing to choose, and absent where nobody asked', async () => {
    const dot = await sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
      .png()
      .toBuffer()
    expect(await attend(dot, ['1x1.cover.attention.q80'])).toEqual({ x: 500, y: 500 })
    expect(await attend(dot, ['1x1.cover.q80'])).toBeUndefined()
  })
})
