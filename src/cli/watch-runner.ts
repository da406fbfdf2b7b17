import type { WatchEnd, WatchRunOptions } from '../wire/watch-options.ts'

/** Runs a worker until it is to stop. Injected by `src/main.ts`, as that of the origin is. */
export type WatchRunner = (options: WatchRunOptions, stop: AbortSignal) => Promise<WatchEnd>
