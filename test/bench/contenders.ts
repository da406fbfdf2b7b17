import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { type Cost, measure } from './measure.ts'
import { CACHE } from './photos.ts'

const BIN = resolve(import.meta.dirname, '../../bin/imgsizes.cjs')
const SCRIPTS = join(import.meta.dirname, 'contenders')

export interface Format {
  /** sharp's and eleventy-img's name. */
  readonly name: 'avif' | 'webp' | 'jpeg' | 'png' | 'gif'
  /** What the encoder is told; none: the tool's own defaults. */
  readonly options?: Readonly<Record<string, unknown>>
}

export interface Job {
  readonly sources: readonly string[]
  readonly widths: readonly number[]
  readonly formats: readonly Format[]
  /** Where the results go; empty. */
  readonly out: string
}

export interface Contender {
  readonly name: string
  readonly run: (job: Job) => Promise<Cost>
}

/** As an installed program runs; `encoders` as a configuration has them. */
export const createImgsizes = (
  config: Readonly<Record<string, unknown>> = {},
  name = 'imgsizes',
): Contender => ({
  name,
  run: ({ sources, widths, formats, out }) => {
    const input = `${out}-originals`
    mkdirSync(input, { recursive: true })
    for (const source of sources)
      if (!existsSync(join(input, basename(source)))) copyFileSync(source, join(input, basename(source)))
    const file = `${out}.json`
    const whole = {
      source: { uri: input },
      output: out,
      baseUrl: '/',
      secret: 'correct-horse-battery-staple',
      formats: formats.map(({ name }) => (name === 'jpeg' ? 'jpg' : name)),
      sizes: { content: { widths } },
      vectors: 'draw',
      ...config,
    }
    writeFileSync(file, JSON.stringify(whole))
    return measure([process.execPath, BIN, 'build', '--config', file, '--json', '--quiet'])
  },
})

export const runScript = (script: string, job: Job & { readonly tools?: string }): Promise<Cost> =>
  measure([process.execPath, join(SCRIPTS, script), JSON.stringify(job)])

export const PLAIN_LOOP: Contender = {
  name: 'plain sharp loop',
  run: (job) => runScript('plain-loop.mjs', job),
}
export const DECODE_ONCE: Contender = {
  name: 'decode-once loop',
  run: (job) => runScript('decode-once.mjs', job),
}

/** The other tools, installed once beside the project and not in it. */
export const findTools = (given?: string): string => {
  const tools = given ?? join(CACHE, 'tools-7')
  if (existsSync(join(tools, 'node_modules/sharp-cli'))) return tools
  mkdirSync(tools, { recursive: true })
  console.error(`installing the other tools into ${tools}`)
  execFileSync('npm', ['i', '--prefix', tools, '@11ty/eleventy-img@^7.0.0', 'sharp-cli@^6.1.0'], {
    stdio: 'ignore',
  })
  return tools
}

export const createEleventy = (tools: string, formats?: readonly Format[]): Contender => ({
  name: formats === undefined ? '@11ty/eleventy-img' : '@11ty/eleventy-img, AVIF at 58',
  run: (job) => runScript('eleventy-img.mjs', { ...job, ...(formats && { formats }), tools }),
})

export const createSharpCli = (tools: string): Contender => ({
  name: 'sharp-cli',
  run: (job) => runCommands(listSharpCli(job, tools)),
})

/** Debian's libvips-tools; empty where it is not installed. */
export const findVipsthumbnail = (): readonly Contender[] => {
  try {
    execFileSync('which', ['vipsthumbnail'], { stdio: 'ignore' })
    return [{ name: 'vipsthumbnail', run: (job) => runCommands(listVipsthumbnail(job)) }]
  } catch {
    console.error('vipsthumbnail is not installed and left out (Debian: libvips-tools)')
    return []
  }
}

/** Commands as one contender: as many at once as there are cores. */
const runCommands = async (commands: readonly (readonly string[])[]): Promise<Cost> => {
  const left = [...commands]
  const startedAt = performance.now()
  const costs: Cost[] = []
  const work = async (): Promise<void> => {
    for (let command = left.shift(); command !== undefined; command = left.shift())
      costs.push(await measure(command, { env: { VIPS_CONCURRENCY: '1' } }))
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

const listSharpCli = (
  { sources, widths, formats, out }: Job,
  tools: string,
): readonly (readonly string[])[] =>
  widths.flatMap((width) =>
    formats.map(({ name, options = {} }) => {
      const folder = join(out, `${name}-${width}`)
      mkdirSync(folder, { recursive: true })
      const quality = typeof options.quality === 'number' ? ['-q', String(options.quality)] : []
      const bin = join(tools, 'node_modules/sharp-cli/bin/cli.js')
      const progressive = name === 'jpeg' ? ['--progressive'] : []
      const files = sources.flatMap((source) => ['-i', source])
      const encoder = ['-o', folder, '-f', name, ...quality, ...progressive]
      return [process.execPath, bin, ...files, ...encoder, 'resize', String(width), '--withoutEnlargement']
    }),
  )

const listVipsthumbnail = ({ sources, widths, formats, out }: Job): readonly (readonly string[])[] =>
  widths.flatMap((width) =>
    formats.map(({ name, options = {} }) => {
      const folder = join(out, `${name}-${width}`)
      mkdirSync(folder, { recursive: true })
      const ending = name === 'jpeg' ? `jpg[Q=${options.quality},interlace]` : `webp[Q=${options.quality}]`
      return ['vipsthumbnail', ...sources, '--size', `${width}x>`, '-o', join(folder, `%s.${ending}`)]
    }),
  )
