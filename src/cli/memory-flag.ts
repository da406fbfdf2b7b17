import { fairMemoryBytes, type Host } from '../wire/host.ts'
import { VALUE } from './common-flags.ts'
import type { Flags } from './flags.ts'

/** Of every command that renders; each puts it into a group of its own. */
export const MEMORY_OPTION = {
  ...VALUE,
  describe: 'Memory for pictures at work, such as 2GB; default: half of the memory',
} as const

/** What all pictures at work may take, in bytes. */
export const readMemory = (flags: Flags, host: Host): number => flags.bytes('memory') ?? fairMemoryBytes(host)
