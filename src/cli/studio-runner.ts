import type { StudioRunOptions } from '../wire/studio-options.ts'

/** Runs the studio until it is to stop. Injected by `src/main.ts`, as the origin is. */
export type StudioRunner = (options: StudioRunOptions, stop: AbortSignal) => Promise<'drained'>
