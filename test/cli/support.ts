import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { chooseStyle, type Terminal } from '../../src/cli/terminal.ts'
import {
  dropProgress,
  type Outcome,
  type ProcessOptions,
  runCommand,
  runProcess,
} from '../support/command-line.ts'
import { makeFolder } from '../support/folder.ts'
import { QUICKEST } from '../support/site.ts'

export { makeFolder }

const PLAIN = chooseStyle({}, false)

/** A terminal that nobody reads. */
export const SILENT: Terminal = {
  print: () => {},
  report: () => {},
  log: () => {},
  style: PLAIN,
  logStyle: PLAIN,
  width: 80,
  canRedraw: false,
  canAsk: false,
  confirm: async () => false,
  findFailure: async () => undefined,
  divert: () => () => {},
}

export const SECRET = 'correct-horse-battery-staple'

export interface RunOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
}

/** Runs a command: without a terminal, and no colours unless `env` says so. */
export const run = (args: readonly string[], options: RunOptions): Promise<Outcome> =>
  runCommand(args, { ...options, env: withPath(options.env) }).then(dropProgress)

/** As {@link run}, in a process of its own. */
export const runAsProcess = (
  args: readonly string[],
  options: RunOptions & Omit<ProcessOptions, 'env'>,
): Promise<Outcome> => runProcess(args, { ...options, env: withPath(options.env) }).then(dropProgress)

const withPath = (env: RunOptions['env'] = {}): NodeJS.ProcessEnv => {
  const { PATH = '', HOME = '' } = process.env
  return { PATH, HOME, ...env }
}

/** An `interrupt` that sends each signal once, when its text has been seen on stderr, one after the other. */
export const sendOn = (...steps: readonly (readonly [text: string, signal: NodeJS.Signals])[]) => {
  const left = [...steps]
  return (stderr: string): NodeJS.Signals | undefined =>
    left[0] !== undefined && stderr.includes(left[0][0]) ? left.shift()?.[1] : undefined
}

export const writeText = async (file: string, text: string): Promise<void> => {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}

/** A picture that no encoder makes nothing of. */
export const writePicture = async (file: string, width = 64, height = 48): Promise<void> => {
  await mkdir(dirname(file), { recursive: true })
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const
  await sharp({ create: { width, height, channels: 3, background: '#000', noise } }).toFile(file)
}

/** What a project is made of besides its pictures: quick formats and encoders, two sizes, four results a picture. */
export const CONFIG = {
  source: './photos',
  output: './out',
  baseUrl: 'https://img.example.com/',
  secret: SECRET,
  formats: ['webp', 'original'],
  encoders: QUICKEST,
  sizes: { small: { widths: [16, 32] }, card: { width: 20, height: 20, match: 'cards/**' } },
} as const

export const writeConfig = (folder: string, changes: object = {}): Promise<void> =>
  writeText(join(folder, 'imgsizes.config.json'), JSON.stringify({ ...CONFIG, ...changes }))

/** A folder with a configuration and these pictures below `photos/`. */
export const makeProject = async (pictures: readonly string[], changes: object = {}): Promise<string> => {
  const folder = await makeFolder()
  await writeConfig(folder, changes)
  await mkdir(join(folder, 'photos'), { recursive: true })
  await Promise.all(pictures.map((name) => writePicture(join(folder, 'photos', name))))
  return folder
}

/** Every stored result, as keys in no order. */
export const listOutput = async (folder: string): Promise<readonly string[]> => {
  const out = join(folder, 'out')
  const entries = await readdir(out, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(out.length + 1))
    .filter((key) => !key.startsWith('.imgsizes/'))
}
