import type { configSchema } from './schema.ts'
import type { Input } from './schema-values.ts'

/**
 * What `defineConfig` takes and `imgsizes.config` exports. The published types have it written out, with the comments of
 * its rows (docs/generate/write-types.ts).
 */
export interface ConfigInput extends Input<typeof configSchema> {}
