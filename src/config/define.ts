import type { ConfigInput } from './config-input.ts'

/** Returns `config` unchanged: it only helps editors. The configuration is checked when it is loaded. */
export const defineConfig = (config: ConfigInput): ConfigInput => config
