import type { ConfigInput } from '../config/config-input.ts'
import { ConfigProblem } from '../config/config-problem.ts'
import type { DialectInput } from '../config/dialects.ts'
import { resolveConfig } from '../config/resolve.ts'

/** What another server's configuration means here. */
export interface Migration {
  readonly config: Partial<ConfigInput> & { readonly dialects: readonly DialectInput[] }
  /** What could not be carried over, one sentence each. */
  readonly notes: readonly string[]
  /** Optional lines of the configuration, offered as comments. */
  readonly offers?: readonly string[]
}

const withPlaces = ({ config }: Migration): Migration['config'] & Pick<ConfigInput, 'source' | 'output'> => ({
  source: './originals',
  output: './img',
  ...config,
})

/** What makes the printed configuration invalid, as notes; `root` is the folder it is for. */
export const checkMigration = (migration: Migration, root: string): readonly string[] => {
  try {
    resolveConfig(withPlaces(migration), { root })
    return []
  } catch (error) {
    if (!(error instanceof ConfigProblem)) throw error
    return error.problems.map(
      ({ path, found, allowed }) => `To be put right: ${path}: ${found}; allowed: ${allowed}.`,
    )
  }
}

const SIZES_OFFER =
  "sizes: { small: { width: 300, height: 200, fit: 'inside' } }, what `imgsizes build` makes ahead"

/** The text of an `imgsizes.config.ts`. */
export const formatMigration = (migration: Migration): string => {
  const { config, offers = [] } = migration
  const comments = [...offers, ...(config.sizes === undefined ? [SIZES_OFFER] : [])]
  // Added at the end, so that our secret does not mix with what was read.
  const body = JSON.stringify(withPlaces(migration), undefined, 2).replace(
    /\n\}$/,
    [',', '  "secret": process.env.IMGSIZES_SECRET,', ...comments.map((line) => `  // ${line}`), '}'].join(
      '\n',
    ),
  )
  const plain = body.replace(/^(\s*)"([A-Za-z_][A-Za-z0-9_]*)":/gm, '$1$2:')
  return `import { defineConfig } from 'imgsizes'\n\nexport default defineConfig(${plain})\n`
}
