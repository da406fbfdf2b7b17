import sharp from 'sharp'
import { expect, it } from 'vitest'
import { toPlaceholderUrl, toSmallPlaceholderUrl } from '../../src/page/placeholder.ts'
import { CLEAR_THUMBHASH, THUMBHASH } from './support.ts'

const decode = (url: string) =>
  sharp(Buffer.from(url.replace(/^data:image\/png;base64,/, ''), 'base64'))
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })

it.each([THUMBHASH, CLEAR_THUMBHASH])(
  'a small placeholder is the large one at half its size: %s',
  async (hash) => {
    const [large, small] = [await decode(toPlaceholderUrl(hash)), await decode(toSmallPlaceholderUrl(hash))]
    const { width, height } = small.info
    expect([width, height]).toEqual([large.info.width >> 1, large.info.height >> 1])
    const at = (x: number, y: number, channel: number): number =>
      large.data[(y * large.info.width + x) * 4 + channel] ?? 0
    for (let i = 0; i < width * height * 4; i++) {
      const [x, y, channel] = [((i >> 2) % width) * 2, Math.floor((i >> 2) / width) * 2, i % 4]
      const of4 =
        at(x, y, channel) + at(x + 1, y, channel) + at(x, y + 1, channel) + at(x + 1, y + 1, channel)
      expect(Math.abs((small.data[i] ?? 0) - of4 / 4)).toBeLessThanOrEqual(1)
    }
  },
)
