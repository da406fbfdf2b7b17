import sharp from 'sharp'
import { afterAll, expect, it } from 'vitest'
import { PROFILES } from '../files/wide.ts'
import { isNear, look, openTestRenderer, renderOne } from './support.ts'

const renderer = openTestRenderer()
afterAll(() => renderer.close())

const half = sharp({
  create: { width: 32, height: 32, channels: 4, background: { r: 100, g: 50, b: 25, alpha: 0.5 } },
})

/** The same AVIF, whose colours are said to be multiplied by alpha. */
const asPremultiplied = (avif: Buffer): Buffer => {
  const reference = Buffer.from('\0\0\0\x0eprem\0\x01\0\x01\0\x02', 'latin1')
  const file = Buffer.from(avif)
  const [iref, iloc, meta] = ['iref', 'iloc', 'meta'].map((name) => file.indexOf(name)) as [
    number,
    number,
    number,
  ]
  for (const at of [iref, meta]) file.writeUInt32BE(file.readUInt32BE(at - 4) + reference.length, at - 4)
  // Each item: its number, in which file, and where there; then its parts.
  for (let at = iloc + 12; at < iloc - 4 + file.readUInt32BE(iloc - 4); at += 18)
    file.writeUInt32BE(file.readUInt32BE(at + 4) + reference.length, at + 4)
  const end = iref - 4 + avif.readUInt32BE(iref - 4)
  return Buffer.concat([file.subarray(0, end), reference, file.subarray(end)])
}

const encode = (picture = half) =>
  picture.clone().avif({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer()

it('the colours of an AVIF that are multiplied by its alpha are divided by it', async () => {
  const plain = await encode()
  const [before, after] = await Promise.all(
    [plain, asPremultiplied(plain)].map(async (bytes) =>
      (await look((await renderOne(renderer, bytes, '16w.q90 png')).bytes)).at(8, 8),
    ),
  )
  expect(before).toSatisfy((seen: readonly number[]) => isNear(seen, [100, 50, 25, 128], 3))
  expect(after).toSatisfy((seen: readonly number[]) => isNear(seen, [199, 100, 50, 128], 6))
})

it('they keep their profile', async () => {
  const bytes = asPremultiplied(await encode(half.clone().withIccProfile('p3')))
  const { bytes: file } = await renderOne(renderer, bytes, 'full.q90 png')
  expect((await sharp(file).metadata()).icc).toEqual(PROFILES.p3)
})
