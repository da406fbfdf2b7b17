import type { ServeRunOptions } from './serve-options.ts'
import type { AccessLog } from './warm.ts'

/** The options of the studio from the command line. */
export interface StudioRunOptions
  extends Pick<
    ServeRunOptions,
    'config' | 'port' | 'threads' | 'memoryBytes' | 'programVersion' | 'json' | 'quiet' | 'verbose'
  > {
  /** A log that tells what visitors asked for. */
  readonly log?: AccessLog
}
