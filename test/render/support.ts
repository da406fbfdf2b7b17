import sharp, { type Sharp } from 'sharp'
import { afterAll, onTestFinished } from 'vitest'
import type { RasterFormat } from '../../src/core/format.ts'
import { Problem } from '../../src/core/problem.ts'
import { parseTransform } from '../../src/core/transform.ts'
import type { RasterRequest, Rendered, Renderer, RenderLimits } from '../../src/render/port.ts'
import { openRenderer, type RendererOptions } from '../../src/render/renderer.ts'
import { QUICK } from '../support/encoders.ts'

export const LIMITS: RenderLimits = {
  sourcePixels: 100_000_000,
  frames: 10_000,
  outputPixels: 40_000_000,
  renderTimeoutMs: 30_000,
  damaged: 'refuse',
}

export { QUICK }

export const openTestRenderer = (options: Partial<RendererOptions> = {}): Renderer =>
  openRenderer({ threads: 2, memoryBytes: 1_000_000_000, limits: LIMITS, ...options })

/** Closed when the test that opens it has ended. */
export const openClosing = (options: Partial<RendererOptions> = {}): Renderer => {
  const renderer = openTestRenderer(options)
  onTestFinished(() => renderer.close())
  return renderer
}

/** Closed when its file has been tested. */
export const openFileRenderer = (options: Partial<RendererOptions> = {}): Renderer => {
  const renderer = openTestRenderer(options)
  afterAll(() => renderer.close())
  return renderer
}

/** The output that "640w.q80 webp" asks for. */
export const ask = (text: string): RasterRequest => {
  const [spelling = '', format = 'png'] = text.split(' ')
  const transform = parseTransform(spelling)
  if (transform === undefined) throw new Error(`no transform: ${text}`)
  return { transform, format: format as RasterFormat }
}

/** Makes the outputs asked for; a Problem in place of one is thrown. */
export const renderAll = async (
  renderer: Renderer,
  bytes: Uint8Array,
  asked: readonly string[],
  encoders = QUICK,
): Promise<readonly Rendered[]> => {
  const { outputs } = await renderer.render({ bytes: Buffer.from(bytes), outputs: asked.map(ask), encoders })
  return outputs.map((output) => {
    if (output instanceof Problem) throw output
    return output
  })
}

export const renderOne = async (
  renderer: Renderer,
  bytes: Uint8Array,
  asked: string,
  encoders = QUICK,
): Promise<Rendered> => {
  const [output] = await renderAll(renderer, bytes, [asked], encoders)
  if (output === undefined) throw new Error('nothing rendered')
  return output
}

/** A result as a viewer decodes it; `at` gives red, green, blue and alpha. */
export interface Seen {
  readonly width: number
  readonly height: number
  readonly samples: Buffer
  at(x: number, y: number): readonly [number, number, number, number]
}

/** Decodes the first frame, or `page`. */
export const look = async (bytes: Uint8Array, page = 0): Promise<Seen> => {
  const { data, info } = await sharp(bytes, { page })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return {
    width: info.width,
    height: info.height,
    samples: data,
    at: (x, y) => {
      const start = (y * info.width + x) * 4
      const [r = 0, g = 0, b = 0, a = 0] = data.subarray(start, start + 4)
      return [r, g, b, a]
    },
  }
}

/** Peak signal to noise of two pictures of one size, in decibels: 30 is hard to tell apart, 40 is the same. */
export const likeness = async (a: Uint8Array, b: Uint8Array): Promise<number> => {
  const [x, y] = [await look(a), await look(b)]
  if (x.width !== y.width || x.height !== y.height) throw new Error('two pictures of different sizes')
  let squares = 0
  for (let i = 0; i < x.samples.length; i++) squares += ((x.samples[i] ?? 0) - (y.samples[i] ?? 0)) ** 2
  return 10 * Math.log10(255 ** 2 / (squares / x.samples.length || 1e-9))
}

