import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import {
  animate,
  ask,
  BLUE,
  codeOf,
  drawPixels,
  GREEN,
  isNear,
  LIMITS,
  look,
  openFileRenderer,
  openTestRenderer,
  QUICK,
  RED,
  renderAll,
  renderOne,
} from './support.ts'

const renderer = openFileRenderer()

describe.each(['gif', 'webp'] as const)('an animated %s', (kind) => {
  it('stays animated in GIF and WebP, with its delays and its loop', async () => {
    const bytes = await animate(60, 40, 3, kind)
    expect((await renderer.inspect(bytes)).facts).toMatchObject({ width: 60, height: 40, frames: 3 })
    const asked = [
      '30w.q80 gif',
      '30w.q80 webp',
      '20x20.cover.q80 webp',
      '80x80.contain.bg-ffffff.q80 gif',
      '60w.q80 gif',
    ]
    for (const output of await renderAll(renderer, bytes, asked)) {
      const metadata = await sharp(output.bytes, { pages: -1 }).metadata()
      expect(metadata).toMatchObject({ pages: 3, delay: [100, 200, 300], loop: 3 })
      expect([metadata.width, metadata.pageHeight]).toEqual([output.width, output.height])
      for (const [page, colour] of [RED, GREEN, BLUE].entries()) {
        const seen = await look(output.bytes, page)
        const middle = seen.at(Math.floor(seen.width / 2), Math.floor(seen.height / 2))
        expect(middle).toSatisfy((at: readonly number[]) => isNear(at, [...colour, 255]))
      }
    }
  })

  it('is its first frame in the other formats', async () => {
    const bytes = await animate(60, 40, 3, kind)
    const outputs = await renderAll(renderer, bytes, [
      '30w.q80 avif',
      '30w.q80 jpg',
      '30w.q80 png',
      '30w.q80 webp',
    ])
    for (const output of outputs.slice(0, 3)) {
      expect((await sharp(output.bytes).metadata()).pages ?? 1).toBe(1)
      expect((await look(output.bytes)).at(15, 10)).toSatisfy((at: readonly number[]) => isNear(at, RED))
    }
    const alone = await renderOne(renderer, bytes, '30w.q80 jpg')
    expect((await look(alone.bytes)).at(15, 10)).toSatisfy((at: readonly number[]) => isNear(at, RED))
  })
})

describe('an animation', () => {
  it('shows no trace of a frame at the edges of the next', async () => {
    const bytes = await animate(60, 40, 3, 'webp')
    const { bytes: small } = await renderOne(renderer, bytes, '23w.q100 webp')
    const seen = await look(small, 1)
    for (const y of [0, seen.height - 1])
      expect(seen.at(11, y)).toSatisfy((at: readonly number[]) => isNear(at, GREEN, 12))
  })

  it('attends to its first frame', async () => {
    const stack = drawPixels(200, 200, (x, y) =>
      y < 100 ? (x > 150 ? [235, 170, 140] : [40, 60, 60]) : [40, 60, 60],
    )
    const { data } = await stack.raw().toBuffer({ resolveWithObject: true })
    const bytes = await sharp(data, { raw: { width: 200, height: 200, channels: 3, pageHeight: 100 } })
      .gif()
      .toBuffer()
    const { attention } = await renderer.render({
      bytes,
      outputs: [ask('50x50.cover.attention.q80 gif')],
      encoders: QUICK,
    })
    expect(attention?.x).toBeGreaterThan(650)
  })

  it('of too many frames, or too many pixels in all of them, is refused', async () => {
    const strict = openTestRenderer({ limits: { ...LIMITS, frames: 2 } })
    expect(await codeOf(strict.inspect(await animate(6, 4, 3, 'gif')))).toBe('too-many-frames')
    await strict.close()
    const small = openTestRenderer({ limits: { ...LIMITS, sourcePixels: 60 * 40 * 2 } })
    expect(await codeOf(small.inspect(await animate(60, 40, 3, 'gif')))).toBe('too-many-pixels')
    await small.close()
  })
})

it.each([
  [30_000, 65_535],
  [65_535, 0],
])(
  'an animation that says more than sharp writes of %i hundredths and %i rounds plays as long and as often as can be said',
  async (hundredths, loop) => {
    const bytes = retime(await animate(8, 8, 3, 'gif'), { hundredths, loop })
    for (const output of await renderAll(renderer, bytes, ['8w.q80 gif', '8w.q80 webp'])) {
      const { delay, loop: found } = await sharp(output.bytes, { pages: -1 }).metadata()
      expect(found).toBe(loop)
      for (const ms of delay ?? []) expect(ms).toBeGreaterThan(65_000)
    }
  },
)

/** Every frame so long, and so many rounds: in each Graphic Control Extension, and in Netscape's. */
const retime = (gif: Buffer, { hundredths, loop }: { hundredths: number; loop: number }): Buffer => {
  const bytes = Buffer.from(gif)
  for (let at = bytes.indexOf('21f904', 0, 'hex'); at >= 0; at = bytes.indexOf('21f904', at + 3, 'hex'))
    bytes.writeUInt16LE(hundredths, at + 4)
  bytes.writeUInt16LE(loop, bytes.indexOf('NETSCAPE2.0') + 13)
  return bytes
}

it("is a GIF that looks as one of sharp's own effort does", async () => {
  const [width, height] = [160, 90]
  const samples = Buffer.alloc(width * height * 3)
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)]
    samples.set([x * 1.5, y * 2.5, 128 + 100 * Math.sin(x / 9) * Math.cos(y / 7)], i * 3)
  }
  const raw = { width, height, channels: 3 } as const
  const errorOf = async (gif: Uint8Array): Promise<number> => {
    const shown = await sharp(gif).removeAlpha().raw().toBuffer()
    return shown.reduce((sum, sample, i) => sum + (sample - (samples[i] ?? 0)) ** 2, 0) / shown.length
  }
  const picture = await sharp(samples, { raw }).png().toBuffer()
  const [made] = await renderAll(renderer, picture, ['160w.q80 gif'], { ...QUICK, gif: {} })
  const ours = await errorOf(made?.bytes ?? picture)
  const own = await errorOf(await sharp(samples, { raw }).gif().toBuffer())
  expect(ours).toBeLessThan(own * 1.1)
})
