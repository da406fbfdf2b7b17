/**
 * The tables of `src/render/search.ts`: what mozjpeg's numbers look like, and how much worse the quick encoders look than
 * the slow ones at equal numbers.
 *
 *     npx jiti test/calibrate/look.ts <folder of photographs> [photos]
 *
 * Each photograph is reduced to 640, 960 and 1600 pixels, encoded and compared with what it was reduced to, by
 * SSIMULACRA2. The score that a search goes for at q is the one that nineteen of twenty of mozjpeg's files at q reach.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { openSsimulacra2, type RgbPicture } from '../../src/render/ssimulacra2.ts'

const WIDTHS = [640, 960, 1600]
const QUALITIES = [1, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 95, 100]

type Encode = (pixels: Sharp, quality: number) => Sharp

const chroma = (quality: number) => (quality >= 90 ? '4:4:4' : '4:2:0')
const mozjpeg: Encode = (p, quality) => p.jpeg({ quality, mozjpeg: true, chromaSubsampling: chroma(quality) })

/** By format: the slow encoder, the quick one, and the numbers to compare them at. */
const PAIRS: Readonly<Record<string, readonly [Encode, Encode, readonly number[]]>> = {
  jpg: [
    mozjpeg,
    (p, quality) =>
      p.jpeg({ quality, progressive: false, optimiseCoding: false, chromaSubsampling: chroma(quality) }),
    [40, 50, 60, 70, 80, 92],
  ],
  webp: [
    (p, quality) => p.webp({ quality, effort: 4 }),
    (p, quality) => p.webp({ quality, effort: 0 }),
    [40, 50, 60, 70, 80, 93],
  ],
  avif: [
    (p, quality) => p.avif({ quality, effort: 3, chromaSubsampling: '4:2:0' }),
    (p, quality) => p.avif({ quality, effort: 0, chromaSubsampling: '4:2:0' }),
    [30, 40, 50, 60, 70, 80],
  ],
}

const metric = openSsimulacra2()

const main = async ([folder, count = '12']: readonly string[]): Promise<void> => {
  if (folder === undefined) throw new Error('usage: look.ts <folder of photographs> [photos]')
  const names = (await readdir(folder)).filter((name) => /\.jpe?g$/i.test(name)).sort()
  const scores = new Map<string, number[]>()
  for (const name of names.slice(0, Number(count)))
    for (const width of WIDTHS) {
      console.error(name, width)
      await measure(await reduce(join(folder, name), width), (row, value) =>
        scores.set(row, [...(scores.get(row) ?? []), value]),
      )
    }
  for (const [row, values] of scores) {
    const sorted = [...values].sort((a, b) => a - b)
    const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(2)
    console.log([row, `5 %: ${at(0.05)}`, `50 %: ${at(0.5)}`, `95 %: ${at(0.95)}`].join('\t'))
  }
}

const measure = async (reference: RgbPicture, tell: (row: string, value: number) => void): Promise<void> => {
  const scoreOf = async (encode: Encode, quality: number): Promise<number> => {
    const raw = { width: reference.width, height: reference.height, channels: 3 } as const
    const bytes = await encode(sharp(reference.samples, { raw }), quality).toBuffer()
    return metric.score(reference, await read(sharp(bytes)))
  }
  for (const quality of QUALITIES) tell(`mozjpeg ${quality}`, await scoreOf(mozjpeg, quality))
  for (const [format, [slow, quick, numbers]] of Object.entries(PAIRS))
    for (const number of numbers)
      tell(
        `${format} ${number}, slow - quick`,
        (await scoreOf(slow, number)) - (await scoreOf(quick, number)),
      )
}

const reduce = (file: string, width: number): Promise<RgbPicture> => read(sharp(file).resize(width))

const read = async (picture: Sharp): Promise<RgbPicture> => {
  const { data, info } = await picture
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, samples: data }
}

await main(process.argv.slice(2))
