import type { ServeEnd, ServeRunOptions } from '../wire/serve-options.ts'

/**
 * Runs the origin until it is to stop, and drains it. Injected by `src/main.ts`, for the terminal and the web do not
 * know each other.
 */
export type ServeRunner = (options: ServeRunOptions, stop: AbortSignal) => Promise<ServeEnd>
