import { createInterface } from 'node:readline'
import { escapeButColours } from '../core/escape-controls.ts'
import { Problem } from '../core/problem.ts'
import type { NameProgram } from './program.ts'
import { canRedrawOn, chooseStyle, type Style } from './style.ts'

/** Where a command speaks: data to stdout, everything else to stderr. */
export interface Terminal {
  /** A line of data, or several. */
  print(text: string): void
  /** A line for people on stdout, or several: what came of a command. */
  report(text: string): void
  /** A line for people on stderr, or several. Written above a progress bar while one is shown. */
  log(text: string): void
  /** Colours of stdout. */
  readonly style: Style
  /** Colours of stderr. */
  readonly logStyle: Style
  /** Columns that text on stdout is written in: 80, or what a narrower terminal has. */
  readonly width: number
  /** Whether progress may be redrawn in place. */
  readonly canRedraw: boolean
  /** Whether there is somebody to ask. */
  readonly canAsk: boolean
  /** A question that is answered with y or yes, or not. */
  confirm(question: string, signal: AbortSignal): Promise<boolean>
  /** Why something printed has not arrived, once all of it should have; not where nobody reads any more. */
  findFailure(): Promise<Problem | undefined>
  /** Lends the writing of {@link log} to a progress bar until the returned function is called. */
  divertLog(write: (text: string) => void): () => void
}

/** Where people are told things: on stdout, or on stderr where data has taken that. */
export const speakerOf = (
  { report, log, style, logStyle }: Terminal,
  isStdoutTaken: boolean,
): { readonly say: (text: string) => void; readonly style: Style } =>
  isStdoutTaken ? { say: log, style: logStyle } : { say: report, style }

/** The terminal of this process. What is for people names the program as they call it. */
export const openTerminal = (nameProgram: NameProgram): Terminal => {
  const { stdin, stdout, stderr, env } = process
  let hasPrinted = false
  let failure: Problem | undefined
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    failure ??= toFailure(error)
  })
  stderr.on('error', () => {}) // there is nowhere left to say it
  const print = (text: string): void => {
    hasPrinted = true
    stdout.write(`${text}\n`)
  }
  let writeLog = (text: string): void => void stderr.write(text)
  return {
    print,
    report: (text) => print(escapeButColours(nameProgram(text))),
    log: (text) => writeLog(`${escapeButColours(nameProgram(text))}\n`),
    style: chooseStyle(env, stdout.isTTY ?? false),
    logStyle: chooseStyle(env, stderr.isTTY ?? false),
    width: Math.min(80, stdout.columns ?? 80),
    canRedraw: canRedrawOn(env, stderr.isTTY ?? false),
    canAsk: (stdin.isTTY ?? false) && (stderr.isTTY ?? false),
    findFailure: async () => {
      if (hasPrinted) await new Promise<void>((resolve) => stdout.write('', () => resolve()))
      return failure
    },
    confirm: (question, signal) => confirm(`${question} [y/N] `, signal),
    divertLog: (write) => {
      const before = writeLog
      writeLog = write
      return () => {
        writeLog = before
      }
    },
  }
}

/** The end of the input, as by Ctrl-D, is a no. */
const confirm = (question: string, signal: AbortSignal): Promise<boolean> => {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  // While lines are read, the terminal gives Ctrl-C as a key and not as a signal.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  return new Promise<boolean>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    lines.once('close', () => resolve(false))
    lines.question(question, (answer) => resolve(/^y(es)?$/i.test(answer.trim())))
  }).finally(() => lines.close())
}

/** Says on stderr what is not wrong, and is easily overlooked. */
export const logNote = ({ log, logStyle }: Pick<Terminal, 'log' | 'logStyle'>, text: string): void =>
  log(`${logStyle.yellow('note:')} ${text}`)

/** `imgsizes url … | head -1`: whoever read us has read enough, which is no failure of ours. */
const toFailure = (error: NodeJS.ErrnoException): Problem | undefined =>
  error.code === 'EPIPE'
    ? undefined
    : new Problem('stdout-not-written', `stdout cannot be written (${error.code ?? error.message})`, {
        hint: 'Free some space where it goes. What was done besides is done.',
        cause: error,
      })
