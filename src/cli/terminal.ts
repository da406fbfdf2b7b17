import { createInterface } from 'node:readline/promises'
import { chooseStyle, type Style } from './style.ts'

/** Where a command speaks: data to stdout, everything else to stderr. */
export interface Terminal {
  /** A line of data, or several. */
  print(text: string): void
  /** A line for people, or several. Written above a progress bar while one is shown. */
  log(text: string): void
  /** Colours of stdout. */
  readonly style: Style
  /** Colours of stderr. */
  readonly logStyle: Style
  /** Whether progress may be redrawn in place. */
  readonly canRedraw: boolean
  /** Whether there is somebody to ask. */
  readonly canAsk: boolean
  /** A question that is answered with y or yes, or not. */
  confirm(question: string, signal: AbortSignal): Promise<boolean>
  /** Lends the writing of {@link log} to a progress bar until the returned function is called. */
  divertLog(write: (text: string) => void): () => void
}

/** The terminal of this process. */
export const openTerminal = (): Terminal => {
  const { stdin, stdout, stderr, env } = process
  for (const stream of [stdout, stderr]) stream.on('error', ignoreClosedPipe)
  let writeLog = (text: string): void => void stderr.write(text)
  return {
    print: (text) => void stdout.write(`${text}\n`),
    log: (text) => writeLog(`${text}\n`),
    style: chooseStyle(env, stdout.isTTY ?? false),
    logStyle: chooseStyle(env, stderr.isTTY ?? false),
    canRedraw: (stderr.isTTY ?? false) && env.TERM !== 'dumb',
    canAsk: (stdin.isTTY ?? false) && (stderr.isTTY ?? false),
    confirm: async (question, signal) => {
      const lines = createInterface({ input: stdin, output: stderr })
      try {
        return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `, { signal })).trim())
      } finally {
        lines.close()
      }
    },
    divertLog: (write) => {
      const before = writeLog
      writeLog = write
      return () => {
        writeLog = before
      }
    },
  }
}

/** `imgsizes url … | head -1`: whoever read us has read enough, which is no failure of ours. */
const ignoreClosedPipe = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'EPIPE') throw error
}
