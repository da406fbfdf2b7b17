/**
 * `imgsizes build` beside what people use today: the same pictures, sizes, formats and qualities.
 *
 *     npm run bench -- [--only <part of a title>] [--photos <folder>] [--count 16] [--rounds 3] [--tools <folder>] [--json <file>]
 *
 * The photographs are those of Debian's mate-backgrounds, the icons those of its tango-icon-theme, downloaded once; all
 * else is made of them by `corpora.ts`. @11ty/eleventy-img and sharp-cli are installed once into the folder of tools,
 * beside the project and not in it; vipsthumbnail is Debian's libvips-tools. The contenders take turns, round by round,
 * and medians are compared: trust the ratios, not the seconds. Every figure is of whole processes, their start
 * included, except for the bare codecs, which are compared with a build less what it costs to build two tiny
 * pictures: their own start is not counted either.
 *
 * Defaults do not look alike: eleventy-img's AVIF at its 50 is farther from the picture than ours (butteraugli's 3-norm
 * at 960 pixels, mean of the sixteen: 1.23 for 1.01). At 58 it is as near (1.08 at 56, 0.97 at 60), which is a row of
 * its own.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import {
  type Contender,
  createEleventy,
  createImgsizes,
  createSharpCli,
  DECODE_ONCE,
  type Format,
  findTools,
  findVipsthumbnail,
  type Job,
  PLAIN_LOOP,
  runScript,
} from './contenders.ts'
import { type CorpusName, findCorpus } from './corpora.ts'
import { type Cost, median } from './measure.ts'
import { findPhotos } from './photos.ts'

const WIDTHS = [320, 640, 960, 1280, 1920]

/** The same encoders for all: libwebp at effort 4, libjpeg-turbo progressive, AVIF at our default for q80. */
const WEBP: Format = { name: 'webp', options: { quality: 80, effort: 4 } }
const JPEG: Format = { name: 'jpeg', options: { quality: 78, progressive: true, mozjpeg: false } }
const AVIF: Format = { name: 'avif', options: { quality: 60, effort: 3 } }
const EQUAL = [WEBP, JPEG]
const EQUAL_ENCODERS = {
  encoders: { avif: { search: false }, webp: { search: false }, jpeg: { mozjpeg: false, search: false } },
}
/**
 * Of drawings, the others make one WebP with loss and one PNG, and we try more and keep the smallest. This is the same
 * without a WebP without loss and without a palette; of PNGs, with filtered rows and without are still tried.
 */
const FEW_TRIES = createImgsizes(
  {
    encoders: {
      ...EQUAL_ENCODERS.encoders,
      webp: { ...EQUAL_ENCODERS.encoders.webp, lossless: false },
      png: { palette: false },
    },
  },
  'imgsizes, webp.lossless and png.palette false',
)
const OWN_DEFAULTS: readonly Format[] = [{ name: 'avif' }, { name: 'webp' }, { name: 'jpeg' }]
/** Of eleventy-img, what looks as our defaults do. */
const SAME_LOOK: readonly Format[] = [
  { name: 'avif', options: { quality: 58 } },
  { name: 'webp' },
  { name: 'jpeg' },
]

interface Kind extends Pick<Job, 'widths' | 'formats'> {
  readonly title: string
  readonly corpus: CorpusName
  /** Whether they are drawings, of which we try more encodings than the others. */
  readonly isDrawn?: true
}

const KINDS: readonly Kind[] = [
  { title: '2,000 pictures of 64×48, one WebP each', corpus: 'tiny', widths: [48], formats: [WEBP] },
  {
    title: '500 pictures of 200 to 400 pixels, 4 files each',
    corpus: 'small',
    widths: [100, 200],
    formats: EQUAL,
  },
  {
    title: '150 SVG icons, 4 files each',
    corpus: 'icons',
    isDrawn: true,
    widths: [48, 96],
    formats: [WEBP, { name: 'png' }],
  },
  {
    title: '20 GIFs of 12 frames, 2 files each',
    corpus: 'animations',
    widths: [160],
    formats: [WEBP, { name: 'gif' }],
  },
  { title: '6 photographs, WebP and JPEG, 60 files', corpus: 'six-photos', widths: WIDTHS, formats: EQUAL },
  {
    title: '4 photographs, AVIF, WebP and JPEG, 60 files',
    corpus: 'four-photos',
    widths: WIDTHS,
    formats: [AVIF, ...EQUAL],
  },
  { title: 'a panorama of 100 megapixels, 10 files', corpus: 'panorama', widths: WIDTHS, formats: EQUAL },
  {
    title: '60 uploads of 4 megapixels, one thumbnail each',
    corpus: 'uploads',
    widths: [200],
    formats: [WEBP],
  },
  {
    title: '10 photographs that are WebPs, 6 files each',
    corpus: 'webps',
    widths: [320, 640, 960],
    formats: EQUAL,
  },
  {
    title: '8 photographs that are PNGs, 6 files each',
    corpus: 'pngs',
    widths: [320, 640, 960],
    formats: EQUAL,
  },
  {
    title: '500 portraits of 512 pixels, two WebPs each',
    corpus: 'portraits',
    widths: [64, 128],
    formats: [WEBP],
  },
  {
    title: '8 pictures of cameras, 24 megapixels, one WebP each',
    corpus: 'cameras',
    widths: [1200],
    formats: [WEBP],
  },
  {
    title: '60 GIFs that do not move, 4 files each',
    corpus: 'stills',
    isDrawn: true,
    widths: [150, 300],
    formats: [WEBP, { name: 'png' }],
  },
  {
    title: '6 photographs of phones, 12 megapixels, turned, with a profile, 60 files',
    corpus: 'phones',
    widths: WIDTHS,
    formats: EQUAL,
  },
]

