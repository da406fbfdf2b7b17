import { MultiBar } from 'cli-progress'
import type { Style } from './style.ts'
import type { Terminal } from './terminal.ts'

/** How far something is, as it stands now. */
export interface ProgressState {
  /** 0..1 where it is known how much there is; a bar is drawn of it. */
  readonly share?: number
  /** `12 sources, 184 results, 3.2/s`. */
  readonly text: string
}

export interface Progress {
  /** Takes the bar away. To be called whatever happens; a second call does nothing. */
  stop(): void
}

const FIRST_LINE_MS = 2_000
const NEXT_LINES_MS = 5_000
const BAR_WIDTH = 24

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

const startBar = (terminal: Terminal, read: () => ProgressState): Progress => {
  const bars = new MultiBar({
    stream: process.stderr,
    fps: 8,
    hideCursor: true,
    clearOnComplete: true,
    // It would swallow the first Ctrl-C; stop.ts listens.
    gracefulExit: false,
    format: () => formatBar(read(), terminal.logStyle),
  })
  // Redrawn only when its value changes; what it shows is read anew each time.
  const bar = bars.create(Number.MAX_SAFE_INTEGER, 0)
  const timer = setInterval(() => bar.increment(), 125)
  const restoreLog = terminal.divertLog((text) => bars.log(text))
  let isShown = true
  const stop = (): void => {
    if (!isShown) return
    isShown = false
    clearInterval(timer)
    bars.update()
    bars.stop()
    restoreLog()
    process.off('exit', stop)
  }
  // A process that leaves at once must not leave the cursor hidden.
  process.on('exit', stop)
  return { stop }
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
    terminal.log(read().text)
    timer = setTimeout(say, NEXT_LINES_MS)
  }
  timer = setTimeout(say, FIRST_LINE_MS)
  return { stop: () => clearTimeout(timer) }
}
