import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { compareLook, type Look, type RawPicture, resampleByLanczos, toLuma } from '../support/look.ts'
import { drawPixels, openTestRenderer, photo, renderAll } from './support.ts'

/**
 * The shared master costs nothing one can see. Each result is compared, without an encoder's loss, to one
 * resampling of the whole decoded picture by a full Lanczos kernel (of ours, in the test), and so is what sharp's own
 * direct pipeline makes of it.
 *
 * The measure is the structural similarity of luma (Wang et al., 2004), mean and worst twentieth of the windows.
 * Differences below 0.005 of the mean and 0.02 of the worst are taken for not to be noticed: a JPEG at quality 95
 * is further from its original than that. A shift is to be below a twentieth of a pixel.
 */
const NOTICEABLE = 0.005
const NOTICEABLE_AT_WORST = 0.02
const SHIFT = 0.05

/** Rings that grow finer outwards, up to the finest that pixels can show. */
const zonePlate = (width: number, height: number) =>
  drawPixels(width, height, (x, y) => {
    const squared = (x - width / 2) ** 2 + (y - height / 2) ** 2
    const level = Math.round(127.5 + 127.5 * Math.cos((squared * Math.PI) / Math.max(width, height)))
    return [level, level, level]
  })

const veil = (width: number, height: number) =>
  drawPixels(
    width,
    height,
    (x, y) => [
      (x * 3) % 256,
      (y * 5) % 256,
      90,
      Math.round(127.5 + 127.5 * Math.sin(x / 17) * Math.cos(y / 23)),
    ],
    4,
  )

const PICTURES: readonly (readonly [
  name: string,
  bytes: () => Promise<Buffer>,
  widths: readonly number[],
])[] = [
  ['an odd-sided JPEG', () => photo(1363, 911).jpeg({ quality: 95 }).toBuffer(), [1000, 681, 341, 170, 97]],
  [
    'one that divides by eight',
    () => photo(1600, 1200).jpeg({ quality: 95 }).toBuffer(),
    [800, 400, 200, 100],
  ],
  ['a tall JPEG', () => photo(301, 2403).jpeg({ quality: 95 }).toBuffer(), [200, 150, 77, 31]],
  ['a wide one', () => photo(2405, 203).jpeg({ quality: 95 }).toBuffer(), [1203, 601, 300, 150]],
  // Small enough for libjpeg to decode an eighth, a quarter or a half, where the sides divide and where they do not.
  ['a JPEG to a tenth', () => photo(1601, 1209).jpeg({ quality: 95 }).toBuffer(), [130, 65]],
  ['one that divides, to a tenth', () => photo(1600, 1200).jpeg({ quality: 95 }).toBuffer(), [130, 65]],
  ['a JPEG to a sixth', () => photo(1601, 1209).jpeg({ quality: 95 }).toBuffer(), [250]],
  ['a JPEG to a third', () => photo(1363, 911).jpeg({ quality: 95 }).toBuffer(), [440, 220]],
  ['a tiny PNG', () => photo(23, 17).png().toBuffer(), [22, 16, 11, 8]],
  ['a transparent PNG', () => veil(701, 467).png().toBuffer(), [640, 351, 175, 88]],
  ['the finest lines, PNG', () => zonePlate(901, 901).png().toBuffer(), [800, 600, 450, 225]],
  [
    'the finest lines, JPEG',
    () => zonePlate(1001, 801).jpeg({ quality: 95 }).toBuffer(),
    [900, 500, 333, 125],
  ],
]

const lumaOf = async (bytes: Uint8Array): Promise<RawPicture> =>
  toLuma(
    await sharp(bytes)
      .flatten({ background: '#c08040' })
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true }),
  )

describe('what the shared master looks like', () => {
  const renderer = openTestRenderer()
  afterAll(() => renderer.close())

  it.each(PICTURES)('%s', async (_, make, widths) => {
    const bytes = await make()
    const whole = await lumaOf(bytes)
    const made = await renderAll(
      renderer,
      Buffer.from(bytes),
      widths.map((width) => `${width}w.q80 png`),
    )
    for (const [index, result] of made.entries()) {
      const { width, height } = result
      const reference = resampleByLanczos(whole, width, height)
      const ours = compareLook(await lumaOf(result.bytes), reference)
      const direct = compareLook(
        await lumaOf(
          await sharp(bytes).resize(width, height, { fit: 'fill' }).png({ compressionLevel: 1 }).toBuffer(),
        ),
        reference,
      )
      const told = { width, wanted: widths[index], ours, direct }
      expect(told).toSatisfy(isNoFurther)
      if (width >= 60 && height >= 60)
        for (const shift of [ours.shift.x, ours.shift.y]) expect(Math.abs(shift)).toBeLessThan(SHIFT)
    }
  })

  it('is measured by something that sees half a pixel, and a blur', async () => {
    const bytes = await photo(800, 600).png().toBuffer()
    const reference = resampleByLanczos(await lumaOf(bytes), 400, 300)
    const wider = await sharp(bytes).extend({ left: 1, extendWith: 'copy' }).png().toBuffer()
    const moved = await sharp(wider).extract({ left: 0, top: 0, width: 800, height: 600 }).png().toBuffer()
    expect(compareLook(resampleByLanczos(await lumaOf(moved), 400, 300), reference).shift.x).toBeGreaterThan(
      0.4,
    )
    const fine = resampleByLanczos(await lumaOf(await zonePlate(400, 400).png().toBuffer()), 300, 300)
    const raw = { width: 300, height: 300, channels: 1 } as const
    const blurred = await sharp(fine.data, { raw }).blur(0.8).png().toBuffer()
    expect(compareLook(await lumaOf(blurred), fine).ssim).toBeLessThan(1 - NOTICEABLE)
  })
})

const isNoFurther = ({ ours, direct }: { readonly ours: Look; readonly direct: Look }): boolean =>
  ours.ssim >= direct.ssim - NOTICEABLE && ours.worst >= direct.worst - NOTICEABLE_AT_WORST
