import { describe, expect, it } from 'vitest'
import { coverGif } from '../../src/render/gif-canvas.ts'
import { writeCodes } from '../../src/render/gif-lzw.ts'
import { gif } from '../support/torture/gif.ts'
import { animate, look, openFileRenderer, photo, renderOne } from './support.ts'

const renderer = openFileRenderer()

/** With another canvas than its frame was made for. */
const onCanvas = (bytes: Buffer, width: number, height: number): Buffer => {
  const copy = Buffer.from(bytes)
  copy.writeUInt16LE(width, 6)
  copy.writeUInt16LE(height, 8)
  return copy
}

describe('a GIF whose first frame does not cover the canvas', () => {
  // Of all but the first two, libnsgif would take the first frame's extent for the canvas.
  it.each([
    [60, 50],
    [640, 481],
    [640, 480],
    [1024, 768],
    [3000, 60],
    [60, 3000],
    [4000, 3000],
  ])('is as large as its canvas of %i×%i, and transparent where nothing is', async (width, height) => {
    const bytes = gif({ width, height }, [
      { left: 10, top: 10, width: 20, height: 20 },
      { left: 40, top: 30, width: 10, height: 10 },
    ])
    const { bytes: moving } = await renderOne(renderer, bytes, 'full.q80 gif')
    for (const [page, isSecond] of [false, true].entries()) {
      const seen = await look(moving, page)
      expect([seen.width, seen.height]).toEqual([width, height])
      expect([seen.at(9, 15)[3], seen.at(15, 31)[3], seen.at(51, 35)[3]]).toEqual([0, 0, 0])
      expect([seen.at(15, 15), seen.at(45, 35)[3]]).toEqual([[0, 0, 0, 255], isSecond ? 255 : 0])
    }
  })

  it.each([
    ['few colours', { colours: 8 }],
    ['many', { colours: 200 }],
    ['rows in four passes', { colours: 100, progressive: true }],
  ])('shows every pixel of it, of %s', async (_, options) => {
    const bytes = await photo(157, 83).gif(options).toBuffer()
    const [whole, seen] = [
      await look(bytes),
      await look((await renderOne(renderer, onCanvas(bytes, 160, 100), 'full.q80 png')).bytes),
    ]
    expect([seen.width, seen.height]).toEqual([160, 100])
    for (let y = 0; y < 100; y++)
      for (let x = 0; x < 160; x++) {
        const wanted = x < 157 && y < 83 ? whole.at(x, y) : [0, 0, 0, 0]
        if (wanted.some((value, i) => value !== seen.at(x, y)[i]))
          expect([x, y, seen.at(x, y)]).toEqual([x, y, wanted])
      }
  })

  it.each([
    ['of the file', 0x80, 0],
    ['of the frame', 0, 0x80],
  ])('loses one of 256 colours %s, for the one nearest to it', async (_, ofFile, ofFrame) => {
    const colours = Array.from({ length: 256 }, (_, i) => [i, 255 - i, (i * 7) % 256])
    colours[7] = [201, 55, 120]
    const palette = Buffer.from(colours.flat())
    const bytes = Buffer.concat([
      Buffer.from('GIF89a\x14\0\x14\0', 'latin1'),
      Buffer.of(ofFile | 7, 0, 0),
      ofFile ? palette : Buffer.of(),
      Buffer.from('2c0000000010001000', 'hex'),
      Buffer.of(ofFrame | 7),
      ofFrame ? palette : Buffer.of(),
      writeCodes([Uint8Array.from(colours.keys())]),
      Buffer.of(0x3b),
    ])
    const { at } = await look((await renderOne(renderer, bytes, 'full.q80 png')).bytes)
    expect(at(16, 16)).toEqual([0, 0, 0, 0])
    for (const i of colours.keys())
      expect([i, at(i % 16, i >> 4)]).toEqual([i, [...(colours[i === 7 ? 200 : i] ?? []), 255]])
  })
})

it('a GIF is transparent where its codes end early, and black where a number has no colour, as in browsers', async () => {
  const palette = Buffer.from([...[220, 30, 30], ...[30, 180, 60]])
  const bytes = Buffer.concat([
    Buffer.from('GIF89a\x14\0\x14\0\x80\0\0', 'latin1'),
    palette,
    Buffer.from('2c000000001400140000', 'hex'),
    writeCodes([new Uint8Array(20 * 12 + 5).fill(1).fill(9, 0, 2)]),
    Buffer.of(0x3b),
  ])
  const { at } = await look((await renderOne(renderer, bytes, 'full.q80 png')).bytes)
  expect([at(0, 0), at(19, 11), at(4, 12), at(5, 12), at(19, 19)]).toEqual([
    [0, 0, 0, 255],
    [30, 180, 60, 255],
    [30, 180, 60, 255],
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ])
})

