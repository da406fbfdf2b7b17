/**
 * What the renderer costs beyond the codecs themselves, in CPU time, which other processes disturb little.
 *
 *     npm run build && npx jiti test/bench/render-overhead.ts <folder of pictures> [formats] [rounds]
 *
 * Bare: one whole decode of each picture, and every encode from pixels that lie ready. Ours: `render` of the same
 * outputs, from bytes to bytes, with header, worker threads, resampling and all. Both in turn, the least of
 * `rounds` for each picture; the law is a ratio of at most 1.10. A last line adds an `attention` crop.
 *
 * Found (Debian's mate-backgrounds, WebP and JPEG at five widths): photographs 1.06, drawings in PNG and large
 * JPEGs 1.06; with AVIF as well 1.01. One attention crop more, its own encode included: 1.10 and 1.16.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import type { RasterFormat } from '../../src/core/format.ts'
import { layOut } from '../../src/core/geometry.ts'
import type { Resize } from '../../src/core/transform.ts'
import { type EncoderSettings, encode, toEncoding } from '../../src/render/encode.ts'
import { type Pixels, readPixels } from '../../src/render/pixels.ts'
import type { RasterRequest } from '../../src/render/port.ts'
import { openRenderer } from '../../src/render/renderer.ts'

const WIDTHS = [320, 640, 960, 1280, 1920]
const ENCODERS = { avif: { effort: 3 }, webp: { effort: 4 }, jpeg: { mozjpeg: true }, png: {}, gif: {} }
const LIMITS = {
  sourcePixels: 1e8,
  frames: 10_000,
  outputPixels: 4e7,
  renderTimeoutMs: 60_000,
  damaged: 'refuse',
} as const

const main = async ([folder, formats = 'webp,jpg', rounds = '3']: readonly string[]): Promise<void> => {
  if (folder === undefined)
    throw new Error('usage: render-overhead.ts <folder of pictures> [formats] [rounds]')
  const renderer = openRenderer({ threads: 1, memoryBytes: 2e9, limits: LIMITS })
  const outputs = WIDTHS.flatMap((width) =>
    formats.split(',').map(
      (format): RasterRequest => ({
        transform: { resize: { kind: 'width', width }, quality: 80 },
        format: format as RasterFormat,
      }),
    ),
  )
  const crop: Resize = { kind: 'cover', width: 400, height: 300, position: 'attention' }
  const withCrop: RasterRequest[] = [...outputs, { transform: { resize: crop, quality: 80 }, format: 'jpg' }]
  const totals = { bare: 0, ours: 0, attentive: 0 }

  const names = (await readdir(folder)).filter((name) => /\.(?:jpe?g|png|webp|avif)$/i.test(name)).sort()
  for (const name of names) {
    const file = join(folder, name)
    const ready = await prepare(await readFile(file), outputs)
    const render = async (asked: readonly RasterRequest[]) =>
      void (await renderer.render({ bytes: await readFile(file), outputs: asked, encoders: ENCODERS }))
    const least = { bare: Infinity, ours: Infinity, attentive: Infinity }
    for (let round = 0; round < Number(rounds); round++) {
      least.bare = Math.min(least.bare, await cpuMs(async () => runBare(await readFile(file), ready)))
      least.ours = Math.min(least.ours, await cpuMs(() => render(outputs)))
      least.attentive = Math.min(least.attentive, await cpuMs(() => render(withCrop)))
    }
    console.log(
      `${name}: bare ${least.bare.toFixed(0)} ms, ours ${least.ours.toFixed(0)} ms, ${(least.ours / least.bare).toFixed(3)}`,
    )
    totals.bare += least.bare
    totals.ours += least.ours
    totals.attentive += least.attentive
  }
  await renderer.close()
  console.log(`all: ours / bare = ${(totals.ours / totals.bare).toFixed(3)}`)
  console.log(`with one attention crop more = ${(totals.attentive / totals.bare).toFixed(3)}`)
}

interface Ready {
  readonly pixels: Pixels
  readonly encoding: EncoderSettings
}

/** The pixels of every distinct result, resampled beforehand. */
const prepare = async (bytes: Uint8Array, outputs: readonly RasterRequest[]): Promise<readonly Ready[]> => {
  const whole = await readPixels(sharp(bytes, { autoOrient: true }))
  const ready = new Map<string, Ready>()
  for (const { transform, format } of outputs) {
    const { width, height } = layOut(transform.resize, whole).canvas
    const raw = { width: whole.width, height: whole.height, channels: whole.channels }
    const resized = sharp(whole.samples, { raw }).resize(width, height, { fit: 'fill' })
    const pixels = await readPixels(format === 'jpg' ? resized.flatten({ background: '#fff' }) : resized)
    ready.set(`${width} ${format}`, { pixels, encoding: toEncoding(format, transform.quality, ENCODERS) })
  }
  return [...ready.values()]
}

const runBare = async (bytes: Uint8Array, ready: readonly Ready[]): Promise<void> => {
  await sharp(bytes, { autoOrient: true }).raw().toBuffer()
  for (const { pixels, encoding } of ready) await encode(pixels, encoding, { credit: {} })
}

/** CPU milliseconds of the whole process: its threads and libuv's as well. */
const cpuMs = async (work: () => Promise<void>): Promise<number> => {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

await main(process.argv.slice(2))
