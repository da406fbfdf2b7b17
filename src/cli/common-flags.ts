import type { Argv, Options } from 'yargs'
import type { Host } from '../wire/host.ts'
import type { Flags } from './flags.ts'

/** The flags that every command takes. */
export interface CommonFlags {
  readonly configFile: string | undefined
  readonly source: string | undefined
  readonly output: string | undefined
  readonly isJson: boolean
  readonly isQuiet: boolean
  readonly isVerbose: boolean
  /** Renders at once. */
  readonly threads: number
}

/** A flag with one value; read as text and checked by {@link Flags}. */
export const VALUE = { type: 'string', requiresArg: true } as const satisfies Options

export const SWITCH = { type: 'boolean' } as const satisfies Options

/** libuv's pool has at most 1,024 threads, four of which are for files and sockets. */
const MOST_THREADS = 1020

const GROUP = 'Common flags:'

const OPTIONS = {
  config: { ...VALUE, group: GROUP, describe: 'Configuration file; default: searched for upwards' },
  source: {
    ...VALUE,
    group: GROUP,
    describe: 'Originals: folder, s3://… or https://…, in place of the configured',
  },
  output: { ...VALUE, group: GROUP, describe: 'Results: folder or s3://…, in place of the configured' },
  json: { ...SWITCH, group: GROUP, describe: 'One JSON object on stdout' },
  quiet: { ...SWITCH, group: GROUP, describe: 'Errors only' },
  verbose: { ...SWITCH, group: GROUP, describe: 'Every step, and names that were skipped' },
  concurrency: { ...VALUE, group: GROUP, describe: 'Renders at once; default: one per CPU' },
} satisfies Record<string, Options>

export type CommonFlagName = keyof typeof OPTIONS

export const addCommonFlags = (yargs: Argv): Argv => yargs.options(OPTIONS)

export const readCommonFlags = (flags: Flags, host: Host): CommonFlags => ({
  configFile: flags.text('config'),
  source: flags.text('source'),
  output: flags.text('output'),
  isJson: flags.isSet('json'),
  isQuiet: flags.isSet('quiet'),
  isVerbose: flags.isSet('verbose'),
  threads: flags.wholeNumber('concurrency', { min: 1, max: MOST_THREADS }) ?? host.cpus,
})
