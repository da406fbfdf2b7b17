import { describe, expect, it } from 'vitest'
import {
  BLUE,
  type Colour,
  drawPixels,
  GREEN,
  isNear,
  look,
  openFileRenderer,
  plain,
  quarters,
  RED,
  renderAll,
  renderOne,
  WHITE,
} from './support.ts'

const renderer = openFileRenderer()

/** Ten stripes from the left to the right, each of its own red. */
const stripes = () => drawPixels(200, 100, (x) => [25 * Math.floor(x / 20), 0, 0])
/** The same from the top to the bottom. */
const layers = () => drawPixels(100, 200, (_, y) => [25 * Math.floor(y / 20), 0, 0])

describe('cover', () => {
  it.each([
    ['', 5],
    ['left', 1],
    ['right', 9],
    ['top', 5],
    ['focus-250-500', 3],
    ['focus-0-333', 1],
  ])('at "%s" keeps the stripes around it', async (position, stripe) => {
    const option = position === '' ? '' : `.${position}`
    const bytes = await stripes().png().toBuffer()
    const seen = await look((await renderOne(renderer, bytes, `40x100.cover${option}.q80`)).bytes)
    expect(seen.at(30, 50)[0]).toBe(25 * stripe)
  })

  it.each([
    ['top', 0],
    ['', 80],
    ['bottom', 160],
    ['bottom-left', 160],
  ])('at "%s" keeps the layers around it', async (position, firstRow) => {
    const option = position === '' ? '' : `.${position}`
    const seen = await look(
      (await renderOne(renderer, await layers().png().toBuffer(), `100x40.cover${option}.q80`)).bytes,
    )
    expect(seen.at(50, 10)[0]).toBe(25 * Math.floor((firstRow + 10) / 20))
  })
})

describe('contain', () => {
  it.each<[string, Colour, number, number]>([
    ['', RED, 90, 90],
    ['top-left', RED, 10, 10],
    ['bottom-right', WHITE, 190, 190],
    ['top', GREEN, 140, 10],
    ['left', BLUE, 10, 110],
  ])('at "%s" puts the picture there and leaves the rest clear', async (position, colour, x, y) => {
    const option = position === '' ? '' : `.${position}`
    const bytes = await quarters(100, 40).png().toBuffer()
    const seen = await look((await renderOne(renderer, bytes, `200x200.contain${option}.q80`)).bytes)
    expect(seen.at(x, y)).toSatisfy((at: readonly number[]) => isNear(at, [...colour, 255]))
    const cleared = [seen.at(1, 199), seen.at(199, 1), seen.at(199, 199), seen.at(1, 1)].filter(
      ([, , , a]) => a === 0,
    )
    expect(cleared.length).toBeGreaterThanOrEqual(3)
  })

  it('pads white where the format has no alpha, and with the background in every format', async () => {
    const bytes = await plain(100, 40).png().toBuffer()
    const white = await look((await renderOne(renderer, bytes, '200x200.contain.q80 jpg')).bytes)
    expect(white.at(5, 5)).toSatisfy((at: readonly number[]) => isNear(at, [255, 255, 255]))
    const asked = ['jpg', 'png', 'webp', 'avif', 'gif'].map(
      (format) => `200x200.contain.bg-0080ff.q80 ${format}`,
    )
    for (const output of await renderAll(renderer, bytes, asked)) {
      const seen = await look(output.bytes)
      expect(seen.at(5, 5)).toSatisfy((at: readonly number[]) => isNear(at, [0, 128, 255, 255]))
      expect(seen.at(100, 100)).toSatisfy((at: readonly number[]) => isNear(at, [...RED, 255]))
    }
  })

  it('pads a greyscale picture in colour', async () => {
    const bytes = await plain(100, 40, [90, 90, 90]).toColourspace('b-w').png().toBuffer()
    const seen = await look((await renderOne(renderer, bytes, '200x200.contain.bg-ff0000.q80 jpg')).bytes)
    expect(seen.at(5, 5)).toSatisfy((at: readonly number[]) => isNear(at, [255, 0, 0]))
  })
})

it('fill squeezes each side by itself and shows all of the picture', async () => {
  const seen = await look(
    (await renderOne(renderer, await quarters(400, 400).png().toBuffer(), '100x40.fill.q80')).bytes,
  )
  expect([seen.at(5, 5), seen.at(95, 5), seen.at(5, 35), seen.at(95, 35)]).toSatisfy(
    (corners: readonly (readonly number[])[]) =>
      [RED, GREEN, BLUE, WHITE].every((colour, i) => isNear(corners[i] ?? [], colour)),
  )
})

describe('transparency', () => {
  const half = () =>
    drawPixels(100, 100, (x) => (x < 50 ? [...RED, 255] : [0, 0, 0, 0]), 4)
      .png()
      .toBuffer()

  it('is kept where the format can, white where it cannot, and the background where one is given', async () => {
    const bytes = await half()
    const kept = await renderAll(renderer, bytes, [
      '50w.q80 png',
      '50w.q80 webp',
      '50w.q80 avif',
      '50w.q80 gif',
    ])
    for (const { bytes } of kept) expect((await look(bytes)).at(45, 25)[3]).toBe(0)
    const flat = await renderAll(renderer, bytes, [
      '50w.q80 jpg',
      '50w.bg-00ff00.q80 jpg',
      '50w.bg-00ff00.q80 png',
    ])
    const seen = await Promise.all(flat.map(async ({ bytes }) => (await look(bytes)).at(45, 25)))
    expect(seen[0]).toSatisfy((at: readonly number[]) => isNear(at, [255, 255, 255, 255]))
    expect(seen[1]).toSatisfy((at: readonly number[]) => isNear(at, [0, 255, 0, 255]))
    expect(seen[2]).toEqual([0, 255, 0, 255])
  })
})