interface Row {
  readonly name: string
  readonly wallMs: number
  readonly cpuMs: number
  readonly peakBytes: number
  readonly files: number
  readonly bytes: number
}

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      photos: { type: 'string' },
      count: { type: 'string', default: '16' },
      rounds: { type: 'string', default: '3' },
      tools: { type: 'string' },
      json: { type: 'string' },
    },
  })
  const all = findPhotos(values.photos)
  const bench: Bench = {
    photos: all.slice(0, Number(values.count)),
    rounds: Number(values.rounds),
    tools: findTools(values.tools),
    folder: mkdtempSync(join(tmpdir(), 'imgsizes-bench-')),
    isWanted: (title) => title.toLowerCase().includes(values.only.toLowerCase()),
  }
  try {
    const report = {
      machine: describeMachine(),
      photos: bench.photos.length,
      rounds: bench.rounds,
      ...(await benchPhotos(bench)),
      kinds: await benchKinds(bench, all),
    }
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, undefined, 2)}\n`)
    else console.log(`\n${JSON.stringify(report)}`)
  } finally {
    rmSync(bench.folder, { recursive: true, force: true })
  }
}

interface Bench {
  readonly photos: readonly string[]
  readonly rounds: number
  readonly tools: string
  /** For all that is written. */
  readonly folder: string
  readonly isWanted: (title: string) => boolean
}

const benchPhotos = async ({ photos, rounds, tools, folder, isWanted }: Bench) => {
  const job = { sources: photos, widths: WIDTHS, folder }
  const equalTitle = `${photos.length} photographs, WebP and JPEG at ${WIDTHS.join(', ')}, equal encoders`
  const defaultsTitle = `${photos.length} photographs, AVIF, WebP and JPEG, each at its own defaults`
  const report: Record<string, unknown> = {}
  if (isWanted(equalTitle)) {
    const others = [
      PLAIN_LOOP,
      DECODE_ONCE,
      createEleventy(tools),
      createSharpCli(tools),
      ...findVipsthumbnail(),
    ]
    const ours = createImgsizes(EQUAL_ENCODERS)
    const equal = await race({ ...job, name: 'equal', formats: EQUAL, rounds }, [ours, ...others])
    printTable(equalTitle, equal)
    // A difference of a tenth is no more than what a noisy machine adds to one round.
    const floor = await raceCodecs({ ...job, name: 'floor', formats: EQUAL, rounds: rounds * 2 + 1 }, ours)
    console.log(
      `\nbare codecs ${seconds(floor.bareMs)}, build ${seconds(floor.buildMs)}, both without their start: ${floor.ratio.toFixed(2)}× (CPU ${floor.cpuRatio.toFixed(2)}×)`,
    )
    Object.assign(report, { equal, floor })
  }
  if (isWanted(defaultsTitle)) {
    const contenders = [createImgsizes(), createEleventy(tools), createEleventy(tools, SAME_LOOK)]
    const defaults = await race(
      { ...job, name: 'defaults', formats: OWN_DEFAULTS, rounds: Math.min(rounds, 2) },
      contenders,
    )
    printTable(defaultsTitle, defaults)
    Object.assign(report, { defaults })
  }
  return report
}

const benchKinds = async ({ rounds, tools, folder, isWanted }: Bench, photos: readonly string[]) => {
  const ours = createImgsizes(EQUAL_ENCODERS)
  const others = [PLAIN_LOOP, DECODE_ONCE, createEleventy(tools)]
  const report: Record<string, readonly Row[]> = {}
  for (const { title, corpus, widths, formats, isDrawn } of KINDS.filter((kind) => isWanted(kind.title))) {
    const sources = await findCorpus(corpus, photos)
    const contenders = isDrawn ? [ours, FEW_TRIES, ...others] : [ours, ...others]
    const rows = await race({ sources, widths, formats, name: corpus, folder, rounds }, contenders)
    printTable(title, rows)
    report[title] = rows
  }
  return report
}

interface Race extends Omit<Job, 'out'> {
  /** For its folders. */
  readonly name: string
  readonly folder: string
  readonly rounds: number
}

/** A new folder for each round: where ext4 has deleted much just now, it makes files at three times the cost. */
const outOf = ({ folder, name }: Race, contender: string, round: number): string =>
  join(folder, `${name}-${contender.replaceAll(/[^a-zA-Z0-9]/g, '-')}${round === 0 ? '' : `-${round}`}`)

/** Everyone once, round by round, each beginning a round in turn; medians. */
const race = async (job: Race, contenders: readonly Contender[]): Promise<readonly Row[]> => {
  const costs = new Map<string, Cost[]>()
  const made = new Map<string, { files: number; bytes: number }>()
  for (let round = 0; round < job.rounds; round++) {
    const order = [
      ...contenders.slice(round % contenders.length),
      ...contenders.slice(0, round % contenders.length),
    ]
    for (const { name, run } of order) {
      const out = outOf(job, name, round)
      costs.set(name, [...(costs.get(name) ?? []), await run({ ...job, out })])
      made.set(name, countFiles(out))
    }
  }
  return contenders.map(({ name }) => {
    const runs = costs.get(name) ?? []
    return {
      name,
      wallMs: median(runs.map(({ wallMs }) => wallMs)),
      cpuMs: median(runs.map(({ cpuMs }) => cpuMs)),
      peakBytes: median(runs.map(({ peakBytes }) => peakBytes)),
      ...(made.get(name) ?? { files: 0, bytes: 0 }),
    }
  })
}

/** `build` without its start, beside one decode of each source and every encode from ready pixels. */
const raceCodecs = async (job: Race, ours: Contender) => {
  const tiny = await makeTinyPictures(job.folder)
  const buildAnew = (sources: readonly string[], name: string, round: number): Promise<Cost> =>
    ours.run({ ...job, sources, out: outOf(job, name, round) })
  const runs: { bareMs: number; bareCpuMs: number; buildMs: number; buildCpuMs: number }[] = []
  for (let round = 0; round < job.rounds; round++) {
    const floor = await runScript('bare-codecs.mjs', { ...job, out: '' })
    const bare = JSON.parse(floor.stdout) as { wallMs: number; cpuMs: number }
    const cost = await buildAnew(job.sources, 'all', round)
    const start = await buildAnew(tiny, 'start', round)
    runs.push({
      bareMs: bare.wallMs,
      bareCpuMs: bare.cpuMs,
      buildMs: cost.wallMs - start.wallMs,
      buildCpuMs: cost.cpuMs - start.cpuMs,
    })
  }
  return {
    bareMs: median(runs.map(({ bareMs }) => bareMs)),
    buildMs: median(runs.map(({ buildMs }) => buildMs)),
    ratio: median(runs.map(({ bareMs, buildMs }) => buildMs / bareMs)),
    cpuRatio: median(runs.map(({ bareCpuMs, buildCpuMs }) => buildCpuMs / bareCpuMs)),
  }
}

const makeTinyPictures = (folder: string): Promise<readonly string[]> =>
  Promise.all(
    ['#345', '#abc'].map(async (background, i) => {
      const file = join(folder, `tiny-${i}.jpg`)
      await sharp({ create: { width: 60, height: 40, channels: 3, background } }).toFile(file)
      return file
    }),
  )

const listFiles = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('.imgsizes'))
    .map((entry) => join(entry.parentPath, entry.name))

const countFiles = (folder: string): { files: number; bytes: number } => {
  const files = listFiles(folder)
  const sizes = files.map((file) => Number(execFileSync('stat', ['-c', '%s', file], { encoding: 'utf8' })))
  return { files: files.length, bytes: sizes.reduce((sum, size) => sum + size, 0) }
}

const printTable = (title: string, rows: readonly Row[]): void => {
  const [ours] = rows
  console.log(`\n${title}\n`)
  console.log(
    '| | seconds | times ours | CPU seconds | times ours | peak memory | times ours | files | bytes |',
  )
  console.log('|---|---:|---:|---:|---:|---:|---:|---:|---:|')
  for (const row of rows) {
    const cells = [
      row.name,
      seconds(row.wallMs),
      `${(row.wallMs / (ours?.wallMs ?? 1)).toFixed(2)}×`,
      seconds(row.cpuMs),
      `${(row.cpuMs / (ours?.cpuMs ?? 1)).toFixed(2)}×`,
      `${Math.round(row.peakBytes / 1e6)} MB`,
      `${(row.peakBytes / (ours?.peakBytes ?? 1)).toFixed(2)}×`,
      String(row.files),
      `${(row.bytes / 1e6).toFixed(1)} MB`,
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

const describeMachine = () => ({
  cpus: availableParallelism(),
  model: cpus()[0]?.model ?? '',
  node: process.version,
  sharp: sharp.versions.sharp,
  vips: sharp.versions.vips,
})

await main()
