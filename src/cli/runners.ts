import type { ServeEnd, ServeRunOptions } from '../wire/serve-options.ts'
import type { StudioRunOptions } from '../wire/studio-options.ts'
import type { WatchEnd, WatchRunOptions } from '../wire/watch-options.ts'

/**
 * Runs the origin until `stop` aborts, and drains it. Provided by `src/main.ts`, because `cli/` and `http/` do not
 * know each other.
 */
export type ServeRunner = (options: ServeRunOptions, stop: AbortSignal) => Promise<ServeEnd>

/** Runs a worker until `stop` aborts. Provided by `src/main.ts`, as the origin is. */
export type WatchRunner = (options: WatchRunOptions, stop: AbortSignal) => Promise<WatchEnd>

/** Runs the studio until `stop` aborts. Provided by `src/main.ts`, as the origin is. */
export type StudioRunner = (options: StudioRunOptions, stop: AbortSignal) => Promise<'drained'>
