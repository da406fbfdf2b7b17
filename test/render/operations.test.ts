import { afterAll, describe, expect, it } from 'vitest'
import {
  animate,
  BLUE,
  type Colour,
  codeOf,
  drawPixels,
  GREEN,
  isNear,
  likeness,
  look,
  openTestRenderer,
  photo,
  plain,
  quarters,
  RED,
  renderAll,
  renderOne,
  type Seen,
  WHITE,
} from './support.ts'

const renderer = openTestRenderer({
  watermark: {
    id: 'abc123',
    bytes: await plain(40, 20, BLUE).png().toBuffer(),
    position: 'bottom-right',
    opacity: 1,
    scale: 0,
  },
})
afterAll(() => renderer.close())

const seeOne = async (bytes: Uint8Array, asked: string): Promise<Seen> =>
  look((await renderOne(renderer, bytes, asked)).bytes)

/** Colours near the left upper, right upper, left lower and right lower corner. */
const corners = (seen: Seen): readonly (readonly number[])[] => {
  const [right, bottom] = [seen.width - 4, seen.height - 4]
  return [seen.at(3, 3), seen.at(right, 3), seen.at(3, bottom), seen.at(right, bottom)]
}

const expectCorners = (seen: Seen, colours: readonly Colour[]): void => {
  expect(corners(seen)).toSatisfy((found: readonly (readonly number[])[]) =>
    colours.every((colour, i) => isNear(found[i] ?? [], colour)),
  )
}

describe('the four quarters of a picture', async () => {
  const bytes = await quarters(200, 100).png().toBuffer()

  it.each<[string, readonly Colour[], string]>([
    ['full', [RED, GREEN, BLUE, WHITE], '200×100'],
    ['100w.rotate-90', [BLUE, RED, WHITE, GREEN], '100×200'],
    ['100w.rotate-180', [WHITE, BLUE, GREEN, RED], '100×50'],
    ['full.rotate-270', [GREEN, WHITE, RED, BLUE], '100×200'],
    ['100w.flip-h', [GREEN, RED, WHITE, BLUE], '100×50'],
    ['100w.flip-v', [BLUE, WHITE, RED, GREEN], '100×50'],
    ['100w.flip-hv', [WHITE, BLUE, GREEN, RED], '100×50'],
    ['full.rotate-90.flip-h', [RED, BLUE, GREEN, WHITE], '100×200'],
    ['50w.crop-100-50-top-left', [RED, RED, RED, RED], '50×25'],
    ['full.crop-50p-50p-bottom-right', [WHITE, WHITE, WHITE, WHITE], '100×50'],
    ['full.rotate-90.crop-50-100p-left', [BLUE, BLUE, WHITE, WHITE], '50×200'],
    ['400w.enlarge', [RED, GREEN, BLUE, WHITE], '400×200'],
    ['400x400.cover.enlarge', [RED, GREEN, BLUE, WHITE], '400×400'],
    ['300x50.clip', [RED, GREEN, BLUE, WHITE], '200×50'],
    ['300x300.down.left', [RED, RED, BLUE, BLUE], '100×100'],
  ])('as %s', async (text, colours, size) => {
    const seen = await seeOne(bytes, `${text}.q80`)
    expect(`${seen.width}×${seen.height}`).toBe(size)
    expectCorners(seen, colours)
  })

  it('of a drawing are turned and cropped as sharp as they are asked for', async () => {
    const svg = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10">' +
        '<rect width="10" height="10" fill="#dc1e1e"/><rect x="10" width="10" height="10" fill="#283cdc"/></svg>',
    )
    const turned = await seeOne(svg, '200w.rotate-90.q80')
    expect([turned.width, turned.height]).toEqual([200, 400])
    expectCorners(turned, [RED, RED, BLUE, BLUE])
    expect(isNear(turned.at(100, 197), RED) && isNear(turned.at(100, 202), BLUE)).toBe(true)
    expectCorners(await seeOne(svg, '200w.crop-5-10-left.q80'), [RED, RED, RED, RED])
  })

  it('turn frame by frame', async () => {
    const moving = await animate(40, 20, 3, 'gif')
    const { bytes: turned, width, height } = await renderOne(renderer, moving, 'full.rotate-90.q80 gif')
    expect([width, height]).toEqual([20, 40])
    expect(isNear((await look(turned, 2)).at(10, 20), BLUE)).toBe(true)
  })

  it('are padded beyond their size, over the background', async () => {
    const seen = await seeOne(bytes, '100w.pad-10-20-30-40.bg-00ff00.q80')
    expect([seen.width, seen.height]).toEqual([160, 90])
    expect(corners(seen)).toEqual(Array.from({ length: 4 }, () => [0, 255, 0, 255]))
    expect(isNear(seen.at(45, 13), RED) && isNear(seen.at(135, 57), WHITE)).toBe(true)
    expect((await seeOne(bytes, '100w.pad-5-5-5-5.q80')).at(1, 1)[3]).toBe(0)
    expect((await seeOne(bytes, '100w.pad-5-5-5-5.q80 jpg')).at(1, 1)[0]).toBeGreaterThan(240)
  })
})

