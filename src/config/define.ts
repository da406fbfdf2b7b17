import type { ConfigInput } from './schema.ts'

/** Gives `config` back; for the editor's sake, and checked when it is loaded. */
export const defineConfig = (config: ConfigInput): ConfigInput => config
