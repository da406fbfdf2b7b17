import { VALUE } from './common-flags.ts'
import type { Flags } from './flags.ts'
import { UsageError } from './usage-error.ts'

export const MOUNT_OPTION = {
  ...VALUE,
  describe: 'Path that the keys lie under; default: that of baseUrl',
} as const

/** "/" at both ends. */
export const readMount = (flags: Flags): string | undefined => {
  const text = flags.text('mount')
  if (text === undefined) return undefined
  if (!/^\/(?:[^/?#\s]+\/)*[^/?#\s]*$/.test(text))
    throw new UsageError(`--mount is ${JSON.stringify(text)}; allowed: a path such as /img/`)
  return text.endsWith('/') ? text : `${text}/`
}
