/**
 * Which quality of each encoder looks like mozjpeg at q: the table of `src/render/quality.ts`.
 *
 *     npx jiti test/calibrate/quality.ts <folder of photographs> [photos] [width]
 *
 * Needs `butteraugli_main` (Debian: libjxl-devtools). Each photograph is reduced to `width` (960), encoded by
 * every encoder over a grid of qualities, and compared with the reduced original: butteraugli's 3-norm, which
 * weighs the worst places more than a mean does. mozjpeg's distance at q, the median over the photographs of the
 * quality at which another encoder comes to the same distance, is the table.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp, { type Sharp } from 'sharp'
import { median } from '../bench/measure.ts'

const QUALITIES = [5, 10, 20, 30, 40, 50, 60, 70, 80, 85, 90, 95, 100]

type Encode = (pixels: Sharp, quality: number) => Sharp

const chroma = (quality: number) => (quality >= 90 ? '4:4:4' : '4:2:0')

const MOZJPEG: Encode = (p, quality) => p.jpeg({ quality, mozjpeg: true, chromaSubsampling: chroma(quality) })

const OTHERS: Readonly<Record<string, Encode>> = {
  webp: (p, quality) => p.webp({ quality, effort: 4 }),
  avif420: (p, quality) => p.avif({ quality, effort: 3, chromaSubsampling: '4:2:0' }),
  avif444: (p, quality) => p.avif({ quality, effort: 3, chromaSubsampling: '4:4:4' }),
  libjpeg420: (p, quality) => p.jpeg({ quality, progressive: true, chromaSubsampling: '4:2:0' }),
  libjpeg444: (p, quality) => p.jpeg({ quality, progressive: true, chromaSubsampling: '4:4:4' }),
}

interface Point {
  readonly quality: number
  readonly distance: number
  readonly sizeBytes: number
}

const main = async ([folder, count = '6', width = '960']: readonly string[]): Promise<void> => {
  if (folder === undefined) throw new Error('usage: quality.ts <folder of photographs> [photos] [width]')
  const names = (await readdir(folder)).filter((name) => /\.jpe?g$/i.test(name)).sort()
  const work = await mkdtemp(join(tmpdir(), 'calibrate-'))
  const matches = new Map<string, Point[][]>()
  try {
    for (const name of names.slice(0, Number(count))) {
      console.error(name)
      await matchPhoto(join(folder, name), Number(width), work, matches)
    }
  } finally {
    await rm(work, { recursive: true })
  }
  printTable(matches)
}

/** For one photograph, each encoder's point of mozjpeg's distance, for each of the qualities. */
const matchPhoto = async (file: string, width: number, work: string, matches: Map<string, Point[][]>) => {
  const reference = await sharp(file).resize(width).removeAlpha().png().toBuffer()
  await writeFile(join(work, 'reference.png'), reference)
  const goal = await measureCurve(reference, MOZJPEG, work)
  push(matches, 'mozjpeg', goal)
  for (const [name, encode] of Object.entries(OTHERS)) {
    const curve = await measureCurve(reference, encode, work)
    push(
      matches,
      name,
      goal.map(({ distance }) => findDistance(curve, distance)),
    )
  }
}

const push = (matches: Map<string, Point[][]>, name: string, points: Point[]): void => {
  matches.set(name, [...(matches.get(name) ?? []), points])
}

const measureCurve = async (reference: Buffer, encode: Encode, work: string): Promise<Point[]> => {
  const points: Point[] = []
  for (const quality of QUALITIES) {
    const bytes = await encode(sharp(reference), quality).toBuffer()
    await writeFile(join(work, 'distorted.png'), await sharp(bytes).png({ compressionLevel: 1 }).toBuffer())
    points.push({ quality, sizeBytes: bytes.length, distance: await measureDistance(work) })
  }
  return points
}

const measureDistance = async (work: string): Promise<number> => {
  const files = [join(work, 'reference.png'), join(work, 'distorted.png')]
  const { stdout } = await promisify(execFile)('butteraugli_main', [...files, '--pnorm', '3'])
  const match = /3-norm: ([\d.]+)/.exec(stdout)
  if (match === null) throw new Error(`butteraugli_main said ${stdout}`)
  return Number(match[1])
}

/** Where a curve comes to `distance`, by straight lines between its points. */
const findDistance = (curve: readonly Point[], distance: number): Point => {
  const last = curve.at(-1)
  const first = curve[0]
  if (first === undefined || last === undefined) throw new Error('an empty curve')
  if (distance >= first.distance) return first
  for (let i = 1; i < curve.length; i++) {
    const [a, b] = [curve[i - 1] ?? first, curve[i] ?? last]
    if (distance < b.distance || a.distance <= b.distance) continue
    const t = (a.distance - distance) / (a.distance - b.distance)
    const mix = (x: number, y: number): number => x + (y - x) * t
    return { quality: mix(a.quality, b.quality), sizeBytes: mix(a.sizeBytes, b.sizeBytes), distance }
  }
  return last
}

const printTable = (matches: ReadonlyMap<string, readonly (readonly Point[])[]>): void => {
  console.log(['mozjpeg q', 'distance', ...matches.keys()].join('\t'))
  QUALITIES.forEach((quality, i) => {
    const at = (name: string) => (matches.get(name) ?? []).flatMap((points) => points[i] ?? [])
    const distance = median(at('mozjpeg').map((point) => point.distance)).toFixed(2)
    const cells = [...matches.keys()].map((name) => {
      const points = at(name)
      const kilobytes = points.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / points.length / 1000
      return `${Math.round(median(points.map((point) => point.quality)))} (${kilobytes.toFixed(0)} kB)`
    })
    console.log([quality, distance, ...cells].join('\t'))
  })
}

await main(process.argv.slice(2))
