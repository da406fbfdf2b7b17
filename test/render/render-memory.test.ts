import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { DEFAULT_ENCODERS } from '../../src/config/defaults.ts'
import { readPictureHeader } from '../../src/render/header.ts'
import { makeGreyProfile } from '../../src/render/icc-profile.ts'
import { predictRenderBytes } from '../../src/render/render-memory.ts'
import { makeTiff, tiled } from '../files/tiff.ts'
import { ask, LIMITS, openTestRenderer, plain, QUICK } from './support.ts'

/** Takes as many milliseconds as the picture is wide, and as many kilobytes. */
const SLOW = fileURLToPath(new URL('./fixtures/unruly-process.mjs', import.meta.url))
const WIDTH = 150
const JOBS = 6

describe('the memory budget', () => {
  const renderers: { close(): Promise<void> }[] = []
  afterAll(() => Promise.all(renderers.map((renderer) => renderer.close())))

  /** How many of the jobs were under way at once, at most. */
  const countAtOnce = async (memoryBytes: number): Promise<number> => {
    const renderer = openTestRenderer({ processFile: SLOW, threads: JOBS, memoryBytes })
    renderers.push(renderer)
    const bytes = await plain(WIDTH, 100).png().toBuffer()
    const render = () =>
      renderer.render({ bytes: Uint8Array.from(bytes), outputs: [ask('100w.q80 webp')], encoders: QUICK })
    // The processes are started, so that starting them is not counted.
    await Promise.all(Array.from({ length: JOBS }, render))
    const reports = await Promise.all(Array.from({ length: JOBS }, render))
    const times = reports.map(({ facts }) => facts as unknown as { from: number; to: number })
    return Math.max(
      ...times.map((one) => times.filter(({ from, to }) => from <= one.from && one.from < to).length),
    )
  }

  it('bounds the pictures in flight by what they will take decoded, whatever the processes', async () => {
    const one = WIDTH * 1000
    expect(await countAtOnce(one * 1.5)).toBe(1)
    expect(await countAtOnce(one * 2.5)).toBeLessThanOrEqual(2)
    // A busy machine may need another try.
    await expect.poll(() => countAtOnce(one * 100)).toBeGreaterThan(2)
  })

  it.each([
    ['a screenshot of 4K', plain(3840, 2160)],
    ['a screenshot with alpha', plain(2880, 1800).ensureAlpha(0.5)],
    ['a photograph', plain(6000, 4000)],
  ])('on a machine of 1 GB has room for every format of %s at 3840 pixels', async (_, picture) => {
    const bytes = await picture.png().toBuffer()
    const header = await readPictureHeader(bytes)
    const outputs = ['avif', 'webp', 'png', 'jpg'].map((format) => ask(`3840w.q80 ${format}`))
    const request = { facts: header.facts, outputs, encoders: DEFAULT_ENCODERS, limits: LIMITS }
    expect(predictRenderBytes(header, request, 20_000_000).memoryBytes).toBeLessThan(500_000_000)
  })

  it('counts what is held of a TIFF: a tile that is all of it, and what is scaled or brought to colours', async () => {
    const decoderBytesOf = async (bytes: Uint8Array) => (await readPictureHeader(bytes)).decoderBytes
    const one = await plain(400, 300).tiff({ tile: true, tileWidth: 400, tileHeight: 304 }).toBuffer()
    expect(await decoderBytesOf(one)).toBe(400 * 300 * 3 * 2)
    expect(await decoderBytesOf(tiled)).toBeLessThan(64 * 48)
    expect(await decoderBytesOf(makeTiff({ bits: 32 }))).toBeGreaterThan(8 * 8 * 4)
    const profile = makeGreyProfile({ kind: 'power', exponent: 1 })
    expect(await decoderBytesOf(makeTiff({ bits: 16, profile }))).toBeGreaterThan(8 * 8 * 16)
  })

  it('counts what a long text and a long path take, as measured: 7 KB a letter, 250 bytes a character', async () => {
    const bytesOf = async (body: string) => {
      const markup = `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300">${body}</svg>`
      return (await readPictureHeader(Buffer.from(markup))).decoderBytes
    }
    const words = 'lorem ipsum dolor sit amet '.repeat(1000)
    expect(await bytesOf(`<text>${words}</text>`)).toBeGreaterThan(words.length * 7000)
    const inPieces = words.replaceAll('sit', '<!-- --><script/><metadata><b/></metadata>sit')
    expect(await bytesOf(`<text><a><tspan>${inPieces}</tspan></a></text>`)).toBeGreaterThan(
      words.length * 6500,
    )
    const inLines = words.replaceAll('sit', '<tspan>sit</tspan>')
    expect(await bytesOf(`<text>${inLines}</text><title>${words}</title>`)).toBeLessThan(words.length * 600)
    const arcs = 'a9 9 0 1 1 1 1'.repeat(1000)
    expect(await bytesOf(`<path d="M0 0${arcs}"/>`)).toBeGreaterThan(arcs.length * 190)
    const nested = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg"><text>${words}</text></svg>`)
    const image = `<image href="data:image/svg+xml;base64,${nested.toString('base64')}"/>`
    expect(await bytesOf(image)).toBeGreaterThan(words.length * 7000)
  })

  it('counts both of two files that are encoded at once', async () => {
    const bytes = await plain(WIDTH, 100).png().toBuffer()
    const header = await readPictureHeader(bytes)
    const outputs = [ask('100w.q80 webp'), ask('50w.q80 webp')]
    const request = { facts: header.facts, outputs, encoders: QUICK, limits: LIMITS }
    const predict = (encodesAtOnce: number) =>
      predictRenderBytes(header, { ...request, encodesAtOnce }, bytes.length).memoryBytes
    const smaller = 50 * 33
    expect(predict(2) - predict(1)).toBeGreaterThan(smaller * 4 * 2)
    expect(predict(2) - predict(1)).toBeLessThan(predict(1))
    expect(predict(3)).toBe(predict(2))
    expect(predictRenderBytes(header, { ...request, encodesAtOnce: 2 }, bytes.length).leastBytes).toBe(
      predict(1),
    )
  })
})
