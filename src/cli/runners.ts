import type { ServeEnd, ServeRunOptions } from '../wire/serve-options.ts'
import type { StudioRunOptions } from '../wire/studio-options.ts'
import type { WatchEnd, WatchRunOptions } from '../wire/watch-options.ts'

/**
 * Runs the origin until it is to stop, and drains it. Injected by `src/main.ts`, for the terminal and the web do not
 * know each other.
 */
export type ServeRunner = (options: ServeRunOptions, stop: AbortSignal) => Promise<ServeEnd>

/** Runs a worker until it is to stop. Injected by `src/main.ts`, as that of the origin is. */
export type WatchRunner = (options: WatchRunOptions, stop: AbortSignal) => Promise<WatchEnd>

/** Runs the studio until it is to stop. Injected by `src/main.ts`, as the origin is. */
export type StudioRunner = (options: StudioRunOptions, stop: AbortSignal) => Promise<'drained'>
