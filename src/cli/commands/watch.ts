import type { WatchFeed, WebhookAddress } from '../../wire/long-run-options.ts'
import type { Command, CommandContext } from '../command.ts'
import { METRICS_OPTIONS, memoryFlag, readMetricsFlags, valueFlag } from '../common-flags.ts'
import { type Flags, UsageError } from '../flags.ts'
import { readLongRun, runLong } from '../long-run.ts'

const FEED = 'Where to hear of originals; without either, their folders are followed:'
const WORK = 'How to work:'

/** The variable of the token: on a command line, other users of the machine could read it. */
const TOKEN_VARIABLE = 'IMGSIZES_WATCH_TOKEN'

const FLAGS = {
  events: valueFlag(FEED, 'The queue of events: sqs://name, or a queue’s URL with sqs://'),
  listen: valueFlag(
    FEED,
    'host:port where events are pushed to by HTTP; with --events they go into the queue',
  ),
  token: valueFlag(FEED, `What pushes must bring, 16 characters or more; default: ${TOKEN_VARIABLE}`),
  ...METRICS_OPTIONS,
  memory: memoryFlag(WORK),
}

const run = async (flags: Flags, context: CommandContext): Promise<number> => {
  const given = { feed: readFeed(flags, context.env), ...readMetricsFlags(flags) }
  const options = { ...given, ...(await readLongRun(flags, context)) }
  return runLong(context, (stop) => context.watch(options, stop))
}

const readFeed = (flags: Flags, env: NodeJS.ProcessEnv): WatchFeed => {
  const uri = flags.text('events')
  const webhook = readWebhook(flags, env)
  if (uri !== undefined) return { kind: 'queue', uri, ...(webhook && { webhook }) }
  return webhook === undefined ? { kind: 'folders' } : { kind: 'webhook', webhook }
}

const LEAST_TOKEN = 16

const readWebhook = (flags: Flags, env: NodeJS.ProcessEnv): WebhookAddress | undefined => {
  const listen = flags.text('listen')
  const given = flags.text('token')
  if (listen === undefined) {
    if (given !== undefined)
      throw new UsageError('--token is given, but no --listen: there is nowhere to bring it')
    return undefined
  }
  const [, ipv6, name, port = ''] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s]+)):([0-9]{1,5})$/i.exec(listen) ?? []
  const host = ipv6 ?? name
  if (host === undefined || Number(port) > 65_535)
    throw new UsageError(`--listen is ${JSON.stringify(listen)}; allowed: host:port, such as 127.0.0.1:9000`)
  const token = given ?? env[TOKEN_VARIABLE] ?? ''
  if (token.length < LEAST_TOKEN)
    throw new UsageError(
      `--listen needs a token of at least ${LEAST_TOKEN} characters: --token, or ${TOKEN_VARIABLE}`,
    )
  return { host, port: Number(port), token }
}

/** `imgsizes watch`. */
export const command: Command = {
  examples: [
    ['imgsizes watch', 'follow the folders of originals'],
    ['imgsizes watch --events sqs://pictures', 'a worker on the events of a bucket; any number of them'],
    ['imgsizes watch --listen 127.0.0.1:9000 --token "$TOKEN"', 'what a CMS, Ceph or MinIO pushes'],
  ],
  usage:
    '$0 watch\n\nMakes results as originals come, change and go, until it is told to stop: from the events of a bucket, by any number of workers, or from folders.',
  flags: FLAGS,
  run,
}
