import sharp from 'sharp'
import { makeBmp, makeIco, makeIconBitmap } from './bitmap.ts'

const WIDTH = 21
const HEIGHT = 13

type Colour = readonly [number, number, number]

/** Colours in 16 steps of red and 8 of blue, with a corner of its own. */
const colourAt = (x: number, y: number): Colour =>
  x < 5 && y < 4
    ? [255, 255, 255]
    : [Math.floor((x * 16) / WIDTH) * 17, 40, Math.floor((y * 8) / HEIGHT) * 36]

/** Rows from the bottom, or from the top; each of so many bytes, filled to four. */
const toRows = (
  rowBytes: number,
  write: (row: Buffer, y: number) => void,
  from: 'bottom' | 'top' = 'bottom',
): Buffer => {
  const rows = Array.from({ length: HEIGHT }, (_, i) => {
    const row = Buffer.alloc(Math.ceil(rowBytes / 4) * 4)
    write(row, from === 'top' ? i : HEIGHT - 1 - i)
    return row
  })
  return Buffer.concat(rows)
}

const eachPixel =
  (put: (row: Buffer, x: number, colour: Colour, y: number) => void) => (row: Buffer, y: number) => {
    for (let x = 0; x < WIDTH; x++) put(row, x, colourAt(x, y), y)
  }

const GREYS: readonly Colour[] = Array.from({ length: 16 }, (_, i) => [i * 17, i * 17, 255 - i * 17])
const indexAt = (x: number, y: number): number => (x + y) % 16

const rows24 = eachPixel((row, x, [red, green, blue]) => row.set([blue, green, red], x * 3))
const rows32 = eachPixel((row, x, [red, green, blue], y) => row.set([blue, green, red, y * 20], x * 4))
const rows565 = eachPixel((row, x, [red, green, blue]) =>
  row.writeUInt16LE(((red >> 3) << 11) | ((green >> 2) << 5) | (blue >> 3), x * 2),
)
const rows555 = eachPixel((row, x, [red, green, blue]) =>
  row.writeUInt16LE(((red >> 3) << 10) | ((green >> 3) << 5) | (blue >> 3), x * 2),
)
const rows8 = eachPixel((row, x, _, y) => row.set([indexAt(x, y)], x))
const rows4 = eachPixel((row, x, _, y) =>
  row.set([(row[x >> 1] ?? 0) | (indexAt(x, y) << (x % 2 === 0 ? 4 : 0))], x >> 1),
)
const rows1 = eachPixel((row, x, _, y) =>
  row.set([(row[x >> 3] ?? 0) | ((indexAt(x, y) > 7 ? 0x80 : 0) >> (x & 7))], x >> 3),
)
const size = { width: WIDTH, height: HEIGHT }

/** Each row a run and a stretch of single pixels. */
const runs = (bits: 4 | 8): Buffer => {
  const parts: number[] = []
  for (let y = HEIGHT - 1; y >= 0; y--) {
    parts.push(16, bits === 8 ? 7 : 0x7a, 0, 5)
    const tail = [1, 2, 3, 4, 5]
    if (bits === 8) parts.push(...tail, 0)
    else parts.push(0x12, 0x34, 0x50, 0)
    parts.push(0, 0)
  }
  return Buffer.from([...parts, 0, 1])
}

/** Rows that end early, a move to the right and upwards, and the end long before the last row. */
const skipping = Buffer.from([5, 3, 0, 0, 0, 2, 4, 2, 3, 9, 0, 0, 21, 12, 0, 1])

const png = await sharp({
  create: { width: 40, height: 40, channels: 4, background: { r: 200, g: 30, b: 90, alpha: 0.5 } },
})
  .png()
  .toBuffer()

/** What browsers show of them is asked in `test/e2e/browser-look.test.ts`. */
export const BITMAPS: readonly (readonly [name: string, bytes: Buffer])[] = [
  ['a BMP of 24 bits', makeBmp({ ...size, bits: 24, rows: toRows(WIDTH * 3, rows24) })],
  [
    'a BMP of 24 bits from the top',
    makeBmp({ width: WIDTH, height: -HEIGHT, bits: 24, rows: toRows(WIDTH * 3, rows24, 'top') }),
  ],
  ['a BMP of 32 bits', makeBmp({ ...size, bits: 32, rows: toRows(WIDTH * 4, rows32) })],
  [
    'a BMP of 32 bits with alpha',
    makeBmp({
      ...size,
      bits: 32,
      compression: 3,
      masks: [0xff0000, 0xff00, 0xff, 0xff000000],
      rows: toRows(WIDTH * 4, rows32),
    }),
  ],
  [
    'a plain BMP of 32 bits with alpha',
    makeBmp({
      ...size,
      bits: 32,
      masks: [0, 0, 0, 0xff000000],
      rows: toRows(WIDTH * 4, rows32),
    }),
  ],
  [
    'a plain BMP of 16 bits with masks, which do not count',
    makeBmp({ ...size, bits: 16, masks: [0, 0, 0, 0x8000], rows: toRows(WIDTH * 2, rows555) }),
  ],
  ['a BMP of 16 bits', makeBmp({ ...size, bits: 16, rows: toRows(WIDTH * 2, rows555) })],
  [
    'a BMP of 16 bits with masks',
    makeBmp({
      ...size,
      bits: 16,
      compression: 3,
      masks: [0xf800, 0x7e0, 0x1f],
      rows: toRows(WIDTH * 2, rows565),
    }),
  ],
  ['a BMP of 8 bits', makeBmp({ ...size, bits: 8, palette: GREYS, rows: toRows(WIDTH, rows8) })],
  [
    'a BMP of 24 bits from OS/2',
    makeBmp({ ...size, bits: 24, isOs2: true, rows: toRows(WIDTH * 3, rows24) }),
  ],
  [
    'a BMP of 8 bits from OS/2',
    makeBmp({ ...size, bits: 8, isOs2: true, palette: GREYS, rows: toRows(WIDTH, rows8) }),
  ],
  ['a BMP of 4 bits', makeBmp({ ...size, bits: 4, palette: GREYS, rows: toRows(WIDTH / 2, rows4) })],
  [
    'a BMP of 1 bit',
    makeBmp({ ...size, bits: 1, palette: GREYS.slice(0, 2), rows: toRows(WIDTH / 8, rows1) }),
  ],
  ['a BMP of 8 bits in runs', makeBmp({ ...size, bits: 8, compression: 1, palette: GREYS, rows: runs(8) })],
  ['a BMP of 4 bits in runs', makeBmp({ ...size, bits: 4, compression: 2, palette: GREYS, rows: runs(4) })],
  ['a BMP whose runs skip', makeBmp({ ...size, bits: 8, compression: 1, palette: GREYS, rows: skipping })],
  [
    'an icon of PNGs, the larger first or last',
    makeIco([
      { width: 16, height: 16, data: await sharp(png).resize(16).png().toBuffer() },
      { width: 40, height: 40, data: png },
    ]),
  ],
  [
    'an icon of 32 bits',
    makeIco([
      {
        ...size,
        data: makeIconBitmap(
          { ...size, bits: 32, rows: toRows(WIDTH * 4, rows32) },
          Buffer.alloc(HEIGHT * 4),
        ),
      },
    ]),
  ],
  [
    'an icon of 4 bits with a mask',
    makeIco([
      {
        ...size,
        data: makeIconBitmap(
          { ...size, bits: 4, palette: GREYS, rows: toRows(WIDTH / 2, rows4) },
          Buffer.alloc(HEIGHT * 4, 0x0f),
        ),
      },
    ]),
  ],
]
