import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { findPicture, toReadable } from '../../src/render/decodable.ts'
import { makeIco, makeIconBitmap } from '../files/bitmap.ts'

const png = (name: string): Buffer => Buffer.from(`\x89PNG${name}`, 'latin1')

/** An icon of PNGs that are no more than a letter: `A16x16`. */
const icon = (names: string, change: (file: Buffer) => unknown): Buffer => {
  const file = makeIco(
    names.split(' ').map((name) => {
      const [width = 0, height = 0] = name.slice(1).split('x').map(Number)
      return { width, height, data: png(name.slice(0, 1)) }
    }),
  )
  change(file)
  return file
}

const chosen = (file: Buffer): string => {
  const picture = findPicture(file, 'ico')
  return picture.kind === 'png' ? picture.bytes.toString('latin1', 4, 5) : 'bitmap'
}

const asItIs = (): void => {}

describe('of an icon', () => {
  it.each<readonly [string, letter: string, names: string, change: (file: Buffer) => unknown]>([
    ['the largest is shown', 'B', 'A16x16 B40x40 C32x32', asItIs],
    ['256 pixels, which its list has as nothing, are the most', 'B', 'A255x255 B256x256 C16x16', asItIs],
    ['the first of equal ones is shown', 'A', 'A16x16 B16x16', asItIs],
    ['the one of most colours is shown', 'B', 'A16x16 B16x16', (file) => file.writeUInt16LE(4, 6 + 6)],
    [
      'a place of a cursor counts for no colours',
      'A',
      'A16x16 B16x16',
      (file) => {
        file[2] = 2
        file.writeUInt16LE(40, 22 + 6)
      },
    ],
    ['pixels count before colours', 'B', 'A16x16 B17x16', (file) => file.writeUInt16LE(1, 22 + 6)],
    [
      'what lies behind the end is passed over',
      'A',
      'A16x16 B40x40',
      (file) => file.writeUInt32LE(999, 22 + 12),
    ],
    ['a list that is cut off is read as far as it goes', 'A', 'A16x16', (file) => file.writeUInt16LE(9, 4)],
  ])('%s', (_, letter, names, change) => {
    expect(chosen(icon(names, change))).toBe(letter)
  })

  it('without a picture nothing is', () => {
    const empty = icon('A16x16', (file) => file.writeUInt16LE(0, 4))
    expect(() => chosen(empty)).toThrow(expect.objectContaining({ code: 'image-corrupt' }))
  })
})

/** 33 pixels by 2 of one colour; the mask hides the last of the first row and the first of the second. */
const bitmapIcon = (bits: 8 | 32, pixel: readonly number[], isTopDown = false): Buffer => {
  const [width, height] = [33, 2]
  const rowBytes = Math.ceil((width * bits) / 32) * 4
  const row = Buffer.alloc(rowBytes)
  for (let x = 0; x < width; x++) row.set(pixel, x * pixel.length)
  const mask = Buffer.alloc(2 * 8)
  // From the bottom, as the rows of most bitmaps.
  const [first, second] = isTopDown ? [0, 8] : [8, 0]
  mask[first + 4] = 0x80
  mask[second] = 0x80
  const parts = { width, height: isTopDown ? -height : height, bits, rows: Buffer.concat([row, row]) }
  const data = makeIconBitmap({ ...parts, ...(bits === 8 && { palette: [[9, 8, 7]] as const }) }, mask)
  return makeIco([{ width, height, data }])
}

it('the bitmap of most colours is shown where a list does not say how many each has', () => {
  const picture = (bits: 8 | 32) => bitmapIcon(bits, [1, 2, 3, 4].slice(0, bits / 8)).subarray(6 + 16)
  const file = makeIco(([8, 32, 8] as const).map((bits) => ({ width: 33, height: 2, data: picture(bits) })))
  for (const entry of [6, 22, 38]) file.writeUInt16LE(0, entry + 6)
  expect(findPicture(file, 'ico')).toMatchObject({ header: { bits: 32 } })
})

/** The places, `x y`, where nothing is shown. */
const listHidden = (file: Buffer): readonly string[] => {
  const picture = findPicture(file, 'ico')
  if (picture.kind === 'png') throw new Error('it is no bitmap')
  const { width, rgba } = picture.read(false)
  return [...rgba.filter((_, i) => i % 4 === 3).entries()].flatMap(([i, alpha]) =>
    alpha === 0 ? [`${i % width} ${Math.floor(i / width)}`] : [],
  )
}

describe('the mask of an icon', () => {
  it.each([false, true])('hides its pixels (rows from the top: %s)', (isTopDown) => {
    expect(listHidden(bitmapIcon(8, [0], isTopDown))).toEqual(['32 0', '0 1'])
    expect(listHidden(bitmapIcon(32, [1, 2, 3, 0], isTopDown))).toEqual(['32 0', '0 1'])
  })

  it('may be missing, but not the pixels', () => {
    const file = bitmapIcon(8, [0])
    const maskBytes = 2 * 8
    expect(listHidden(file.subarray(0, -maskBytes))).toEqual([])
    // Each row has three bytes without a pixel at its end.
    expect(() => listHidden(file.subarray(0, -maskBytes - 4))).toThrow(
      expect.objectContaining({ code: 'image-corrupt' }),
    )
  })

  it('hides none where the pixels have an alpha of their own', () => {
    expect(listHidden(bitmapIcon(32, [1, 2, 3, 4]))).toEqual([])
  })

  it('leaves an alpha channel only where something shines through', async () => {
    const hasAlpha = async (file: Buffer) =>
      (await sharp(await toReadable(file, 'ico', 'error')).metadata()).hasAlpha
    expect(await hasAlpha(bitmapIcon(32, [1, 2, 3, 255]))).toBe(false)
    expect(await hasAlpha(bitmapIcon(32, [1, 2, 3, 254]))).toBe(true)
  })
})
