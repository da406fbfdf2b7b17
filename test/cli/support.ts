import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { onTestFinished } from 'vitest'

export const BIN = fileURLToPath(new URL('../../bin/imgsizes.cjs', import.meta.url))
export const SECRET = 'correct-horse-battery-staple'

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  /** The user to run as. */
  readonly uid?: number
  /** Called with everything on stderr so far, whenever there is more; a signal that it gives is sent. */
  readonly interrupt?: (stderr: string) => NodeJS.Signals | undefined
}

/** Runs the real program as a process of its own: no terminal, no colours unless `env` says so. */
export const run = (args: readonly string[], options: RunOptions): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const { PATH = '', HOME = '' } = process.env
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd: options.cwd,
      env: { PATH, HOME, ...options.env },
      ...(options.uid !== undefined && { uid: options.uid }),
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
      const signal = options.interrupt?.(stderr)
      if (signal !== undefined) child.kill(signal)
    })
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code: code ?? toShellCode(signal), stdout, stderr }))
    child.stdin.end(options.stdin ?? '')
  })

/** What a shell says of a program that ended by a signal. */
const toShellCode = (signal: NodeJS.Signals | null): number | null =>
  signal === null ? null : 128 + constants.signals[signal]

/** An `interrupt` that sends each signal once, when its text has been seen on stderr, one after the other. */
export const sendOn = (...steps: readonly (readonly [text: string, signal: NodeJS.Signals])[]) => {
  const left = [...steps]
  return (stderr: string): NodeJS.Signals | undefined =>
    left[0] !== undefined && stderr.includes(left[0][0]) ? left.shift()?.[1] : undefined
}

/** An empty folder that goes when the test ends. */
export const makeFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'imgsizes-cli-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
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

/** What a project is made of besides its pictures: quick formats, two sizes, four results a picture. */
export const CONFIG = {
  source: './photos',
  output: './out',
  baseUrl: 'https://img.example.com/',
  secret: SECRET,
  formats: ['webp', 'original'],
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
