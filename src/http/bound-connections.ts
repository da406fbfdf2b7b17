import type { ListenOptions } from './listen.ts'
import type { Log } from './log.ts'
import { maxConnections, readOpenFilesLimit } from './open-files.ts'
import { createSeldom } from './seldom.ts'

/** What limits connections, and where crowding is logged. */
export interface BoundConnectionsOptions {
  /** How many renders run at once. */
  readonly threads: number
  readonly log: Pick<Log, 'warn' | 'error'>
  readonly now: () => number
}

/** The most connections that this process can open files for; the log says when they are not enough. */
export const boundConnections = ({
  threads,
  log,
  now,
}: BoundConnectionsOptions): Pick<ListenOptions, 'maxConnections' | 'onCrowded' | 'onAcceptFailed'> => {
  const openFiles = readOpenFilesLimit()
  const most = maxConnections(openFiles, threads)
  const hint = `Let this process open more files than ${openFiles} (ulimit -n, LimitNOFILE).`
  return {
    maxConnections: most,
    onCrowded: createSeldom(now, (counts) => log.warn('too many connections', { most, ...counts, hint })),
    onAcceptFailed: createSeldom(now, (counts) => {
      for (const [reason, times] of Object.entries(counts))
        log.error('no connection taken', new Error(`${reason}, ${times} times`))
    }),
  }
}
