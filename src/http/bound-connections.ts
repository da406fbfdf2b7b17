import type { ListenOptions } from './listen.ts'
import type { Log } from './log.ts'

interface BoundConnectionsOptions {
  readonly threads: number
  readonly log: Pick<Log, 'warn' | 'error'>
  readonly now: () => number
}

/** The most connections that this process can open files for; the log says when they are not enough. */
export const boundConnections = (
  options: BoundConnectionsOptions,
): Pick<ListenOptions, 'maxConnections' | 'onCrowded' | 'onAcceptFailed'> => {
  const { threads, log, now } = options
  const openFiles = readOpenFilesLimit()
  const most = maxConnections(openFiles, threads)
  const hint = `Let this process open more files than ${openFiles} (ulimit -n, LimitNOFILE).`
  return {
    maxConnections: most,
    onCrowded: createThrottledCount(now, (counts) =>
      log.warn('too many connections', { most, ...counts, hint }),
    ),
    onAcceptFailed: createThrottledCount(now, (counts) => {
      for (const [reason, times] of Object.entries(counts))
        log.error('no connection taken', new Error(`${reason}, ${times} times`))
    }),
  }
}

/** Files that the program itself opens: its code, the log, sockets to stores, originals, results. */
const RESERVED = 128
/** For each concurrent render: a thread or process, and its pipes. */
const FOR_EACH_RENDER = 8
/** For each connection: its socket, and a stored file or a socket to the store. */
const FOR_EACH_CONNECTION = 2
/** With fewer, the server would be of no use; then the limit may be exceeded. */
const MIN_CONNECTIONS = 16

/**
 * How many connections a process may have that may open `openFiles` files. With more, a render or a store could not
 * open what it needs. Without a limit of files, there is none of connections.
 */
export const maxConnections = (openFiles: number, renders: number): number =>
  Math.max(
    MIN_CONNECTIONS,
    Math.floor((openFiles - RESERVED - FOR_EACH_RENDER * renders) / FOR_EACH_CONNECTION),
  )

/** How many files this process may open, including sockets and pipes: `ulimit -n`, which Node raises by itself. */
export const readOpenFilesLimit = (): number => {
  const { userLimits } = process.report.getReport() as { readonly userLimits?: UserLimits }
  const limit = userLimits?.open_files?.soft // may be "unlimited"
  return typeof limit === 'number' ? limit : Number.POSITIVE_INFINITY
}

/** In Node's diagnostic report, where the system has limits: Windows has none. */
interface UserLimits {
  readonly open_files?: { readonly soft?: number | string }
}

const EVERY_MS = 10_000

/**
 * Counts what may happen a thousand times a second. It tells at once, and then at most every ten seconds, how often
 * each thing has happened since the last time.
 */
export const createThrottledCount = <T extends string>(
  now: () => number,
  tell: (counts: Readonly<Partial<Record<T, number>>>) => void,
): ((what: T) => void) => {
  let counts: Partial<Record<T, number>> = {}
  let toldAt = Number.NEGATIVE_INFINITY
  return (what) => {
    counts[what] = (counts[what] ?? 0) + 1
    if (now() - toldAt < EVERY_MS) return
    toldAt = now()
    tell(counts)
    counts = {}
  }
}
