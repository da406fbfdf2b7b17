import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import sharp from 'sharp'
import { onTestFinished } from 'vitest'
import { BIN, dropProgress, type Outcome, runCommand } from './command-line.ts'

/** A folder with a configuration, on which the real executable runs. */
export interface Site {
  readonly folder: string
  /** Runs a command to its end. */
  run(...args: readonly string[]): Promise<Outcome>
  /** As `run`, with `--json`: what it printed. */
  json<T = Record<string, unknown>>(...args: readonly string[]): Promise<T>
  /** Starts a command that the caller ends. */
  start(...args: readonly string[]): ChildProcess
  write(path: string, content: string | Uint8Array): void
  remove(): void
}

const TIME_LIMIT_MS = 120_000

export const SECRET = 'correct-horse-battery-staple'

/**
 * The quickest of every encoder, without a search for the lowest number of each file: both together take most of a build.
 * Tests of their own try what an encoder does.
 */
export const QUICKEST = {
  avif: { search: false, effort: 0 },
  webp: { search: false, effort: 0 },
  jpeg: { search: false, mozjpeg: false, progressive: false },
  png: { compressionLevel: 1 },
  gif: { effort: 1 },
} as const

/** A site that is removed when the test that opens it has ended, or with `afterAll` when all of its file or `describe` have. */
export const openTestSite = (
  config: Readonly<Record<string, unknown>>,
  onEnd: (end: () => void) => void = onTestFinished,
): Site => {
  const site = openSite(config)
  onEnd(site.remove)
  return site
}

/** A new site; `config` is written as JSON. The caller removes it. */
export const openSite = (config: Readonly<Record<string, unknown>>): Site => {
  const folder = mkdtempSync(join(tmpdir(), 'imgsizes-site-'))
  const write = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  write(
    'imgsizes.config.json',
    JSON.stringify({ baseUrl: '/', secret: SECRET, encoders: QUICKEST, ...config }),
  )
  const run = (...args: readonly string[]): Promise<Outcome> =>
    runCommand(args, { cwd: folder, env: withoutColours() }).then(dropProgress)
  const start = (...args: readonly string[]): ChildProcess =>
    spawn(process.execPath, [BIN, ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: withoutColours(),
      timeout: TIME_LIMIT_MS,
    })
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

const withoutColours = (): NodeJS.ProcessEnv => ({ ...process.env, NO_COLOR: '1' })

/** The bytes of a sample picture of this repository. */
export const readSample = (name: string): Promise<Buffer> =>
  readFile(resolve(import.meta.dirname, '../samples/photos', name))

/** Writes `count` sample photographs of so many pixels across, each in a hue of its own: `in/0.jpg` and so on. */
export const writePhotos = async (site: Site, count: number, width: number): Promise<void> => {
  const photo = sharp(await readSample('nature/leaves.jpg')).resize(width)
  for (let i = 0; i < count; i++) {
    const hued = photo.clone().modulate({ hue: i * 40 })
    site.write(`in/${i}.jpg`, await hued.jpeg().toBuffer())
  }
}
