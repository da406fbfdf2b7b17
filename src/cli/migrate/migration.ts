import type { DialectInput } from '../../config/dialects.ts'
import type { ConfigInput } from '../../config/schema.ts'

/** What another server's configuration means here. */
export interface Migration {
  readonly config: Partial<ConfigInput> & { readonly dialects: readonly DialectInput[] }
  /** What could not be carried over, one sentence each. */
  readonly notes: readonly string[]
}

/** As a text that `imgsizes.config.ts` may hold. */
export const formatMigration = ({ config }: Migration): string => {
  const whole = { source: './originals', output: './img', ...config }
  // After the spread so that the secret of ours is no part of what was read.
  const body = JSON.stringify(whole, undefined, 2).replace(
    /\n\}$/,
    ',\n  "secret": process.env.IMGSIZES_SECRET\n}',
  )
  const plain = body.replace(/^(\s*)"([A-Za-z_][A-Za-z0-9_]*)":/gm, '$1$2:')
  return `import { defineConfig } from 'imgsizes'\n\nexport default defineConfig(${plain})\n`
}
