import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { mapQuality } from '../../src/render/quality.ts'
import { openFileRenderer, photo, QUICK, renderAll, renderOne } from './support.ts'

const renderer = openFileRenderer()

describe('quality', () => {
  it('is mapped to every encoder without a step down, within 1..100', () => {
    for (const encoder of ['webp', 'avif', 'libjpeg'] as const) {
      const mapped = Array.from({ length: 100 }, (_, i) => mapQuality(encoder, i + 1))
      expect(mapped.every((own) => Number.isInteger(own) && own >= 1 && own <= 100)).toBe(true)
      expect(mapped.every((own, i) => own >= (mapped[i - 1] ?? 0))).toBe(true)
    }
  })

  it('at 80 is what the contract says', () => {
    expect([mapQuality('webp', 80), mapQuality('avif', 80)]).toEqual([80, 60])
  })

  it.each(['jpg', 'webp', 'avif'])('costs more bytes the higher it is, in %s', async (format) => {
    const bytes = await photo(320, 240).png().toBuffer()
    const asked = [10, 30, 50, 70, 80, 89, 95, 100].map((q) => `320w.q${q} ${format}`)
    for (const encoders of [QUICK, { ...QUICK, jpeg: { mozjpeg: true } }]) {
      const sizes = (await renderAll(renderer, bytes, asked, encoders)).map((output) => output.bytes.length)
      expect(sizes).toEqual([...sizes].sort((a, b) => a - b))
    }
  })
})

it.each(['avif', 'webp', 'png', 'gif'] as const)(
  'the effort of %s is that of its configuration',
  async (format) => {
    const bytes = await photo(320, 240).png().toBuffer()
    const least = {
      avif: { effort: 0 },
      webp: { effort: 0 },
      png: { compressionLevel: 0 },
      gif: { effort: 1 },
    }
    const most = {
      avif: { effort: 4 },
      webp: { effort: 6 },
      png: { compressionLevel: 9 },
      gif: { effort: 10 },
    }
    const bytesOf = async (changed: object) =>
      (await renderOne(renderer, bytes, `160w.q80 ${format}`, { ...QUICK, ...changed })).bytes.length
    const given = [await bytesOf({ [format]: least[format] }), await bytesOf({ [format]: most[format] })]
    expect(given[0]).toBeGreaterThan(given[1] ?? 0)
  },
)

it('a JPEG in one scan shows what a progressive one shows', async () => {
  const bytes = await photo(320, 240).png().toBuffer()
  const progressive = await renderOne(renderer, bytes, '320w.q80 jpg')
  const baseline = await renderOne(renderer, bytes, '320w.q80 jpg', {
    ...QUICK,
    jpeg: { mozjpeg: false, progressive: false },
  })
  const isProgressive = async (jpeg: Uint8Array) => (await sharp(jpeg).metadata()).isProgressive
  expect(await isProgressive(progressive.bytes)).toBe(true)
  expect(await isProgressive(baseline.bytes)).toBe(false)
  const pixelsOf = (jpeg: Uint8Array) => sharp(jpeg).raw().toBuffer()
  expect((await pixelsOf(baseline.bytes)).equals(await pixelsOf(progressive.bytes))).toBe(true)
})
