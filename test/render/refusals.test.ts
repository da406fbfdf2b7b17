import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { Problem } from '../../src/core/problem.ts'
import type { RenderLimits } from '../../src/render/port.ts'
import { addChunks, type Chunk, writePng } from '../files/png.ts'
import {
  animate,
  ask,
  codeOf,
  LIMITS,
  openFileRenderer,
  openTestRenderer,
  photo,
  plain,
  QUICK,
  renderOne,
} from './support.ts'

const renderer = openFileRenderer()

const KINDS = ['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const

const renderCode = (bytes: Uint8Array, asked = '50w.q80 jpg'): Promise<string> =>
  codeOf(renderer.render({ bytes: Buffer.from(bytes), outputs: [ask(asked)], encoders: QUICK }))

describe('a source is refused', () => {
  it.each(KINDS)('when its %s is cut off, anywhere', async (kind) => {
    const whole = await photo(400, 300).toFormat(kind).toBuffer()
    expect(await renderCode(whole)).toBe('none')
    for (const share of [0.2, 0.5, 0.9, 0.98])
      expect(await renderCode(whole.subarray(0, Math.floor(whole.length * share)))).toBe('image-corrupt')
  })

  it('when its JPEG is cut off, also where a fraction of it is decoded', async () => {
    const whole = await photo(1600, 1200).jpeg().toBuffer()
    expect(await renderCode(whole.subarray(0, whole.length * 0.9), '50w.q80 jpg')).toBe('image-corrupt')
  })

  it('when its content is damaged', async () => {
    const png = await photo(400, 300).png().toBuffer()
    png.fill(0x55, png.length / 2, png.length / 2 + 2000)
    expect(await renderCode(png)).toBe('image-corrupt')
  })

  it('and says that it is empty where it is', async () => {
    await expect(renderer.inspect(Buffer.of())).rejects.toThrow('The file is empty.')
  })

  it.each([
    ['zTXt', 'key\0\0'],
    ['iTXt', 'key\0\x01\0\0\0'],
  ])('when it holds text in %s that grows a thousandfold, many times over', async (name, head) => {
    const inflated = deflateSync(Buffer.alloc(30_000_000), { level: 9 })
    const chunk: Chunk = [name, Buffer.concat([Buffer.from(head, 'latin1'), inflated])]
    const picture = await plain(9, 9).png().toBuffer()
    const spread = (count: number) => addChunks(picture, new Array<Chunk>(count).fill(chunk))
    expect(await codeOf(renderer.inspect(spread(1)))).toBe('none')
    expect(await codeOf(renderer.inspect(spread(2)))).toBe('image-corrupt')
    const damaged = inflated.fill(0xff, inflated.length / 2)
    chunk[1].set(damaged, chunk[1].length - damaged.length)
    expect(await codeOf(renderer.inspect(spread(3)))).toBe('image-corrupt')
  })

  it('or more texts than its reader keeps', async () => {
    const chunk: Chunk = ['zTXt', Buffer.concat([Buffer.from('key\0\0', 'latin1'), deflateSync('a')])]
    const picture = await plain(9, 9).png().toBuffer()
    const spread = (count: number) => addChunks(picture, new Array<Chunk>(count).fill(chunk))
    expect(await codeOf(renderer.inspect(spread(1000)))).toBe('none')
    expect(await codeOf(renderer.inspect(spread(1001)))).toBe('image-corrupt')
  })

  it('and not for text that is written as it is, however long', async () => {
    const text = Buffer.from(`XML:com.adobe.xmp\0\0\0\0\0${'<x/>'.repeat(200_000)}`, 'latin1')
    const bytes = addChunks(await plain(9, 9).png().toBuffer(), [['iTXt', text]])
    expect(await codeOf(renderer.inspect(bytes))).toBe('none')
  })

  it('when its header is not read in time', async () => {
    const hurried = openTestRenderer({ threads: 1, limits: { ...LIMITS, renderTimeoutMs: 1 } })
    const slow = Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">${'<g a="b"/>'.repeat(90_000)}</svg>`,
    )
    const codes = [hurried.inspect(slow), hurried.inspect(slow, { waitMs: 0 })].map(codeOf)
    expect(await Promise.all(codes)).toEqual(['render-timeout', 'overloaded'])
    expect(await codeOf(hurried.inspect(slow))).toBe('render-timeout')
    await hurried.close()
  })

  it('when its header promises too many pixels, before anything is decoded', async () => {
    const before = process.memoryUsage.rss()
    expect(await renderCode(bomb(30_000, 30_000))).toBe('too-many-pixels')
    expect(process.memoryUsage.rss() - before).toBeLessThan(100_000_000)
  })
})

