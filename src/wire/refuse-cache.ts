import type { Config } from '../config/config.ts'
import { Problem } from '../core/problem.ts'

/**
 * Refuses to write as a build into an output that `serve` keeps small: it would delete what is made here, and not
 * start again beside it. Problem `config-invalid`.
 */
export const refuseCache = ({ serve }: Config, command: string): void => {
  if (serve.cache === undefined) return
  throw new Problem(
    'config-invalid',
    `serve.cache is set: only \`serve\` may fill that output, and ${command} would write there.`,
    {
      subject: 'serve.cache',
      hint: 'Leave serve.cache out, or give `serve` a configuration with an output of its own.',
    },
  )
}
