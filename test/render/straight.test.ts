import { createHash } from 'node:crypto'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { Problem } from '../../src/core/problem.ts'
import type { RenderReport } from '../../src/render/port.ts'
import { ask, openFileRenderer, QUICK } from './support.ts'

const renderer = openFileRenderer()

/** Waves of colour with fine lines on them: every wrong shift, profile or depth shows. */
const drawWaves = (width: number, height: number, channels: 3 | 4): Sharp => {
  const samples = Buffer.alloc(width * height * channels)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let channel = 0; channel < channels; channel++)
        samples[(y * width + x) * channels + channel] =
          128 + 90 * Math.sin((x * (channel + 1)) / 37 + y / 23) + ((x + y) % 7 === 0 ? 30 : 0)
  return sharp(samples, { raw: { width, height, channels } })
}
const opaque = (): Sharp => drawWaves(307, 203, 3)

const SOURCES: Readonly<Record<string, () => Promise<Buffer>>> = {
  'a JPEG of odd sides': () => opaque().jpeg({ quality: 90 }).toBuffer(),
  'a JPEG whose sides a half divides': () => drawWaves(640, 480, 3).jpeg({ quality: 90 }).toBuffer(),
  'a turned JPEG': () => opaque().withMetadata({ orientation: 6 }).jpeg({ quality: 90 }).toBuffer(),
  'a mirrored JPEG whose sides a half divides': () =>
    drawWaves(640, 480, 3).withMetadata({ orientation: 2 }).jpeg({ quality: 90 }).toBuffer(),
  'a grey JPEG': () => opaque().greyscale().jpeg().toBuffer(),
  'a large JPEG of odd sides': () => drawWaves(641, 403, 3).jpeg({ quality: 90 }).toBuffer(),
  'a large CMYK JPEG of odd sides': () => drawWaves(641, 403, 3).toColourspace('cmyk').jpeg().toBuffer(),
  'a CMYK JPEG': () => opaque().toColourspace('cmyk').jpeg().toBuffer(),
  'a JPEG in Display P3': () => opaque().withIccProfile('p3').jpeg({ quality: 90 }).toBuffer(),
  'a JPEG with a credit': () =>
    opaque()
      .withExif({ IFD0: { Copyright: 'Ann', Artist: 'Ann' } })
      .jpeg()
      .toBuffer(),
  'a JPEG from a camera': () =>
    opaque()
      .withExif({ IFD0: { Make: 'Box', XResolution: '300/1' }, IFD3: { GPSLatitudeRef: 'N' } })
      .jpeg()
      .toBuffer(),
  'a JPEG of 300 dots an inch': () => opaque().withMetadata({ density: 300 }).jpeg().toBuffer(),
  'a PNG': () => opaque().png().toBuffer(),
  'a PNG of a palette': () => opaque().png({ palette: true, colours: 16 }).toBuffer(),
  'a PNG of 16 bits': () => opaque().toColourspace('rgb16').png().toBuffer(),
  'a PNG with alpha': () => drawWaves(307, 203, 4).png().toBuffer(),
  'a WebP': () => opaque().webp({ quality: 90 }).toBuffer(),
  'an AVIF': () => opaque().avif({ quality: 80, effort: 0 }).toBuffer(),
  'a TIFF of 16 bits with a profile': () =>
    opaque().toColourspace('rgb16').withIccProfile('p3').tiff().toBuffer(),
}
const digests = ({ outputs }: RenderReport): readonly unknown[] =>
  outputs.map((output) => {
    if (output instanceof Problem) throw output
    const { bytes, width, height } = output
    return {
      width,
      height,
      sizeBytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    }
  })

const ASKED = [
  '160w.q80 jpg',
  '9999w.q80 jpg',
  '100x100.inside.q70 webp',
  '80h.q80 png',
  '50w.q60 avif',
  '75x75.cover.q80 jpg',
  '60x100.cover.attention.q80 webp',
  '650w.enlarge.q80 jpg',
  '350x150.fill.enlarge.q80 webp',
]

describe('one file alone', () => {
  it.each(Object.entries(SOURCES))('of %s is the very file that it is among others', async (_, make) => {
    const bytes = await make()
    for (const asked of ASKED) {
      const render = async (wantsPreview: boolean) =>
        renderer.render({
          bytes: new Uint8Array(bytes),
          outputs: [ask(asked)],
          encoders: QUICK,
          wantsPreview,
        })
      const [alone, inSteps] = [await render(false), await render(true)]
      expect(digests(alone), asked).toEqual(digests(inSteps))
    }
  })

  it('is damaged where its source is', async () => {
    const bytes = await opaque().jpeg().toBuffer()
    const cut = new Uint8Array(bytes.subarray(0, bytes.length / 2))
    const request = { bytes: cut, outputs: [ask('320w.q80 jpg')], encoders: QUICK }
    await expect(renderer.render(request)).rejects.toMatchObject({ code: 'image-corrupt' })
  })
})