/** A PNG of a few hundred bytes that claims to be of any size. */
const bomb = (width: number, height: number): Buffer => {
  const size = Buffer.alloc(13)
  size.writeUInt32BE(width, 0)
  size.writeUInt32BE(height, 4)
  size[8] = 8
  return writePng([
    ['IHDR', size],
    ['IDAT', deflateSync(Buffer.alloc(1000))],
    ['IEND', Buffer.of()],
  ])
}

describe('an output over the limit', () => {
  it('is a Problem in its place, and the others are made', async () => {
    const strict = openTestRenderer({ limits: { ...LIMITS, outputPixels: 100_000 } })
    const bytes = await plain(60, 40).png().toBuffer()
    const asked = ['50w.q80 jpg', '1000x1000.contain.q80 jpg', '30w.q80 jpg']
    const { outputs } = await strict.render({ bytes, outputs: asked.map(ask), encoders: QUICK })
    expect(outputs.map((output) => (output instanceof Problem ? output.code : output.width))).toEqual([
      50,
      'output-too-large',
      30,
    ])
    await strict.close()
  })

  it('counts every frame of an animation, where the format holds them', async () => {
    const pixels = 60 * 40
    const made = await makeMoving({ outputPixels: pixels * 2, sourcePixels: pixels * 3 }, [
      '80x60.contain.q80 gif',
      '80x60.contain.q80 jpg',
    ])
    expect(made).toEqual(['output-too-large', 'made'])
  })

  it('lets an animation keep as many pixels as a source may have, and no more in each of its frames', async () => {
    const pixels = 60 * 40
    const asked = ['60w.q80 gif', '60w.q80 webp', '61x41.contain.q80 gif']
    const limits = { outputPixels: pixels, sourcePixels: pixels * 3 }
    expect(await makeMoving(limits, asked)).toEqual(['made', 'made', 'output-too-large'])
    const roomy = { outputPixels: pixels * 4, sourcePixels: pixels * 3 }
    expect(await makeMoving(roomy, ['64x42.contain.q80 gif', '80x60.contain.q80 gif'])).toEqual([
      'made',
      'output-too-large',
    ])
  })

  const makeMoving = async (limits: Partial<RenderLimits>, asked: readonly string[]) => {
    const strict = openTestRenderer({ limits: { ...LIMITS, ...limits } })
    const bytes = await animate(60, 40, 3, 'gif')
    const { outputs } = await strict.render({ bytes, outputs: asked.map(ask), encoders: QUICK })
    await strict.close()
    return outputs.map((output) => (output instanceof Problem ? output.code : 'made'))
  }
})

describe('check', () => {
  it.each(['avif', 'webp', 'jpg', 'png', 'gif'])(
    'tells a whole %s from one that is cut off',
    async (format) => {
      const { bytes } = await renderOne(
        renderer,
        await photo(300, 200).png().toBuffer(),
        `200w.q80 ${format}`,
      )
      const mediaFormat = format === 'jpg' ? 'jpeg' : format
      expect(await renderer.check(Buffer.from(bytes))).toEqual({ mediaFormat, width: 200, height: 133 })
      for (const share of [0.3, 0.95]) {
        const part = Buffer.from(bytes.subarray(0, Math.floor(bytes.length * share)))
        expect(await codeOf(renderer.check(part))).toBe('image-corrupt')
      }
    },
  )

  it('reads an animation to its last frame', async () => {
    const bytes = await animate(60, 40, 3, 'webp')
    expect(await renderer.check(Buffer.from(bytes))).toMatchObject({ width: 60, height: 40 })
    expect(await codeOf(renderer.check(Buffer.from(bytes.subarray(0, bytes.length - 20))))).toBe(
      'image-corrupt',
    )
  })
})
