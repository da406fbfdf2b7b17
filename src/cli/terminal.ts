import { createInterface } from 'node:readline'
import type { NameProgram } from './program.ts'
import { chooseStyle, type Style } from './style.ts'

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
  /** Lends the writing of {@link log} to a progress bar until the returned function is called. */
  divertLog(write: (text: string) => void): () => void
}

/** The terminal of this process. What is for people names the program as they call it. */
export const openTerminal = (nameProgram: NameProgram): Terminal => {
  const { stdin, stdout, stderr, env } = process
  for (const stream of [stdout, stderr]) stream.on('error', ignoreClosedPipe)
  let writeLog = (text: string): void => void stderr.write(text)
  return {
    print: (text) => void stdout.write(`${text}\n`),
    report: (text) => void stdout.write(`${nameProgram(text)}\n`),
    log: (text) => writeLog(`${nameProgram(text)}\n`),
    style: chooseStyle(env, stdout.isTTY ?? false),
    logStyle: chooseStyle(env, stderr.isTTY ?? false),
    width: Math.min(80, stdout.columns ?? 80),
    canRedraw: (stderr.isTTY ?? false) && env.TERM !== 'dumb',
    canAsk: (stdin.isTTY ?? false) && (stderr.isTTY ?? false),
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
const ignoreClosedPipe = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'EPIPE') throw error
}