/** The code of the Problem that a promise rejects with. */
export const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise
  } catch (error) {
    if (error instanceof Problem) return error.code
    throw error
  }
  return 'none'
}

export type Colour = readonly [number, number, number]

export const RED: Colour = [220, 30, 30]
export const GREEN: Colour = [30, 180, 60]
export const BLUE: Colour = [40, 60, 220]
export const WHITE: Colour = [250, 250, 250]

export const isNear = (seen: readonly number[], wanted: readonly number[], tolerance = 24): boolean =>
  wanted.every((value, i) => Math.abs((seen[i] ?? 0) - value) <= tolerance)

/** Red, green, blue and white quarters, from the left upper to the right lower one. */
export const quarters = (width: number, height: number): Sharp =>
  drawPixels(width, height, (x, y) =>
    y < height / 2 ? (x < width / 2 ? RED : GREEN) : x < width / 2 ? BLUE : WHITE,
  )

export const plain = (width: number, height: number, [r, g, b]: Colour = RED): Sharp =>
  sharp({ create: { width, height, channels: 3, background: { r, g, b } }, limitInputPixels: false })

/** How often each wave of {@link photo} turns from left to right and from top to bottom, and how high it is. */
const WAVES = [
  [9, 4, 1],
  [31, -17, 1 / 2],
  [83, 120, 1 / 5],
] as const

/** A photograph's stand-in: soft colours with waves of many widths and a little grain, the same every time. */
export const photo = (width: number, height: number): Sharp => {
  const samples = new Uint8ClampedArray(width * height * 3)
  const waves = new Float64Array(width * height)
  // The sine of a sum by those of its parts: to ask for that of each pixel took seconds of many tests.
  for (const [across, down, size] of WAVES) {
    const sines = Float64Array.from({ length: width }, (_, x) => Math.sin((across * x) / width))
    const cosines = Float64Array.from({ length: width }, (_, x) => Math.cos((across * x) / width))
    for (let y = 0; y < height; y++) {
      const [ofSine, ofCosine] = [Math.cos((down * y) / height) * size, Math.sin((down * y) / height) * size]
      for (let x = 0; x < width; x++)
        waves[y * width + x] =
          (waves[y * width + x] ?? 0) + ofSine * (sines[x] ?? 0) + ofCosine * (cosines[x] ?? 0)
    }
  }
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const wave = waves[y * width + x] ?? 0
      const grain = (((x * 62 + y * 66) % 97) / 97 - 0.5) * 12
      samples[at++] = 120 + (60 * wave * x) / width + grain
      samples[at++] = 110 + 50 * wave + grain
      samples[at++] = 90 + (70 * y) / height - 30 * wave + grain
    }
  return sharp(samples, { raw: { width, height, channels: 3 } })
}

export const drawPixels = (
  width: number,
  height: number,
  colourAt: (x: number, y: number) => readonly number[],
  channels: 3 | 4 = 3,
): Sharp => {
  const samples = new Uint8ClampedArray(width * height * channels)
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const colour = colourAt(x, y)
      for (let c = 0; c < channels; c++) samples[at++] = colour[c] ?? 255
    }
  return sharp(samples, { raw: { width, height, channels } })
}

/** An animation whose frames are plain: red, green, blue, and so on. */
export const animate = (
  width: number,
  height: number,
  frames: number,
  kind: 'gif' | 'webp',
): Promise<Buffer> => {
  const colours = [RED, GREEN, BLUE]
  const samples = Buffer.alloc(width * height * frames * 4)
  for (let i = 0; i < width * height * frames; i++) {
    const colour = colours[Math.floor(i / (width * height)) % 3] ?? RED
    samples.set([...colour, 255], i * 4)
  }
  const stack = sharp(samples, { raw: { width, height: height * frames, channels: 4, pageHeight: height } })
  const timing = { loop: 3, delay: Array.from({ length: frames }, (_, i) => 100 * (i + 1)) }
  return kind === 'gif' ? stack.gif(timing).toBuffer() : stack.webp({ ...timing, lossless: true }).toBuffer()
}
