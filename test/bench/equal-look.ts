/**
 * What a search saves, beside the same number for every picture:
 *
 *     npx jiti test/bench/equal-look.ts <folder of photographs> [widths] [butteraugli_main]
 *
 * Every photograph is reduced to each width and encoded to JPEG, WebP and AVIF: at the number that stands for q80; by a
 * search for the look of q80; and by a search for the worst look of all files made at the fixed number, at that format:
 * the bytes of the last beside those of the first are what is saved at the same worst look. CPU is user and system
 * time, taken in turns. With `butteraugli_main` (Debian: libjxl-devtools) its 3-norm is told as well.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import type { LossyFormat } from '../../src/core/format.ts'
import { type Comparison, openComparisons } from '../../src/render/compare-look.ts'
import { chromaOf, encode, toEncoding } from '../../src/render/encode.ts'
import type { Rendered } from '../../src/render/port.ts'
import { searchFile, TOLERANCE, targetOf } from '../../src/render/search.ts'
import { UNSEARCHED } from '../support/encoders.ts'
import { findPhotos } from './photos.ts'

const QUALITY = 80
const FORMATS: readonly LossyFormat[] = ['jpg', 'webp', 'avif']
const NOBODY = { credit: {} }

interface Made {
  readonly sizeBytes: number
  readonly score: number
  readonly cpuMs: number
  readonly distance: number
}

interface Row {
  readonly name: string
  readonly look: Comparison
  readonly fixed: Made
  readonly searched: Made
}

sharp.cache(false)
sharp.concurrency(1)

const main = async ([folder, widths = '640,960,1600', butteraugli]: readonly string[]): Promise<void> => {
  if (folder === undefined)
    throw new Error('usage: equal-look.ts <folder of photographs> [widths] [butteraugli_main]')
  const photos = findPhotos(folder)
  const distances = openDistances(butteraugli)
  const all = new Map<LossyFormat, Row[]>(FORMATS.map((format) => [format, []]))
  const openLook = openComparisons()
  for (const width of widths.split(',').map(Number)) {
    const rows = new Map<LossyFormat, Row[]>(FORMATS.map((format) => [format, []]))
    for (const photo of photos) {
      const look = openLook(await reduce(photo, width))
      const measure = measureOn(look, distances)
      for (const format of FORMATS) {
        const name = photo.split('/').at(-1) ?? photo
        const fixed = await measure(() =>
          encode(look.pixels, toEncoding(format, QUALITY, UNSEARCHED), NOBODY),
        )
        const searched = await measure(() => search(look, format, targetOf(QUALITY)))
        rows.get(format)?.push({ name, look, fixed, searched })
        console.error(width, format, name, tell(fixed), tell(searched))
      }
    }
    for (const [format, each] of rows) {
      await print(`${format} ${width}`, format, each)
      all.get(format)?.push(...each)
    }
  }
  const rows = [...all.values()].flat()
  const cpu = sum(rows, ({ searched }) => searched.cpuMs) / sum(rows, ({ fixed }) => fixed.cpuMs)
  console.log(`CPU of encoding, all formats together: ${cpu.toFixed(2)} × that at the fixed number`)
  distances.end()
}

const search = (look: Comparison, format: LossyFormat, target: number): Promise<Rendered> =>
  searchFile(
    look,
    { format, quality: QUALITY, target, chroma: chromaOf(QUALITY) },
    { encoders: UNSEARCHED, accompaniment: NOBODY },
  )

const tell = ({ sizeBytes, score, cpuMs }: Made): string =>
  `${sizeBytes} B ${score.toFixed(1)} ${Math.round(cpuMs)} ms`

const print = async (title: string, format: LossyFormat, rows: readonly Row[]): Promise<void> => {
  const worst = Math.min(...rows.map(({ fixed }) => fixed.score))
  let atWorst = 0
  for (const { look } of rows) atWorst += (await search(look, format, worst + TOLERANCE)).bytes.length
  const fixedBytes = sum(rows, ({ fixed }) => fixed.sizeBytes)
  const share = (bytes: number): string => `${((1 - bytes / fixedBytes) * 100).toFixed(1)} %`
  const least = (of: 'fixed' | 'searched', key: 'score') => Math.min(...rows.map((row) => row[of][key]))
  const most = (of: 'fixed' | 'searched') => Math.max(...rows.map((row) => row[of].distance))
  console.log(
    [
      title,
      `${rows.length} photographs`,
      `fixed ${Math.round(fixedBytes / 1000)} kB`,
      `saved ${share(sum(rows, ({ searched }) => searched.sizeBytes))}`,
      `worst score ${least('searched', 'score').toFixed(1)} (fixed ${worst.toFixed(1)})`,
      `below target by more than ${TOLERANCE}: ${rows.filter(({ searched }) => searched.score < targetOf(QUALITY) - TOLERANCE).length}`,
      `saved at the fixed number's worst score ${share(atWorst)}`,
      `butteraugli ${most('searched').toFixed(2)} (fixed ${most('fixed').toFixed(2)})`,
      `CPU ${(sum(rows, ({ searched }) => searched.cpuMs) / sum(rows, ({ fixed }) => fixed.cpuMs)).toFixed(2)} ×`,
    ].join(' | '),
  )
}

const sum = <T>(values: readonly T[], of: (value: T) => number): number =>
  values.reduce((total, value) => total + of(value), 0)

const measureOn =
  (look: Comparison, distances: Distances) =>
  async (make: () => Promise<Rendered>): Promise<Made> => {
    const before = process.cpuUsage()
    const { bytes } = await make()
    const { user, system } = process.cpuUsage(before)
    return {
      sizeBytes: bytes.length,
      score: await look.scoreOf(bytes),
      cpuMs: (user + system) / 1000,
      distance: await distances.between(look, bytes),
    }
  }

interface Distances {
  between(look: Comparison, file: Uint8Array): Promise<number>
  end(): void
}

const openDistances = (program: string | undefined): Distances => {
  if (program === undefined) return { between: () => Promise.resolve(Number.NaN), end: () => undefined }
  const work = mkdtempSync(join(tmpdir(), 'equal-look-'))
  const files = [join(work, 'reference.png'), join(work, 'distorted.png')] as const
  return {
    between: async ({ pixels }, file) => {
      const { width, height, channels } = pixels
      await sharp(pixels.samples, { raw: { width, height, channels } })
        .png({ compressionLevel: 1 })
        .toFile(files[0])
      writeFileSync(files[1], await sharp(file).png({ compressionLevel: 1 }).toBuffer())
      const said = execFileSync(program, [...files, '--pnorm', '3'], { encoding: 'utf8' })
      return Number(/3-norm: ([\d.]+)/.exec(said)?.[1])
    },
    end: () => rmSync(work, { recursive: true }),
  }
}

const reduce = async (photo: string, width: number) => {
  const { data, info } = await sharp(photo)
    .resize(width)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { samples: data, width: info.width, height: info.height, channels: 3, frames: 1 } as const
}

await main(process.argv.slice(2))