it('a GIF is transparent where a frame was taken away, although no frame names a transparent colour', async () => {
  const bytes = gif({ width: 60, height: 50 }, [
    { width: 60, height: 50 },
    { left: 40, top: 30, width: 10, height: 10 },
  ])
  bytes[bytes.indexOf('21f904', 0, 'hex') + 3] = 2 << 2
  const { bytes: moving } = await renderOne(renderer, bytes, 'full.q80 gif')
  expect((await look(moving)).at(5, 5)).toEqual([0, 0, 0, 255])
  const seen = await look(moving, 1)
  expect([seen.at(5, 5)[3], seen.at(45, 35)]).toEqual([0, [0, 0, 0, 255]])
})

/** Colour numbers 0 and 1 as codes of eight bits, without the lengths of sub-blocks. */
const wide = (pixels: number): Buffer => {
  const blocks = writeCodes([new Uint8Array(pixels).fill(1, 0, 9)]).subarray(1)
  return Buffer.from(blocks.filter((_, i) => i % 256 !== 0).subarray(0, -1))
}

it.each([
  ['few numbers', { codeBits: 2 }],
  ['many', { codeBits: 8, coded: wide(3_000) }],
])(
  'a GIF of %s is transparent where frames were taken away that name no transparent colour',
  async (_, first) => {
    const bytes = gif({ width: 60, height: 50 }, [
      { width: 60, height: 50, ...first },
      { left: 40, top: 30, width: 10, height: 10 },
      { left: 20, top: 30, width: 10, height: 10 },
    ])
    const controls = [...bytes.toString('latin1').matchAll(/!\xf9\x04/g)].map(({ index }) => index)
    for (const [i, at] of controls.entries()) {
      bytes[at + 3] = (2 << 2) | (i === 2 ? 1 : 0)
      bytes[at + 6] = 3
    }
    const { bytes: moving } = await renderOne(renderer, bytes, 'full.q80 gif')
    expect((await look(moving)).at(5, 5)).toEqual([0, 0, 0, 255])
    const [second, third] = [await look(moving, 1), await look(moving, 2)]
    expect([second.at(5, 5)[3], second.at(45, 35)]).toEqual([0, [0, 0, 0, 255]])
    expect([third.at(5, 5)[3], third.at(45, 35)[3], third.at(25, 35)]).toEqual([0, 0, [0, 0, 0, 255]])
    expect(coverGif(coverGif(bytes) ?? bytes)).toBeUndefined()
  },
)

it('a GIF whose first frame covers the canvas is read as it is', async () => {
  for (const bytes of [
    await animate(60, 40, 3, 'gif'),
    gif({ width: 640, height: 480 }, [{ width: 640, height: 480 }]),
    gif({ width: 0, height: 0 }, [{ width: 64, height: 48 }]),
    Buffer.from('GIF89a'),
  ])
    expect(coverGif(bytes)).toBeUndefined()
})

it('frames of a GIF beyond its first ten thousand stay as they are', () => {
  const frame = { width: 2, height: 2 }
  const text = gif(frame, new Array<typeof frame>(10_050).fill(frame)).toString('latin1')
  const cleared = Buffer.from(text.replaceAll('!\xf9\x04\0', '!\xf9\x04\x08'), 'latin1')
  const covered = Buffer.from(coverGif(cleared) ?? [])
  expect(covered.subarray(-500).equals(cleared.subarray(-500))).toBe(true)
  expect(covered.subarray(0, 500).equals(cleared.subarray(0, 500))).toBe(false)
})

it('the last pixels of a GIF are there although nothing says that its codes end', async () => {
  // Two white pixels, each a code of four bits, in one byte.
  const bytes = Buffer.from(
    '47494638396102000100f10000000000ffffff00ff000000ff2c000000000200010000030111003b',
    'hex',
  )
  const seen = await look((await renderOne(renderer, bytes, 'full.q80 png')).bytes)
  expect([seen.at(0, 0), seen.at(1, 0)]).toEqual([
    [255, 255, 255, 255],
    [255, 255, 255, 255],
  ])
})
