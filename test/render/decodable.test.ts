import sharp from 'sharp'
import { expect, it } from 'vitest'
import { findAvifCodes } from '../../src/render/avif-boxes.ts'
import { toDecodable, toReadable } from '../../src/render/decodable.ts'
import { asPremultiplied } from '../files/premultiplied.ts'
import { grid } from '../support/torture/avif.ts'

/** An AVIF of one colour of three or four channels; its codes changed as asked. Greys are held by `e2e/browser-look`. */
const paint = async (
  pixel: readonly number[],
  change = (_copy: Buffer, _codes: number): unknown => undefined,
): Promise<Buffer> => {
  const samples = Buffer.alloc(16 * 16 * pixel.length, Buffer.from(pixel))
  const file = await sharp(samples, { raw: { width: 16, height: 16, channels: pixel.length as 3 | 4 } })
    .avif({ lossless: true, effort: 0 })
    .toBuffer()
  change(file, findAvifCodes(file) ?? 0)
  return file
}

it('an AVIF is read as it is', async () => {
  const file = await paint([10, 20, 30])
  expect(await toReadable(file, 'avif', 'error')).toBe(file)
})

it.each([
  ['a sequence is read as a picture', (copy: Buffer) => copy.write('avis', 8, 'latin1'), 0],
  [
    'codes that are left open become those of BT.601',
    (copy: Buffer, codes: number) => copy.writeUInt16BE(2, codes + 4),
    6,
  ],
])('of an AVIF, %s, in a copy', async (_, change, matrix) => {
  const file = await paint([10, 20, 30], change)
  const given = Buffer.from(file)
  const read = Buffer.from(await toReadable(file, 'avif', 'error'))
  const wanted = await paint(
    [10, 20, 30],
    (copy, codes) => matrix > 0 && copy.writeUInt16BE(matrix, codes + 4),
  )
  expect(read.equals(wanted)).toBe(true)
  expect(file.equals(given)).toBe(true)
})

it('colours that are multiplied by alpha are white at most, and keep the meaning of their codes', async () => {
  const wide = (copy: Buffer, codes: number): void => {
    copy.writeUInt16BE(12, codes)
    copy.writeUInt16BE(13, codes + 2)
  }
  const file = asPremultiplied(await paint([200, 64, 0, 128], wide))
  const png = sharp(await toDecodable(file, 'avif', 'error'), { ignoreIcc: true })
  const first = [...(await png.clone().raw().toBuffer()).subarray(0, 4)]
  expect(first.map((value, i) => Math.abs(value - ([255, 128, 0, 128][i] ?? 0)) <= 2)).toEqual(
    Array(4).fill(true),
  )
  expect((await png.metadata()).icc).toBeDefined()
})

it('an AVIF of which a tile is lost is refused, unless what there is of it is wanted', async () => {
  const whole = await grid({ columns: 2, rows: 2, side: 64 })
  const lost = Buffer.from(whole).fill(0, whole.indexOf('mdat') + 16)
  await expect(toDecodable(lost, 'avif', 'error')).rejects.toMatchObject({ code: 'image-corrupt' })
  expect(Buffer.from(await toDecodable(lost, 'avif', 'none')).equals(lost)).toBe(true)
})