describe('trim', () => {
  const framed = () =>
    drawPixels(100, 80, (x, y) => (x >= 30 && x < 70 && y >= 10 && y < 50 ? RED : WHITE))
      .png()
      .toBuffer()

  it('cuts plain edges off, before all else', async () => {
    const seen = await seeOne(await framed(), 'full.trim-10.q80')
    expect([seen.width, seen.height]).toEqual([40, 40])
    expectCorners(seen, [RED, RED, RED, RED])
    const turned = await seeOne(await framed(), '20w.rotate-90.crop-50p-100p-left.trim-10.q80')
    expect([turned.width, turned.height]).toEqual([20, 40])
    expectCorners(turned, [RED, RED, RED, RED])
  })

  it('leaves a picture of one colour', async () => {
    const seen = await seeOne(await plain(30, 20).png().toBuffer(), 'full.trim-10.q80')
    expect([seen.width, seen.height]).toEqual([30, 20])
    expect((await seeOne(await plain(2, 1).png().toBuffer(), 'full.trim-10.q80')).width).toBe(2)
  })
})

describe('filters', () => {
  const edge = () =>
    drawPixels(100, 40, (x) => (x < 50 ? [0, 0, 0] : [255, 255, 255]))
      .png()
      .toBuffer()

  it('blur an edge', async () => {
    const bytes = await edge()
    expect((await seeOne(bytes, 'full.q80')).at(45, 20)[0]).toBe(0)
    expect((await seeOne(bytes, 'full.blur-500.q80')).at(47, 20)[0]).toBeGreaterThan(40)
  })

  it('sharpen a soft one', async () => {
    const soft = await drawPixels(100, 40, (x) => {
      const grey = 60 + 130 / (1 + Math.exp(-(x - 49.5) / 2))
      return [grey, grey, grey]
    })
      .png()
      .toBuffer()
    const [before, after] = [await seeOne(soft, 'full.q80'), await seeOne(soft, 'full.sharpen-200.q80')]
    const rise = (seen: Seen): number => (seen.at(52, 20)[0] ?? 0) - (seen.at(47, 20)[0] ?? 0)
    expect(rise(after)).toBeGreaterThan(rise(before) + 5)
  })

  it('make squares of one colour', async () => {
    const seen = await seeOne(await photo(103, 50).png().toBuffer(), 'full.pixelate-10.q80')
    expect([seen.width, seen.height]).toEqual([103, 50])
    expect(seen.at(20, 20)).toEqual(seen.at(29, 29))
    expect(seen.at(100, 40)).toEqual(seen.at(102, 49))
    expect(seen.at(20, 20)).not.toEqual(seen.at(60, 20))
    const four = await drawPixels(30, 30, (x, y) => (y < 20 ? (x < 20 ? RED : GREEN) : x < 20 ? BLUE : WHITE))
      .png()
      .toBuffer()
    const squares = corners(await seeOne(four, 'full.pixelate-20.q80'))
    expect([RED, GREEN, BLUE, WHITE].every((colour, i) => isNear(squares[i] ?? [], colour, 4))).toBe(true)
    const halves = await drawPixels(20, 20, (x) => (x < 5 ? [200, 40, 0, 255] : [0, 0, 255, 0]), 4)
      .png()
      .toBuffer()
    expect((await seeOne(halves, 'full.pixelate-20.q80')).at(10, 10)).toEqual([200, 40, 0, 64])
  })

  it('do not reach the padding', async () => {
    const seen = await seeOne(await edge(), 'full.pad-10-10-10-10.blur-500.bg-ff0000.q80')
    expect(seen.at(9, 20)).toEqual([255, 0, 0, 255])
  })
})

it('max lowers the quality until the file fits, and no further', async () => {
  const bytes = await photo(400, 300).png().toBuffer()
  const asked = [
    'full.q80 webp',
    'full.max-8.q80 webp',
    'full.max-8.q80 jpg',
    'full.max-9999.q80 webp',
    'full.max-1.q80 png',
  ]
  const [free, webp, jpg, roomy, png] = await renderAll(renderer, bytes, asked)
  expect(free?.bytes.length).toBeGreaterThan(8000)
  for (const bound of [webp, jpg]) {
    expect(bound?.bytes.length).toBeLessThanOrEqual(8000)
    expect(bound?.bytes.length).toBeGreaterThan(6500)
  }
  expect(roomy?.bytes).toEqual(free?.bytes)
  expect(png?.bytes.length).toBeGreaterThan(8000)
})

