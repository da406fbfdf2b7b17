import { createInterface } from 'node:readline'
import { escapeButColours } from '../core/escape-controls.ts'
import { Problem } from '../core/problem.ts'
import type { NameProgram } from './program.ts'

/**
 * Where a command writes: data to stdout, everything else to stderr. What goes to a terminal is written above a progress
 * bar while one is shown.
 */
export interface Terminal {
  /** One or more lines of data. */
  print(text: string): void
  /** One or more lines for people on stdout: the result of a command. */
  report(text: string): void
  /** One or more lines for people on stderr. */
  log(text: string): void
  readonly style: Style
  readonly logStyle: Style
  /** The width of text on stdout in columns: 80, or less on a narrower terminal. */
  readonly width: number
  readonly canRedraw: boolean
  readonly canAsk: boolean
  /** Asks a question; true for y or yes. */
  confirm(question: string, signal: AbortSignal): Promise<boolean>
  /** Why printed text has not arrived, once it should have; undefined where nobody reads any more. */
  findFailure(): Promise<Problem | undefined>
  /** Gives a progress bar the writing of all that goes to a terminal until the returned function is called. */
  divert(write: (text: string) => void): () => void
}

/** Where people are told things: on stdout, or on stderr where stdout has data. */
export const speakerOf = (
  { report, log, style, logStyle }: Terminal,
  isStdoutTaken: boolean,
): { readonly say: (text: string) => void; readonly style: Style } =>
  isStdoutTaken ? { say: log, style: logStyle } : { say: report, style }

/** The terminal of this process. Texts for people show commands as these people type them. */
export const openTerminal = (nameProgram: NameProgram): Terminal => {
  const { stdin, stdout, stderr, env } = process
  let hasPrinted = false
  let failure: Problem | undefined
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    failure ??= toFailure(error)
  })
  stderr.on('error', () => {}) // there is no other place to report it
  let writeAboveBar: ((text: string) => void) | undefined
  const writeLine = (stream: NodeJS.WriteStream, text: string): void => {
    if (writeAboveBar !== undefined && stream.isTTY) writeAboveBar(`${text}\n`)
    else stream.write(`${text}\n`)
  }
  const print = (text: string): void => {
    hasPrinted = true
    writeLine(stdout, text)
  }
  return {
    print,
    report: (text) => print(escapeButColours(nameProgram(text))),
    log: (text) => writeLine(stderr, escapeButColours(nameProgram(text))),
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
    divert: (write) => {
      writeAboveBar = write
      return () => {
        writeAboveBar = undefined
      }
    },
  }
}

/** The end of the input, as by Ctrl-D, means no. */
const confirm = (question: string, signal: AbortSignal): Promise<boolean> => {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  // While lines are read, the terminal reports Ctrl-C as a key, not as a signal.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  return new Promise<boolean>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    lines.once('close', () => resolve(false))
    lines.question(question, (answer) => resolve(/^y(es)?$/i.test(answer.trim())))
  }).finally(() => lines.close())
}

/** Writes a note to stderr: nothing is wrong, but it is easily overlooked. */
export const logNote = ({ log, logStyle }: Pick<Terminal, 'log' | 'logStyle'>, text: string): void =>
  log(`${logStyle.yellow('note:')} ${text}`)

/** With `imgsizes url … | head -1` the reader has read enough, which is no failure. */
const toFailure = (error: NodeJS.ErrnoException): Problem | undefined =>
  error.code === 'EPIPE'
    ? undefined
    : new Problem('stdout-not-written', `stdout cannot be written (${error.code ?? error.message})`, {
        hint: 'Free some space where it is written. The work itself is done.',
        cause: error,
      })

/** Colours for a terminal; each returns its text unchanged where colours are off. */
export type Style = Readonly<
  Record<'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan', (text: string) => string>
>

/**
 * Colours are on for a terminal; off where NO_COLOR is set to anything but "" (no-color.org) or the terminal is dumb;
 * on where FORCE_COLOR is set, unless to "0" or "false". If both are set, NO_COLOR counts: a person sets it, while the
 * other is mostly the default of a CI.
 */
export const chooseStyle = (env: NodeJS.ProcessEnv, isTerminal: boolean): Style => {
  const { FORCE_COLOR: forced, NO_COLOR: refused, TERM } = env
  if (refused !== undefined && refused !== '') return PLAIN
  if (forced !== undefined) return forced === '0' || forced === 'false' ? PLAIN : COLOURED
  return isTerminal && TERM !== 'dumb' ? COLOURED : PLAIN
}

/**
 * Whether a line may be written over: on a terminal that a person watches. Buildkite and CircleCI also give their jobs
 * a terminal, but keep everything that was ever written to it.
 */
export const canRedrawOn = ({ CI = '', TERM }: NodeJS.ProcessEnv, isTerminal: boolean): boolean =>
  isTerminal && TERM !== 'dumb' && ['', '0', 'false'].includes(CI)

/** ECMA-48 SGR: sets a style, and resets it. */
const sgr =
  (on: number, off: number) =>
  (text: string): string =>
    `\u001b[${on}m${text}\u001b[${off}m`

const COLOURED: Style = {
  bold: sgr(1, 22),
  dim: sgr(2, 22),
  red: sgr(31, 39),
  green: sgr(32, 39),
  yellow: sgr(33, 39),
  cyan: sgr(36, 39),
}

const same = (text: string): string => text

const PLAIN: Style = { bold: same, dim: same, red: same, green: same, yellow: same, cyan: same }
