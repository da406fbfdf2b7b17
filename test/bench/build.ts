/**
 * `imgsizes build` beside what people use today: the same photographs, sizes, formats and qualities.
 *
 *     npm run bench -- [--photos <folder>] [--count 16] [--rounds 3] [--tools <folder>] [--json <file>]
 *
 * The photographs are those of Debian's mate-backgrounds, downloaded once; @11ty/eleventy-img and sharp-cli are
 * installed once into the folder of tools, beside the project and not in it; vipsthumbnail is Debian's
 * libvips-tools. The contenders take turns, round by round, and medians are compared: trust the ratios, not the
 * seconds. Every figure is of whole processes, their start included, except for the bare codecs, which are
 * compared with a build less what it costs to build two tiny pictures: their own start is not counted either.
 *
 * All of them run with MALLOC_ARENA_MAX=2, as the jobs that `init --ci` writes and README's do: it takes a quarter of
 * our memory, a tenth of eleventy-img's, and nobody's time. Defaults do not look alike: eleventy-img's AVIF at its 50
 * is farther from the picture than ours (butteraugli's 3-norm at 960 pixels, mean of the sixteen: 1.23 for 1.01). At
 * 58 it is as near (1.08 at 56, 0.97 at 60), which is the third row.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, homedir, tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { compareLook } from '../support/look.ts'
import { type Cost, measure, median } from './measure.ts'
import { findPhotos } from './photos.ts'

const BIN = resolve(import.meta.dirname, '../../bin/imgsizes.cjs')
const CONTENDERS = join(import.meta.dirname, 'contenders')
const ENVIRONMENT = { MALLOC_ARENA_MAX: '2' }
const WIDTHS = [320, 640, 960, 1280, 1920]

interface Format {
  /** sharp's and eleventy-img's name. */
  readonly name: 'avif' | 'webp' | 'jpeg'
  /** What the encoder is told; none: the tool's own defaults. */
  readonly options?: Readonly<Record<string, unknown>>
}

/** The same encoders for all: libwebp at effort 4, libjpeg-turbo progressive. */
const EQUAL: readonly Format[] = [
  { name: 'webp', options: { quality: 80, effort: 4 } },
  { name: 'jpeg', options: { quality: 78, progressive: true, mozjpeg: false } },
]
const OWN_DEFAULTS: readonly Format[] = [{ name: 'avif' }, { name: 'webp' }, { name: 'jpeg' }]
/** Of eleventy-img, what looks as our defaults do. */
const SAME_LOOK: readonly Format[] = [
  { name: 'avif', options: { quality: 58 } },
  { name: 'webp' },
  { name: 'jpeg' },
]

interface Job {
  readonly photos: readonly string[]
  readonly formats: readonly Format[]
  /** Where the results go; empty. */
  readonly out: string
}

interface Contender {
  readonly name: string
  readonly run: (job: Job) => Promise<Cost>
}

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
      photos: { type: 'string' },
      count: { type: 'string', default: '16' },
      rounds: { type: 'string', default: '3' },
      tools: { type: 'string' },
      json: { type: 'string' },
    },
  })
  const photos = findPhotos(values.photos).slice(0, Number(values.count))
  const tools = installTools(values.tools)
  const rounds = Number(values.rounds)
  const contenders = listContenders(tools)
  const folder = mkdtempSync(join(tmpdir(), 'imgsizes-bench-'))
  try {
    const equal = await race({ photos, formats: EQUAL, folder, rounds }, contenders)
    // A difference of a tenth is no more than what a noisy machine adds to one round.
    const floor = await raceCodecs({ photos, formats: EQUAL, folder, rounds: rounds * 2 + 1 })
    printTable(`WebP and JPEG at ${WIDTHS.join(', ')}, equal encoders, ${photos.length} photographs`, equal)
    console.log(
      `\nbare codecs ${seconds(floor.bareMs)}, build ${seconds(floor.buildMs)}, both without their start: ${floor.ratio.toFixed(2)}× (CPU ${floor.cpuRatio.toFixed(2)}×)`,
    )
    const defaults = await race({ photos, formats: OWN_DEFAULTS, folder, rounds: Math.min(rounds, 2) }, [
      ...contenders.filter(({ name }) => name === 'imgsizes' || name === '@11ty/eleventy-img'),
      {
        name: '@11ty/eleventy-img, AVIF at 58',
        run: (job) => runScript('eleventy-img.mjs', { ...job, formats: SAME_LOOK, tools }),
      },
    ])
    printTable(`AVIF, WebP and JPEG, each at its own defaults, ${photos.length} photographs`, defaults)
    const look = await compareDefaults(photos[0] ?? '', folder)
    console.log(`\nlook at 960 pixels (SSIM to a full resample): ${JSON.stringify(look)}`)
    const report = {
      machine: describeMachine(),
      widths: WIDTHS,
      photos: photos.length,
      rounds,
      equal,
      floor,
      defaults,
      look,
    }
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, undefined, 2)}\n`)
    else console.log(`\n${JSON.stringify(report)}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const listContenders = (tools: string): readonly Contender[] => [
  { name: 'imgsizes', run: buildWithImgsizes },
  { name: 'plain sharp loop', run: (job) => runScript('plain-loop.mjs', job) },
  { name: '@11ty/eleventy-img', run: (job) => runScript('eleventy-img.mjs', { ...job, tools }) },
  { name: 'sharp-cli', run: (job) => runCommands(listSharpCli(job, tools)) },
  ...(isInstalled('vipsthumbnail')
    ? [{ name: 'vipsthumbnail', run: (job: Job) => runCommands(listVipsthumbnail(job)) }]
    : []),
]

