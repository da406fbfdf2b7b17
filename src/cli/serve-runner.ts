import type { ServeRunOptions } from '../wire/serve-options.ts'

/**
 * Runs the origin until `signal` aborts, drains it, and gives the exit code. Injected by `src/main.ts`, for the
 * terminal and the web do not know each other.
 */
export type ServeRunner = (options: ServeRunOptions, signal: AbortSignal) => Promise<number>
