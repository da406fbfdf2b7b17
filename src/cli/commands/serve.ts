import type { Command, CommandContext } from '../command.ts'
import {
  METRICS_OPTIONS,
  memoryFlag,
  mountFlag,
  PORT,
  readMetricsFlags,
  readMount,
  valueFlag,
} from '../common-flags.ts'
import type { Flags } from '../flags.ts'
import { readLongRun, runLong } from '../long-run.ts'

const GROUP = 'Where to listen:'

const WORKERS = { min: 1, max: 256 } as const

const FLAGS = {
  port: valueFlag(GROUP, 'Default 3000; 0 takes a free one'),
  host: valueFlag(GROUP, 'Default 0.0.0.0'),
  mount: mountFlag(GROUP),
  ...METRICS_OPTIONS,
  workers: valueFlag(GROUP, 'Processes that answer; default: one per CPU'),
  memory: memoryFlag(GROUP),
}

const run = async (flags: Flags, context: CommandContext): Promise<number> => {
  // Wrong usage is told before the configuration is searched for.
  const given = {
    port: flags.wholeNumber('port', PORT) ?? 3000,
    host: flags.text('host') ?? '0.0.0.0',
    ...readMetricsFlags(flags),
    workers: flags.wholeNumber('workers', WORKERS) ?? Math.min(context.host.cpus, WORKERS.max),
  }
  const mount = readMount(flags)
  const options = { ...given, mount, ...(await readLongRun(flags, context)) }
  return runLong(context, (stop) => context.serve(options, stop))
}

/** `imgsizes serve`. */
export const command: Command = {
  examples: [
    ['imgsizes serve', 'on port 3000'],
    ['imgsizes serve --host 127.0.0.1 --metrics-port 9090', 'behind a proxy, with metrics'],
  ],
  usage:
    '$0 serve\n\nThe origin: answers signed URLs from the output, and renders and stores what is missing.',
  flags: FLAGS,
  run,
}
