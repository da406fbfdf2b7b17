import type { ServeRunOptions } from './serve-options.ts'
import type { AccessLog } from './warm.ts'

/** What the command line tells the studio. */
export interface StudioRunOptions
  extends Pick<
    ServeRunOptions,
    'config' | 'port' | 'threads' | 'memoryBytes' | 'programVersion' | 'json' | 'quiet' | 'verbose'
  > {
  /** What visitors asked for. */
  readonly log?: AccessLog
}