const buildWithImgsizes = ({ photos, formats, out }: Job): Promise<Cost> => {
  const input = `${out}-originals`
  mkdirSync(input, { recursive: true })
  for (const photo of photos)
    if (!existsSync(join(input, basename(photo)))) copyFileSync(photo, join(input, basename(photo)))
  const isEqual = formats === EQUAL
  const config = {
    source: { uri: input },
    output: out,
    baseUrl: '/',
    secret: 'correct-horse-battery-staple',
    formats: formats.map(({ name }) => (name === 'jpeg' ? 'jpg' : name)),
    sizes: { content: { widths: WIDTHS } },
    ...(isEqual && { encoders: { jpeg: { mozjpeg: false } } }),
  }
  const file = `${out}.json`
  writeFileSync(file, JSON.stringify(config))
  return measure([process.execPath, BIN, 'build', '--config', file, '--json', '--quiet'], {
    env: ENVIRONMENT,
  })
}

const runScript = (script: string, job: Job & { readonly tools?: string }): Promise<Cost> =>
  measure([process.execPath, join(CONTENDERS, script), JSON.stringify({ ...job, widths: WIDTHS })], {
    env: ENVIRONMENT,
  })

/** Commands as one contender: as many at once as there are cores. */
const runCommands = async (commands: readonly (readonly string[])[]): Promise<Cost> => {
  const left = [...commands]
  const startedAt = performance.now()
  const costs: Cost[] = []
  const work = async (): Promise<void> => {
    for (let command = left.shift(); command !== undefined; command = left.shift())
      costs.push(await measure(command, { env: { ...ENVIRONMENT, VIPS_CONCURRENCY: '1' } }))
  }
  const lanes = availableParallelism()
  await Promise.all(Array.from({ length: lanes }, work))
  const peaks = costs.map(({ peakBytes }) => peakBytes).sort((a, b) => b - a)
  return {
    wallMs: performance.now() - startedAt,
    cpuMs: costs.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    peakBytes: peaks.slice(0, lanes).reduce((sum, peak) => sum + peak, 0),
    stdout: '',
  }
}

const listSharpCli = ({ photos, formats, out }: Job, tools: string): readonly (readonly string[])[] =>
  WIDTHS.flatMap((width) =>
    formats.map(({ name, options = {} }) => {
      const folder = join(out, `${name}-${width}`)
      mkdirSync(folder, { recursive: true })
      const quality = typeof options.quality === 'number' ? ['-q', String(options.quality)] : []
      const bin = join(tools, 'node_modules/sharp-cli/bin/cli.js')
      const progressive = name === 'jpeg' ? ['--progressive'] : []
      const files = photos.flatMap((photo) => ['-i', photo])
      const encoder = ['-o', folder, '-f', name, ...quality, ...progressive]
      return [process.execPath, bin, ...files, ...encoder, 'resize', String(width), '--withoutEnlargement']
    }),
  )

