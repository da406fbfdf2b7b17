/**
 * Bytes at equal look, beside plain sharp and eleventy-img at their own defaults:
 *
 *     npx jiti test/bench/equal-bytes.ts [photographs] [wallpapers] [screenshots]
 *
 * Photographs and wallpapers of Debian's packages at 960 pixels, screenshots of pages in Chromium at 1,280 and 640. Each file
 * of theirs is scored by SSIMULACRA2 beside the pixels that sharp's resize gives; ours is the smallest that our encoders
 * make with at least that score: at the least number that comes to it, and, as in a build, without loss, with a palette
 * or with all of its colour where that is smaller. PNGs are compared as they come. What is printed is our bytes by theirs.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import sharp from 'sharp'
import { isLossy, type LossyFormat } from '../../src/core/format.ts'
import { type Comparison, openComparisons } from '../../src/render/compare-look.ts'
import { type Chroma, encode, encodingAt, toEncoding } from '../../src/render/encode.ts'
import { type Pixels, readPixels } from '../../src/render/pixels.ts'
import { makeSmallest } from '../../src/render/smallest.ts'
import { openSsimulacra2 } from '../../src/render/ssimulacra2.ts'
import { UNSEARCHED } from '../support/encoders.ts'
import { findTools } from './contenders.ts'
import { findPhotos, findWallpapers } from './photos.ts'
import { takeScreenshots } from './screenshots.ts'

const NOBODY = { encoders: UNSEARCHED, accompaniment: { credit: {} } }
const FORMATS = ['jpg', 'webp', 'avif', 'png'] as const
type BenchFormat = (typeof FORMATS)[number]

sharp.cache(false)
sharp.concurrency(1)
const metric = openSsimulacra2()
const openLook = openComparisons()

interface Picture {
  readonly name: string
  readonly file: string
  readonly width: number
}

type Tool = (picture: Picture, format: BenchFormat) => Promise<Uint8Array>

const plainSharp: Tool = async ({ file, width }, format) =>
  sharp(file)
    .resize(width)
    .toFormat(format === 'jpg' ? 'jpeg' : format)
    .toBuffer()

const openEleventy = async (): Promise<Tool> => {
  const path = createRequire(join(findTools(), 'package.json')).resolve('@11ty/eleventy-img')
  const { default: Image } = await import(pathToFileURL(path).href)
  return async ({ file, width }, format) => {
    const name = format === 'jpg' ? 'jpeg' : format
    const made = await Image(file, { widths: [width], formats: [name], dryRun: true, useCache: false })
    return made[name][0].buffer
  }
}

/** The pixels that sharp encodes. */
const readReference = ({ file, width }: Picture): Promise<Pixels> =>
  readPixels(sharp(file).resize(width).removeAlpha().toColourspace('srgb'))

const scoreOf = async (reference: Pixels, file: Uint8Array): Promise<number> =>
  metric.score(reference, await readPixels(sharp(file).removeAlpha().toColourspace('srgb')))

/** Our smallest file of at least this score; at the highest number there is where none has it. */
const makeOurs = async (look: Comparison, format: BenchFormat, score: number): Promise<number> => {
  if (!isLossy(format)) {
    const encoding = toEncoding(format, 80, UNSEARCHED)
    return (await makeSmallest(look, { encoding }, NOBODY)).bytes.length
  }
  const sizes = [await findLeast(look, { format, chroma: '4:2:0', score })]
  if (look.isDrawn()) {
    if (format !== 'webp') sizes.push(await findLeast(look, { format, chroma: '4:4:4', score }))
    else
      for (const options of [{ lossless: true }, { nearLossless: true, quality: 40 }]) {
        const encoding = { format, options: { effort: UNSEARCHED.webp.effort, ...options } }
        const { bytes } = await encode(look.pixels, encoding, NOBODY.accompaniment)
        if ((await look.scoreOf(bytes)) >= score) sizes.push(bytes.length)
      }
  }
  return Math.min(...sizes)
}

/** By halving: a higher number looks better. */
const findLeast = async (
  look: Comparison,
  {
    format,
    chroma,
    score,
  }: { readonly format: LossyFormat; readonly chroma: Chroma; readonly score: number },
): Promise<number> => {
  const make = async (number: number) => {
    const encoding = encodingAt(format, number, { encoders: UNSEARCHED, chroma })
    const { bytes } = await encode(look.pixels, encoding, NOBODY.accompaniment)
    return { sizeBytes: bytes.length, isGood: (await look.scoreOf(bytes)) >= score }
  }
  let [poor, good] = [0, 100]
  let best: number | undefined
  while (good - poor > 1) {
    const number = Math.floor((poor + good) / 2)
    const { sizeBytes, isGood } = await make(number)
    if (isGood) [good, best] = [number, sizeBytes]
    else poor = number
  }
  if (best !== undefined) return best
  const { sizeBytes, isGood } = await make(100)
  // With half of its colour it may never come to that.
  return isGood || format !== 'avif' ? sizeBytes : Number.POSITIVE_INFINITY
}

const compare = async (
  title: string,
  pictures: readonly Picture[],
  tools: ReadonlyMap<string, Tool>,
): Promise<void> => {
  const sums = new Map<string, { ours: number; theirs: number; wins: number; score: number }>()
  for (const picture of pictures) {
    const reference = await readReference(picture)
    for (const format of FORMATS) {
      // The tools' files are often the same.
      const known = new Map<number, Promise<number>>()
      for (const [name, tool] of tools) {
        const file = await tool(picture, format)
        const score = await scoreOf(reference, file)
        const making = known.get(score) ?? makeOurs(openLook(reference), format, score)
        known.set(score, making)
        const ours = await making
        const sum = sums.get(`${name} ${format}`) ?? { ours: 0, theirs: 0, wins: 0, score: 0 }
        sums.set(`${name} ${format}`, {
          ours: sum.ours + ours,
          theirs: sum.theirs + file.length,
          wins: sum.wins + (ours < file.length ? 1 : 0),
          score: sum.score + score,
        })
        console.error(title, picture.name, picture.width, name, format, score.toFixed(1), file.length, ours)
      }
    }
  }
  for (const [name, { ours, theirs, wins, score }] of sums)
    console.log(
      `${title} | ${name} | ${(ours / theirs).toFixed(3)} of ${Math.round(theirs / 1000)} kB | smaller in ${wins} of ${pictures.length} | at a mean of ${(score / pictures.length).toFixed(1)}`,
    )
}

const toPictures = (files: readonly string[], widths: readonly number[]): readonly Picture[] =>
  files.flatMap((file) => widths.map((width) => ({ name: file.split('/').at(-1) ?? '', file, width })))

const folder = mkdtempSync(join(tmpdir(), 'equal-bytes-'))
try {
  const asked = process.argv.slice(2)
  const isAsked = (set: string): boolean => asked.length === 0 || asked.includes(set)
  const tools = new Map([
    ['sharp', plainSharp],
    ['eleventy-img', await openEleventy()],
  ])
  if (isAsked('screenshots')) {
    const files = (await takeScreenshots()).map(([name, png]) => {
      const file = join(folder, `${name}.png`)
      writeFileSync(file, png)
      return file
    })
    await compare('screenshots', toPictures(files, [1280, 640]), tools)
  }
  if (isAsked('photographs')) await compare('mate-backgrounds', toPictures(findPhotos(), [960]), tools)
  if (isAsked('wallpapers'))
    await compare('plasma-workspace-wallpapers', toPictures(findWallpapers(), [960]), tools)
} finally {
  rmSync(folder, { recursive: true })
}
