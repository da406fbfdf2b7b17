import { type ChildProcess, spawn } from 'node:child_process'
import { onTestFinished, vi } from 'vitest'
import { BIN } from './command-line.ts'

export interface ServeProcess {
  readonly port: number
  readonly child: ChildProcess
  /** Everything on stderr so far. */
  readonly stderr: () => string
  /** Where it shows its metrics, once it says so. */
  metricsUrl(): Promise<string>
  /** Sends a signal, and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

export interface ServeProcessOptions {
  readonly cwd: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Default 127.0.0.1. */
  readonly host?: string
  /** What Node is run by: `prlimit` and its arguments. */
  readonly launcher?: readonly string[]
}

/** `imgsizes serve` as a process of its own on a free port; it goes when the test ends. */
export const startServe = async (options: ServeProcessOptions): Promise<ServeProcess> => {
  const { PATH = '', HOME = '' } = process.env
  const { host = '127.0.0.1', launcher = [] } = options
  const args = ['serve', '--host', host, '--port', '0', '--json', ...(options.args ?? [])]
  const [program = '', ...rest] = [...launcher, process.execPath, BIN, ...args]
  const child = spawn(program, rest, {
    cwd: options.cwd,
    env: { PATH, HOME, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const { port, stderr } = await hearServe(child)
  return {
    port,
    child,
    stderr,
    metricsUrl: () =>
      vi.waitUntil(() => /http:[^"]*:[1-9][0-9]*\/metrics/.exec(stderr())?.[0], { timeout: 60_000 }),
    stop: (signal = 'SIGTERM') => {
      child.kill(signal)
      return ended
    },
  }
}

/** What a `serve` that was started says: its port, once it listens, and all on stderr so far. */
export const hearServe = async (child: ChildProcess) => {
  const said = { stdout: '', stderr: '' }
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text
  })
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said.stdout += text
      if (said.stdout.includes('\n')) resolve(JSON.parse(said.stdout).port)
    })
    child.once('close', (code) => reject(new Error(`serve ended with ${code}: ${said.stderr}`)))
  })
  return { port, stderr: () => said.stderr }
}
