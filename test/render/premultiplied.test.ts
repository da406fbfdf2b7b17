import sharp from 'sharp'
import { expect, it } from 'vitest'
import { asPremultiplied } from '../files/premultiplied.ts'
import { PROFILES } from '../files/wide.ts'
import { isNear, look, openFileRenderer, renderOne } from './support.ts'

const renderer = openFileRenderer()

const half = sharp({
  create: { width: 32, height: 32, channels: 4, background: { r: 100, g: 50, b: 25, alpha: 0.5 } },
})

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
