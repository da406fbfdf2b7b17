import type { Argv } from 'yargs'
import { fairMemoryBytes } from '../../wire/host.ts'
import type { ServeEnd } from '../../wire/serve-options.ts'
import type { Command, CommandContext } from '../command.ts'
import { readCommonFlags, VALUE } from '../common-flags.ts'
import type { Flags } from '../flags.ts'
import { METRICS_OPTIONS, PORT, readMetricsFlags } from '../metrics-flags.ts'
import { MOUNT_OPTION, readMount } from '../mount-flag.ts'
import { loadCommandConfig, untilStopped } from '../with-project.ts'

const GROUP = 'Where to listen:'

const WORKERS = { min: 1, max: 256 } as const

const define = (yargs: Argv): Argv =>
  yargs
    .usage(
      '$0 serve\n\nThe origin: answers signed URLs from the output, and renders and stores what is missing.',
    )
    .options({
      port: { ...VALUE, group: GROUP, describe: 'Default 3000; 0 takes a free one' },
      host: { ...VALUE, group: GROUP, describe: 'Default 0.0.0.0' },
      mount: { ...MOUNT_OPTION, group: GROUP },
      ...METRICS_OPTIONS,
      workers: { ...VALUE, group: GROUP, describe: 'Processes that answer; default: one per CPU' },
      memory: {
        ...VALUE,
        group: GROUP,
        describe: 'Memory for pictures at work, such as 2GB; default: half of the memory',
      },
    })

const run = async (flags: Flags, context: CommandContext): Promise<number> => {
  const { configFile, source, output, ...common } = readCommonFlags(flags, context.host)
  const given = {
    port: flags.wholeNumber('port', PORT) ?? 3000,
    host: flags.text('host') ?? '0.0.0.0',
    mount: readMount(flags),
    ...readMetricsFlags(flags),
    workers: flags.wholeNumber('workers', WORKERS) ?? Math.min(context.host.cpus, WORKERS.max),
    memoryBytes: flags.bytes('memory') ?? fairMemoryBytes(context.host),
  }
  const { mount, ...rest } = given
  const config = await loadCommandConfig({ configFile, source, output, ...common }, context)
  let end: ServeEnd | undefined
  const exitCode = await untilStopped(
    context,
    async (stop) => {
      end = await context.serve(
        {
          ...rest,
          ...(mount !== undefined && { mount }),
          config,
          threads: common.threads,
          programVersion: context.programVersion,
          json: common.isJson,
          quiet: common.isQuiet,
          verbose: common.isVerbose,
        },
        stop.signal,
      )
      return 0
    },
    () => {}, // its own log, which may be JSON, tells that it drains
  )
  // Being told to stop is how a server ends: 0 where it was drained in time, else the signal's (docs/reference/contracts.md).
  if (end === 'drained') return 0
  return end === 'lost' ? 1 : exitCode
}

export const serveCommand: Command = {
  usage: 'serve',
  summary: 'Answer signed URLs, and render what is missing',
  examples: [
    ['imgsizes serve', 'on port 3000'],
    ['imgsizes serve --host 127.0.0.1 --metrics-port 9090', 'behind a proxy, with metrics'],
  ],
  define,
  run,
}
