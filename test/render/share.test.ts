import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { Problem } from '../../src/core/problem.ts'
import type { RenderReport } from '../../src/render/port.ts'
import type { RendererOptions } from '../../src/render/renderer.ts'
import { shareOut } from '../../src/render/share.ts'
import { ask, openClosing, openTestRenderer, photo, QUICK } from './support.ts'

const FACTS = { width: 3000, height: 2000, mediaFormat: 'jpeg', frames: 1, hasAlpha: false }
const OUTPUTS = [
  ...['1600w.q80', '1200w.q80', '800w.q80', '400w.q80', '2400w.q80', '200x200.cover.attention.q80'].flatMap(
    (transform) => ['avif', 'webp', 'jpg'].map((format) => `${transform} ${format}`),
  ),
  '9999w.q80 webp',
  '9000w.q80 webp',
  '12000x9000.contain.q80 jpg',
]

/** What is really rendered. */
const RENDERED = [
  ...['400w.q80', '200w.q80', '100x100.cover.attention.q80'].flatMap((transform) =>
    ['avif', 'webp', 'jpg'].map((format) => `${transform} ${format}`),
  ),
  ...['800w.q80', '600w.q80', '1200w.q80'].flatMap((transform) => [`${transform} webp`, `${transform} jpg`]),
  ...['5000w.q80 webp', '4500w.q80 webp', '12000x9000.contain.q80 jpg'],
  ...['150w.rotate-90.q80 webp', '450w.rotate-90.blur-200.q80 webp'],
]

describe('shares', () => {
  it('have every output once, and what may be one file together', () => {
    const anyOutput = fc
      .record({
        width: fc.integer({ min: 1, max: 9000 }),
        format: fc.constantFrom('avif', 'webp', 'jpg', 'png'),
      })
      .map(({ width, format }) => ask(`${width}w.q80 ${format}`))
    fc.assert(
      fc.property(
        fc.array(anyOutput, { maxLength: 30 }),
        fc.integer({ min: 1, max: 8 }),
        (outputs, count) => {
          const shares = shareOut(outputs, FACTS, count)
          expect(shares.flat().toSorted((a, b) => a - b)).toEqual([...outputs.keys()])
          expect(shares.length).toBeLessThanOrEqual(count)
          const whole = shares.map((share) =>
            share.filter((place) => {
              const { transform, format } = outputs[place] ?? ask('1w.q80')
              return format === 'webp' && 'width' in transform.resize && transform.resize.width >= FACTS.width
            }),
          )
          expect(whole.filter((places) => places.length > 0).length).toBeLessThanOrEqual(1)
        },
      ),
    )
  })

  it('are each worth their own decode, however many processes there are', () => {
    const outputs = [320, 640, 960, 1280, 1920].flatMap((width) => [
      ask(`${width}w.q80 webp`),
      ask(`${width}w.q80 jpg`),
    ])
    expect(shareOut(outputs, { ...FACTS, width: 1920, height: 1200 }, 64).length).toBeGreaterThan(4)
    expect(shareOut(outputs, { ...FACTS, width: 3840, height: 2160 }, 64)).toHaveLength(2)
    expect(shareOut(outputs, { ...FACTS, width: 5640, height: 3172 }, 64)).toHaveLength(1)
  })

  it('are one where there is little to be shared', () => {
    expect(shareOut([ask('100w.q80 avif'), ask('50w.q80 avif')], FACTS, 4)).toEqual([[0, 1]])
  })
})