describe('a watermark', () => {
  it('lies where it is configured to, and only where it is named', async () => {
    const bytes = await plain(200, 100, WHITE).png().toBuffer()
    const marked = await seeOne(bytes, 'full.wm-abc123.q80 jpg')
    expectCorners(marked, [WHITE, WHITE, WHITE, BLUE])
    expect(isNear(marked.at(165, 85), BLUE) && isNear(marked.at(155, 75), WHITE)).toBe(true)
    expectCorners(await seeOne(bytes, 'full.q80'), [WHITE, WHITE, WHITE, WHITE])
  })

  it('is made smaller than the picture, and seen through', async () => {
    const half = openTestRenderer({
      watermark: {
        id: 'abc123',
        bytes: await plain(400, 200, [0, 0, 0]).png().toBuffer(),
        opacity: 0.5,
        scale: 0.5,
      },
    })
    const { bytes } = await renderOne(
      half,
      await plain(200, 100, WHITE).png().toBuffer(),
      'full.wm-abc123.q80',
    )
    const seen = await look(bytes)
    const greys = Array.from({ length: 90 }, (_, x) => seen.at(55 + x, 50)[0])
    expect(Math.min(...greys)).toBeGreaterThan(115)
    expect(Math.max(...greys)).toBeLessThan(135)
    expect(isNear(seen.at(45, 50), WHITE)).toBe(true)
    await half.close()
  })

  it('shows what lies under its transparent pixels, and leaves the rest of the picture as transparent as it was', async () => {
    const shown = (x: number) => (x < 20 ? 255 : 0)
    const mark = await drawPixels(40, 20, (x) => [...BLUE, shown(x)], 4)
      .png()
      .toBuffer()
    const marking = openTestRenderer({ watermark: { id: 'abc123', bytes: mark, opacity: 1, scale: 0 } })
    const picture = await drawPixels(200, 100, (x) => [...RED, x < 100 ? 255 : 0], 4)
      .png()
      .toBuffer()
    const seen = await look((await renderOne(marking, picture, 'full.wm-abc123.q80 png')).bytes)
    expect([seen.at(50, 50), seen.at(85, 50), seen.at(110, 50)].map((at) => at[3])).toEqual([255, 255, 0])
    expect(isNear(seen.at(50, 50), RED) && isNear(seen.at(85, 50), BLUE)).toBe(true)
    await marking.close()
  })

  it('that is not the one configured is refused', async () => {
    const bytes = await plain(20, 10).png().toBuffer()
    expect(await codeOf(renderOne(renderer, bytes, 'full.wm-ffffff.q80'))).toBe('watermark-unknown')
  })
})

it('draws no more than the limits allow', async () => {
  const bytes = await plain(3, 300).png().toBuffer()
  for (const asked of ['16000x16000.cover.enlarge.q80', '10w.pad-16000-0-16000-0.q80'])
    expect(await codeOf(renderOne(renderer, bytes, asked))).toBe('output-too-large')
})

it('finds the eye on what is left of the picture', async () => {
  const spot = await drawPixels(400, 200, (x, y) =>
    Math.hypot(x - 330, y - 60) < 30 ? [225, 160, 130] : [120, 125, 128],
  )
    .png()
    .toBuffer()
  const plainCrop = await seeOne(spot, '100x200.cover.attention.q80')
  expect(isNear(plainCrop.at(50, 60), [225, 160, 130], 40)).toBe(true)
  const turned = await seeOne(spot, '200x100.cover.attention.rotate-90.q80')
  expect(isNear(turned.at(140, 50), [225, 160, 130], 40)).toBe(true)
  const cropped = await renderOne(renderer, spot, 'full.crop-100-100-attention.q80')
  expect(isNear((await look(cropped.bytes)).at(50, 50), [225, 160, 130], 40)).toBe(true)
})

it('makes all of it in one request, as one by one', async () => {
  const bytes = await photo(300, 200).png().toBuffer()
  const asked = ['100w.q80', '100w.rotate-90.q80', '100w.blur-100.q80', '100w.rotate-90.pad-1-1-1-1.q80']
  const together = await renderAll(renderer, bytes, asked)
  for (const [i, text] of asked.entries()) {
    const alone = await renderOne(renderer, bytes, text)
    expect(await likeness(alone.bytes, together[i]?.bytes ?? new Uint8Array())).toBeGreaterThan(40)
  }
})
