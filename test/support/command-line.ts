import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

export const BIN = fileURLToPath(new URL('../../bin/imgsizes.cjs', import.meta.url))

export interface Outcome {
  /** 128 and the signal's number where one ended it, as a shell says it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  readonly cwd: string
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv
  readonly stdin?: string
}

export interface ProcessOptions extends CommandOptions {
  /** What Node runs; by default our program. */
  readonly bin?: string
  /** The user to run as. */
  readonly uid?: number
  /** Called with everything on stderr so far, whenever there is more; a signal that it gives is sent. */
  readonly interrupt?: (stderr: string) => NodeJS.Signals | undefined
}

/** Runs the real program as a process of its own, without a terminal. */
export const runProcess = (args: readonly string[], options: ProcessOptions): Promise<Outcome> => {
  const { bin = BIN, cwd, env, uid, stdin = '', interrupt } = options
  const child = spawn(process.execPath, [bin, ...args], { cwd, env, ...(uid !== undefined && { uid }) })
  child.stdin.end(stdin)
  const said = collect(child, ({ stderr }) => {
    const signal = interrupt?.(stderr)
    if (signal !== undefined) child.kill(signal)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code: code ?? toShellCode(signal), ...said }))
  })
}

const toShellCode = (signal: NodeJS.Signals | null): number | null =>
  signal === null ? null : 128 + constants.signals[signal]

export type Run = (args: readonly string[], options: CommandOptions) => Promise<Outcome>

/** Runs commands in processes that stay, each of which does what the file says with a message that names a command. */
export const createRun = (file: string): Run => {
  /** Processes that run nothing now. One is enough, but for tests that run commands side by side. */
  const idle: ChildProcess[] = []
  return async (args, options) => {
    const runner = idle.pop() ?? startRunner(file)
    const outcome = await runWith(runner, args, options)
    idle.push(runner)
    return outcome
  }
}

/**
 * As {@link runProcess}, in a process that has run other commands before. Not for what is about processes: their
 * start, their end, signals, users and settings of Node.
 */
export const runCommand = createRun(fileURLToPath(new URL('./command-runner.mjs', import.meta.url)))

const runWith = (
  runner: ChildProcess,
  args: readonly string[],
  options: CommandOptions,
): Promise<Outcome> => {
  const end = randomUUID()
  return new Promise((resolve, reject) => {
    let code: number | undefined
    const settle = (): void => {
      if (code === undefined || !said.stdout.endsWith(end) || !said.stderr.endsWith(end)) return
      for (const name of ['message', 'close']) runner.removeAllListeners(name)
      const [stdout, stderr] = [said.stdout, said.stderr].map((text) => text.slice(0, -end.length))
      resolve({ code, stdout: stdout ?? '', stderr: stderr ?? '' })
    }
    const said = collect(runner, settle)
    runner.once('message', (sent) => {
      code = Number(sent)
      settle()
    })
    runner.once('close', (status) =>
      reject(new Error(`${args.join(' ')} ended its process (${status}): ${said.stderr}`)),
    )
    runner.send({ args, end, stdin: '', ...options })
  })
}

/** Lines of progress come from the second second on: only a slow machine says them. */
export const dropProgress = (outcome: Outcome): Outcome => ({
  ...outcome,
  stderr: outcome.stderr.replaceAll(PROGRESS, ''),
})
const PROGRESS =
  /^(?:[\d,]+(?:\/[\d,]+)? (?:sources?, .*\d s\b.*|results? checked, \d+ bad|(?:sources?|lines?) (?:compared|read)|results? to delete)|comparing originals and results)\n/gm

/** It ends with this process, and does not keep it. */
const startRunner = (file: string): ChildProcess => {
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  for (const handle of [child, child.channel, child.stdout, child.stderr]) unref(handle)
  return child
}

const unref = (handle: unknown): void => (handle as { unref(): void }).unref()

interface Said {
  stdout: string
  stderr: string
}

/** What a process says from now on, and whenever there is more of it. */
const collect = ({ stdout, stderr }: ChildProcess, hear: (said: Said) => void): Said => {
  const said = { stdout: '', stderr: '' }
  for (const [name, stream] of Object.entries({ stdout, stderr }))
    stream
      ?.setEncoding('utf8')
      .removeAllListeners('data')
      .on('data', (text: string) => {
        said[name as keyof Said] += text
        hear(said)
      })
  return said
}
