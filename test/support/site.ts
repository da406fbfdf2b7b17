import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import sharp from 'sharp'

/** A folder with a configuration, on which the real executable runs. */
export interface Site {
  readonly folder: string
  /** Runs a command to its end. */
  run(...args: readonly string[]): Promise<Ended>
  /** As `run`, with `--json`: what it printed. */
  json<T = Record<string, unknown>>(...args: readonly string[]): Promise<T>
  /** Starts a command that the caller ends. */
  start(...args: readonly string[]): ChildProcess
  write(path: string, content: string | Uint8Array): void
  remove(): void
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const BIN = resolve(import.meta.dirname, '../../bin/imgsizes.cjs')
const TIME_LIMIT_MS = 120_000

export const SECRET = 'correct-horse-battery-staple'

/** Without a search for the lowest number of each file, which takes as long as all else: tests of its own try that. */
export const UNSEARCHED = {
  avif: { search: false },
  webp: { search: false },
  jpeg: { search: false },
} as const

/** A new site; `config` is written as JSON. The caller removes it. */
export const openSite = (config: Readonly<Record<string, unknown>>): Site => {
  const folder = mkdtempSync(join(tmpdir(), 'imgsizes-site-'))
  const write = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  write(
    'imgsizes.config.json',
    JSON.stringify({ baseUrl: '/', secret: SECRET, encoders: UNSEARCHED, ...config }),
  )
  const start = (...args: readonly string[]): ChildProcess =>
    spawn(process.execPath, [BIN, ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
      timeout: TIME_LIMIT_MS,
    })
  const run = async (...args: readonly string[]): Promise<Ended> => {
    const child = start(...args)
    const [stdout, stderr, code] = await Promise.all([
      readAll(child.stdout),
      readAll(child.stderr),
      new Promise<number | null>((end) => child.once('close', end)),
    ])
    return { code, stdout, stderr }
  }
  return {
    folder,
    run,
    start,
    write,
    json: async (...args) => {
      const { stdout, stderr } = await run(...args, '--json')
      try {
        return JSON.parse(stdout)
      } catch {
        throw new Error(`no JSON: ${stdout}\n${stderr}`)
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** The bytes of a sample picture of this repository. */
export const readSample = (name: string): Promise<Buffer> =>
  readFile(resolve(import.meta.dirname, '../samples/photos', name))

const readAll = async (stream: NodeJS.ReadableStream | null): Promise<string> => {
  let text = ''
  for await (const chunk of stream ?? []) text += String(chunk)
  return text
}

/** Writes `count` sample photographs of so many pixels across, each in a hue of its own: `in/0.jpg` and so on. */
export const writePhotos = async (site: Site, count: number, width: number): Promise<void> => {
  const photo = sharp(await readSample('nature/leaves.jpg')).resize(width)
  for (let i = 0; i < count; i++) {
    const hued = photo.clone().modulate({ hue: i * 40 })
    site.write(`in/${i}.jpg`, await hued.jpeg().toBuffer())
  }
}
