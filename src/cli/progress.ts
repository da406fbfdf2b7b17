import type { MultiBar } from 'cli-progress'
import type { Style, Terminal } from './terminal.ts'

/** How far something is at this moment. */
export interface ProgressState {
  /** 0..1 where the total is known; then a bar is drawn. */
  readonly share?: number
  /** `12 sources, 184 results, 3.2/s`. */
  readonly text: string
  /** More details, for a second row of a terminal. */
  readonly detail?: string
}

interface Progress {
  /** Removes it. To be called in every case; a second call does nothing. */
  stop(): void
}

const FIRST_LINE_MS = 2_000
const NEXT_LINES_MS = 5_000
const BAR_WIDTH = 24

// A line is written over the rows of the bar, which were erased, and may be longer than a row; a bar may not.
const ERASE_REST = '\x1b[K'
const WRAP = '\x1b[?7h'
const NO_WRAP = '\x1b[?7l'

/**
 * Shows what `read` returns until it is stopped: redrawn in place on a terminal, otherwise as a line now and then,
 * because people also read logs of CI. Nothing where `isQuiet`.
 */
export const startProgress = (
  terminal: Terminal,
  { isQuiet, read }: { readonly isQuiet: boolean; readonly read: () => ProgressState },
): Progress => {
  if (isQuiet) return { stop: () => {} }
  return terminal.canRedraw ? startBar(terminal, read) : startLines(terminal, read)
}

/** Shows it while `work` runs, and removes it in every case: its timer would keep the process alive. */
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

/** Loaded only when needed: most commands draw no bar. */
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
  // Otherwise it would take the first Ctrl-C; stop.ts listens for that.
  gracefulExit: false,
  // The text is new each time, and a log line above may have taken the row.
  forceRedraw: true,
})

/** Returns a function that removes it. */
const drawBar = (bars: MultiBar, terminal: Terminal, read: () => ProgressState): (() => void) => {
  const style = terminal.logStyle
  bars.create(1, 0, {}, { format: () => formatBar(read(), style) })
  if (read().detail !== undefined) bars.create(1, 0, {}, { format: () => style.dim(read().detail ?? '') })
  const restore = terminal.divert((text) =>
    bars.log(`${WRAP}${text.replaceAll('\n', `${ERASE_REST}\n`)}${NO_WRAP}`),
  )
  let isShown = true
  const stop = (): void => {
    if (!isShown) return
    isShown = false
    bars.update()
    bars.stop()
    restore()
    process.off('exit', stop)
  }
  // A process that exits at once must not leave the cursor hidden.
  process.on('exit', stop)
  return stop
}

/** `━━━━━╌╌╌  12/23 sources …`; only the text where the total is not known. */
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
