import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { Rendered } from '../../src/render/port.ts'
import { makeExif } from '../files/exif.ts'
import { insertAtStart, toExifSegment } from '../files/jpeg.ts'
import { ORIENTATIONS } from '../files/orientations.ts'
import {
  ask,
  BLUE,
  isNear,
  look,
  openFileRenderer,
  photo,
  QUICK,
  quarters,
  RED,
  renderOne,
} from './support.ts'

const renderer = openFileRenderer()

const FRAME = await quarters(60, 40).raw().toBuffer()
const frames = await sharp(Buffer.concat([FRAME, Buffer.alloc(FRAME.length)]), {
  raw: { width: 60, height: 80, channels: 3, pageHeight: 40 },
})
  .webp({ lossless: true })
  .toBuffer()

describe('is turned, or not', () => {
  it.each(ORIENTATIONS)('%s: %s', async (_, isTurned, bytes) => {
    const { facts } = await renderer.inspect(Buffer.from(bytes))
    expect([facts.width, facts.height]).toEqual(isTurned ? [40, 60] : [60, 40])
    const seen = await look((await renderOne(renderer, bytes, `${facts.width}w.q80`)).bytes)
    expect([seen.width, seen.height]).toEqual([facts.width, facts.height])
    expect(seen.at(5, 5)).toSatisfy((at: readonly number[]) => isNear(at, isTurned ? BLUE : RED))
  })

  it('an animation: not', async () => {
    expect(frames.length).toBeGreaterThan(0)
    const { facts } = await renderer.inspect(Buffer.from(frames))
    expect(facts).toMatchObject({ width: 60, height: 40, frames: 2 })
  })
})

describe('turned, a picture gives the same', () => {
  const sizes = ['full', '150w', '120w', '64w', '40x60.cover', '60x40.cover.top'].map(
    (size) => `${size}.q80 png`,
  )
  const render = (bytes: Buffer) =>
    renderer.render({ bytes, outputs: sizes.map(ask), encoders: QUICK, wantsPreview: true })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('by orientation %i in all sizes and its preview', async (orientation) => {
    const lying = insertAtStart(await photo(240, 160).jpeg().toBuffer(), toExifSegment(makeExif(orientation)))
    const turned = await render(lying)
    const expected = await render(await sharp(lying).autoOrient().png().toBuffer())
    expect([turned.facts.width, turned.facts.height]).toEqual(orientation < 5 ? [240, 160] : [160, 240])
    expect(turned.preview).toEqual(expected.preview)
    for (const [i, output] of turned.outputs.entries()) {
      const [own, other] = [output, expected.outputs[i]].map((each) => Buffer.from((each as Rendered).bytes))
      const [seen, wanted] = [await look(own ?? lying), await look(other ?? lying)]
      expect([sizes[i], seen.width, seen.height]).toEqual([sizes[i], wanted.width, wanted.height])
      for (const [x, y] of [
        [2, 3],
        [30, 5],
        [11, 33],
        [35, 38],
      ] as const)
        expect(isNear(seen.at(x, y), wanted.at(x, y), 2)).toBe(true)
    }
  })
})