const listVipsthumbnail = ({ photos, formats, out }: Job): readonly (readonly string[])[] =>
  WIDTHS.flatMap((width) =>
    formats.map(({ name, options = {} }) => {
      const folder = join(out, `${name}-${width}`)
      mkdirSync(folder, { recursive: true })
      const ending = name === 'jpeg' ? `jpg[Q=${options.quality},interlace]` : `webp[Q=${options.quality}]`
      return ['vipsthumbnail', ...photos, '--size', `${width}x>`, '-o', join(folder, `%s.${ending}`)]
    }),
  )

interface Race {
  readonly photos: readonly string[]
  readonly formats: readonly Format[]
  readonly folder: string
  readonly rounds: number
}

/** Everyone once, round by round, each beginning a round in turn; medians. */
const race = async (
  { photos, formats, folder, rounds }: Race,
  contenders: readonly Contender[],
): Promise<readonly Row[]> => {
  const costs = new Map<string, Cost[]>()
  const made = new Map<string, { files: number; bytes: number }>()
  for (let round = 0; round < rounds; round++) {
    const order = [
      ...contenders.slice(round % contenders.length),
      ...contenders.slice(0, round % contenders.length),
    ]
    for (const { name, run } of order) {
      const out = join(folder, `${formats.length}-${name.replaceAll(/[^a-zA-Z0-9]/g, '-')}`)
      rmSync(out, { recursive: true, force: true })
      costs.set(name, [...(costs.get(name) ?? []), await run({ photos, formats, out })])
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
const raceCodecs = async ({ photos, formats, folder, rounds }: Race) => {
  const tiny = await makeTinyPictures(folder)
  const runs: { bareMs: number; bareCpuMs: number; buildMs: number; buildCpuMs: number }[] = []
  for (let round = 0; round < rounds; round++) {
    const floor = await runScript('bare-codecs.mjs', { photos, formats, out: '' })
    const bare = JSON.parse(floor.stdout) as { wallMs: number; cpuMs: number }
    const cost = await buildAnew({ photos, formats, out: join(folder, 'floor') })
    const start = await buildAnew({ photos: tiny, formats, out: join(folder, 'start') })
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

const buildAnew = (job: Job): Promise<Cost> => {
  rmSync(job.out, { recursive: true, force: true })
  return buildWithImgsizes(job)
}

const makeTinyPictures = (folder: string): Promise<readonly string[]> =>
  Promise.all(
    ['#345', '#abc'].map(async (background, i) => {
      const file = join(folder, `tiny-${i}.jpg`)
      await sharp({ create: { width: 60, height: 40, channels: 3, background } }).toFile(file)
      return file
    }),
  )

/** How near each tool's default files at 960 pixels are to the picture itself. */
const compareDefaults = async (photo: string, folder: string) => {
  const reference = await sharp(photo)
    .rotate()
    .extract(await whole(photo))
    .resize({ width: 960 })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const look: Record<string, number> = {}
  for (const tool of ['imgsizes', '-11ty-eleventy-img'])
    for (const file of listFiles(join(folder, `3-${tool}`))) {
      const format = file.split('.').at(-1) ?? ''
      const picture = await sharp(file)
        .removeAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true })
        .catch(() => undefined)
      const isOfPhoto = file.includes(basename(photo)) || tool !== 'imgsizes'
      if (picture?.info.width !== 960 || !isOfPhoto || picture.info.height !== reference.info.height) continue
      const ssim = compareLook(picture, reference).ssim
      const name = `${tool === 'imgsizes' ? 'imgsizes' : '@11ty/eleventy-img'} ${format}`
      look[name] = Math.max(look[name] ?? 0, Number(ssim.toFixed(4)))
    }
  return look
}

/** Taking all of it keeps sharp from decoding at a fraction. */
const whole = async (photo: string) => {
  const { autoOrient } = await sharp(photo).metadata()
  return { left: 0, top: 0, width: autoOrient.width, height: autoOrient.height }
}

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

const installTools = (given?: string): string => {
  const tools =
    given ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'imgsizes-bench', 'tools')
  if (existsSync(join(tools, 'node_modules/sharp-cli'))) return tools
  mkdirSync(tools, { recursive: true })
  console.error(`installing the other tools into ${tools}`)
  execFileSync('npm', ['i', '--prefix', tools, '@11ty/eleventy-img@^6.0.4', 'sharp-cli@^6.1.0'], {
    stdio: 'ignore',
  })
  return tools
}

const isInstalled = (program: string): boolean => {
  try {
    execFileSync('which', [program], { stdio: 'ignore' })
    return true
  } catch {
    console.error(`${program} is not installed and left out (Debian: libvips-tools)`)
    return false
  }
}

await main()
