import type { Config } from '../config/config.ts'
import { Problem } from '../core/problem.ts'

/**
 * Refuses to write results of a build into an output that `serve` keeps small: `serve` would delete them, and refuse to
 * start again. Problem `config-invalid`.
 */
export const refuseCache = ({ serve }: Config, command: string): void => {
  if (serve.cache === undefined) return
  throw new Problem(
    'config-invalid',
    `serve.cache is set: only \`serve\` may fill that output, and ${command} would write there.`,
    {
      subject: 'serve.cache',
      hint: 'Remove serve.cache, or give `serve` a configuration with another output.',
    },
  )
}
