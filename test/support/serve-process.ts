import { type ChildProcess, spawn } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { BIN } from './command-line.ts'

export interface ServeProcess {
  readonly port: number
  readonly child: ChildProcess
  /** Everything on stderr so far. */
  readonly stderr: () => string
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
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const port = await new Promise<number>((resolve, reject) => {
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      if (stdout.includes('\n')) resolve(JSON.parse(stdout).port)
    })
    void ended.then((code) => reject(new Error(`serve ended with ${code}: ${stderr}`)))
  })
  return {
    port,
    child,
    stderr: () => stderr,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal)
      return ended
    },
  }
}