describe('a picture that is rendered in shares, or two files at once', () => {
  const whole = openTestRenderer({ threads: 1 })
  const shared = openTestRenderer({ threads: 3 })
  const overlapped = openTestRenderer({ threads: 1, encodesAtOnce: 2 })
  afterAll(() => Promise.all([whole.close(), shared.close(), overlapped.close()]))

  const digest = ({ outputs, ...report }: RenderReport): unknown => ({
    ...report,
    outputs: outputs.map((output) =>
      output instanceof Problem
        ? output.code
        : [output.width, output.height, createHash('sha256').update(output.bytes).digest('hex')],
    ),
  })
  const drawRings = (channels: 3 | 4) => {
    const [width, height] = [901, 602]
    const samples = Buffer.alloc(width * height * channels)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let channel = 0; channel < channels; channel++)
          samples[(y * width + x) * channels + channel] =
            128 + 120 * Math.sin(((x - 350) ** 2 + (y - 150) ** 2) / (450 + 100 * channel))
    return sharp(samples, { raw: { width, height, channels } })
  }

  it.each([
    ['a JPEG', () => drawRings(3).jpeg({ quality: 90 }).toBuffer()],
    ['a PNG with alpha', () => drawRings(4).png({ compressionLevel: 1 }).toBuffer()],
  ])('is the same to the byte: %s', async (_, make) => {
    const bytes = await make()
    const request = () => ({
      bytes: new Uint8Array(bytes),
      outputs: RENDERED.map(ask),
      encoders: QUICK,
      wantsPreview: true,
    })
    const [once, inShares] = [await whole.render(request()), await shared.render(request())]
    expect(shareOut(request().outputs, once.facts, 3)).toHaveLength(3)
    expect(digest(inShares)).toEqual(digest(once))
    expect(digest(await overlapped.render(request()))).toEqual(digest(once))
    expect(once.preview).toBeDefined()
  })

  it('is damaged as a whole, and leaves nothing at work', async () => {
    const bytes = await drawRings(3).jpeg({ quality: 90 }).toBuffer()
    const cut = new Uint8Array(bytes.subarray(0, bytes.length / 2))
    const request = { bytes: cut, outputs: RENDERED.map(ask), encoders: QUICK }
    await expect(shared.render(request)).rejects.toMatchObject({ code: 'image-corrupt' })
    const again = { ...request, bytes: new Uint8Array(bytes.subarray(0, bytes.length / 2)) }
    await expect(overlapped.render(again)).rejects.toMatchObject({ code: 'image-corrupt' })
    const next = { bytes: new Uint8Array(bytes), outputs: [ask('100w.q80 webp')], encoders: QUICK }
    expect((await shared.render(next)).outputs).toHaveLength(1)
  })

  it('ends where its signal does', async () => {
    const bytes = await drawRings(3).jpeg({ quality: 90 }).toBuffer()
    const request = { bytes: new Uint8Array(bytes), outputs: RENDERED.map(ask), encoders: QUICK }
    const gone = new Error('gone')
    await expect(shared.render(request, { signal: AbortSignal.abort(gone) })).rejects.toBe(gone)
    const leaving = new AbortController()
    const options = { signal: leaving.signal, onBegin: () => leaving.abort(gone) }
    await expect(shared.render({ ...request, bytes: new Uint8Array(bytes) }, options)).rejects.toBe(gone)
  })
})

describe('what the processes are told', () => {
  const processFile = fileURLToPath(new URL('./fixtures/telling-process.mjs', import.meta.url))
  const jpeg = photo(1200, 900).jpeg().toBuffer()

  interface Asked extends Partial<RendererOptions> {
    readonly isFollowed?: () => boolean
  }
  /** How many outputs each process was given that made one, and how many of them it was to encode at once. */
  const tell = async ({ isFollowed, ...options }: Asked) => {
    const renderer = openClosing({ threads: 2, processFile, ...options })
    const request = { bytes: new Uint8Array(await jpeg), outputs: OUTPUTS.map(ask), encoders: QUICK }
    const { outputs } = await renderer.render(request, isFollowed ? { isFollowed } : {})
    const made = outputs.flatMap((output) => (output instanceof Problem ? [] : [output]))
    return { most: Math.max(...made.map(({ width }) => width)), atOnce: made[0]?.height }
  }

  it('is a share each, unless another picture is about to come', async () => {
    const all = OUTPUTS.length
    expect((await tell({})).most).toBeLessThan(all)
    expect((await tell({ isFollowed: () => false })).most).toBeLessThan(all)
    expect((await tell({ isFollowed: () => true })).most).toBe(all)
  })

  it('is all of it where one picture keeps two cores busy, and a share for each two of more', async () => {
    const all = OUTPUTS.length
    expect((await tell({ encodesAtOnce: 2 })).most).toBe(all)
    expect((await tell({ encodesAtOnce: 2, threads: 4 })).most).toBeLessThan(all)
  })

  it('is how many files to encode at once, and one where two have no room in memory', async () => {
    expect((await tell({})).atOnce).toBe(1)
    expect((await tell({ encodesAtOnce: 2 })).atOnce).toBe(2)
    expect((await tell({ encodesAtOnce: 2, memoryBytes: 2_000_000 })).atOnce).toBe(1)
  })
})
