import type { MultiBar } from 'cli-progress'
import type { Style } from './style.ts'
import type { Terminal } from './terminal.ts'

/** How far something is, as it stands now. */
export interface ProgressState {
  /** 0..1 where it is known how much there is; a bar is drawn of it. */
  readonly share?: number
  /** `12 sources, 184 results, 3.2/s`. */
  readonly text: string
  /** What is behind it, where there is more to tell than a row holds: a second row of a terminal. */
  readonly detail?: string
}

export interface Progress {
  /** Takes the bar away. To be called whatever happens; a second call does nothing. */
  stop(): void
}

const FIRST_LINE_MS = 2_000
const NEXT_LINES_MS = 5_000
const BAR_WIDTH = 24

// A log line is written over the bar's rows, which are erased, and may be longer than a row, which a bar may not.
const ERASE_REST = '\x1b[K'
const WRAP = '\x1b[?7h'
const NO_WRAP = '\x1b[?7l'

/**
 * Shows what `read` says until stopped: redrawn in place on a terminal, else as a line now and then, for logs of
 * CI are read, too. Nothing where `isQuiet`.
 */
export const startProgress = (
  terminal: Terminal,
  { isQuiet, read }: { readonly isQuiet: boolean; readonly read: () => ProgressState },
): Progress => {
  if (isQuiet) return { stop: () => {} }
  return terminal.canRedraw ? startBar(terminal, read) : startLines(terminal, read)
}

/** Shows it while `work` runs, and takes it away however that ends: a timer that is left would keep the process. */
export const withProgress = async <T>(
  terminal: Terminal,
  options: Parameters<typeof startProgress>[1],
  work: () => Promise<T>,
): Promise<T> => {
  const progress = startProgress(terminal, options)
  try {
    return await work()
  } finally {
    progress.stop()
  }
}

/** Loaded late: most commands draw none. */
const startBar = (terminal: Terminal, read: () => ProgressState): Progress => {
  let isStopped = false
  let takeAway = (): void => {}
  void import('cli-progress').then(({ MultiBar }) => {
    if (!isStopped) takeAway = drawBar(new MultiBar(toBarOptions()), terminal, read)
  })
  return {
    stop: () => {
      isStopped = true
      takeAway()
    },
  }
}

const toBarOptions = () => ({
  stream: process.stderr,
  fps: 8,
  hideCursor: true,
  clearOnComplete: true,
  // It would swallow the first Ctrl-C; stop.ts listens.
  gracefulExit: false,
  // What is shown is read anew each time; a log line written above has taken its row.
  forceRedraw: true,
})

/** Gives what takes it away. */
const drawBar = (bars: MultiBar, terminal: Terminal, read: () => ProgressState): (() => void) => {
  const style = terminal.logStyle
  bars.create(1, 0, {}, { format: () => formatBar(read(), style) })
  if (read().detail !== undefined) bars.create(1, 0, {}, { format: () => style.dim(read().detail ?? '') })
  const restoreLog = terminal.divertLog((text) =>
    bars.log(`${WRAP}${text.replaceAll('\n', `${ERASE_REST}\n`)}${NO_WRAP}`),
  )
  let isShown = true
  const stop = (): void => {
    if (!isShown) return
    isShown = false
    bars.update()
    bars.stop()
    restoreLog()
    process.off('exit', stop)
  }
  // A process that leaves at once must not leave the cursor hidden.
  process.on('exit', stop)
  return stop
}

/** `━━━━━╌╌╌  12/23 sources …`; the text alone where nobody knows how much there is. */
export const formatBar = ({ share, text }: ProgressState, style: Style): string => {
  if (share === undefined) return text
  const filled = Math.round(Math.min(1, share) * BAR_WIDTH)
  return `${style.green('━'.repeat(filled))}${style.dim('╌'.repeat(BAR_WIDTH - filled))} ${text}`
}

const startLines = (terminal: Terminal, read: () => ProgressState): Progress => {
  let timer: NodeJS.Timeout
  const say = (): void => {
    const { text, detail } = read()
    terminal.log(detail === undefined || detail === '' ? text : `${text}: ${detail}`)
    timer = setTimeout(say, NEXT_LINES_MS)
  }
  timer = setTimeout(say, FIRST_LINE_MS)
  return { stop: () => clearTimeout(timer) }
}
