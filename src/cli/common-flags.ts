import type { Argv, Options } from 'yargs'
import { parseMount } from '../config/base-url.ts'
import type { Config } from '../config/config.ts'
import { parseDurationMs } from '../config/units.ts'
import { compact } from '../core/defined.ts'
import { fairMemoryBytes, type Host } from '../wire/host.ts'
import type { AgainChoices } from '../wire/plan.ts'
import { type Flags, UsageError } from './flags.ts'

/** The flags that every command accepts. */
export interface CommonFlags {
  readonly configFile: string | undefined
  readonly source: string | undefined
  readonly output: string | undefined
  readonly isJson: boolean
  readonly isQuiet: boolean
  readonly isVerbose: boolean
  /** How many renders run at once. */
  readonly threads: number
}

/** A flag with one value, which {@link Flags} reads as text and checks; help shows it in `group`. */
export const valueFlag = (group: string, describe: string) =>
  ({ type: 'string', requiresArg: true, group, describe }) as const satisfies Options

/** A flag that is on or off. */
export const switchFlag = (group: string, describe: string) =>
  ({ type: 'boolean', group, describe }) as const satisfies Options

/** libuv has at most 1,024 threads, four of which are for files and sockets. */
const MOST_THREADS = 1020

const COMMON_GROUP = 'Common flags:'

const OPTIONS = {
  config: valueFlag(COMMON_GROUP, 'Configuration file; default: searched for upwards'),
  source: valueFlag(COMMON_GROUP, 'Originals: a folder, s3://… or https://…; default: as configured'),
  output: valueFlag(COMMON_GROUP, 'Results: a folder or s3://…; default: as configured'),
  json: switchFlag(COMMON_GROUP, 'One JSON object on stdout'),
  quiet: switchFlag(COMMON_GROUP, 'Errors only'),
  verbose: switchFlag(COMMON_GROUP, 'Every step, and names that were skipped'),
  concurrency: valueFlag(COMMON_GROUP, 'Renders at once; default: one per CPU'),
} satisfies Record<string, Options>

/** The name of a flag that every command accepts. */
export type CommonFlagName = keyof typeof OPTIONS

/** Adds the flags that every command accepts. */
export const addCommonFlags = (yargs: Argv): Argv => yargs.options(OPTIONS)

/** Reads the flags that every command accepts. */
export const readCommonFlags = (flags: Flags, host: Host): CommonFlags => ({
  configFile: flags.text('config'),
  source: flags.text('source'),
  output: flags.text('output'),
  isJson: flags.isSet('json'),
  isQuiet: flags.isSet('quiet'),
  isVerbose: flags.isSet('verbose'),
  threads: flags.wholeNumber('concurrency', { min: 1, max: MOST_THREADS }) ?? host.cpus,
})

/** What is made again, as flags say it. */
export type AgainFlags = Required<AgainChoices>

const AGAIN_GROUP = 'What to do:'

/** For `build`, and for `plan`, which says what `build` would do with the same flags. */
export const AGAIN_OPTIONS: Readonly<Record<string, Options>> = {
  force: switchFlag(AGAIN_GROUP, 'Make everything again'),
  'retry-failed': switchFlag(AGAIN_GROUP, 'Try again what failed before'),
  'encoder-changed': valueFlag(AGAIN_GROUP, 'Results of another encoder version: keep (default) or rerender'),
}

/** Reads {@link AGAIN_OPTIONS}. */
export const readAgainFlags = (flags: Flags): AgainFlags => ({
  force: flags.isSet('force'),
  retryFailed: flags.isSet('retry-failed'),
  rerenderOtherEncoders: flags.word('encoder-changed', ['keep', 'rerender']) === 'rerender',
})

/** These flags as on a command line, separated by spaces; "" where none is set. */
export const formatAgainFlags = ({ force, retryFailed, rerenderOtherEncoders }: AgainFlags): string =>
  compact(
    force && '--force',
    retryFailed && '--retry-failed',
    rerenderOtherEncoders && '--encoder-changed rerender',
  ).join(' ')

/** The help text of `--expires`. */
export const EXPIRES_DESCRIPTION =
  'Links that end: after 1h, 7d, … or at 2030-12-31, 2030-12-31T18:00:00Z (needs serve.expiring)'

/** When links by `--expires` expire, in seconds; undefined where it is not given. `now` in milliseconds. */
export const readExpires = (
  flags: Flags,
  { serve }: Pick<Config, 'serve'>,
  now: number,
): Date | undefined => {
  const text = flags.text('expires')
  if (text === undefined) return undefined
  // `serve` would answer such a link for ever: no link is better than one that only seems to expire.
  if (!serve.expiring)
    throw new UsageError('--expires needs `serve: { expiring: true }`: without it serve ignores expiry')
  const ms = parseEnd(text, now)
  if (ms === undefined || Number.isNaN(ms))
    throw new UsageError(
      `--expires is ${JSON.stringify(text)}; allowed: a duration such as 1h, 7d, or a date: 2030-12-31, 2030-12-31T18:00:00Z`,
    )
  if (Math.floor(ms / 1000) > Math.floor(now / 1000) && ms < LATEST_MS) return new Date(ms)
  throw new UsageError(
    `--expires is ${JSON.stringify(text)}; allowed: what is still to come, before 10000-01-01`,
  )
}

const LATEST_MS = Date.UTC(10_000, 0)

/** A day without a time begins in UTC. A time needs its zone, because the reader's may differ from this machine's. */
const parseEnd = (text: string, now: number): number | undefined => {
  const duration = parseDurationMs(text)
  if (duration !== undefined) return now + duration
  const day = text.slice(0, 10)
  // Date would read 31 February as a day in March.
  const isDay =
    DATE.test(text) && !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day)
  return isDay ? Date.parse(text) : undefined
}

const DATE =
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,3})?)?(?:Z|[+-][0-9]{2}:[0-9]{2}))?$/

/** The flag `--memory` of every command that renders. */
export const memoryFlag = (group: string) =>
  valueFlag(group, 'Memory for pictures at work, such as 2GB; default: half of the memory')

/** Memory for all pictures that are worked on, in bytes. */
export const readMemory = (flags: Flags, host: Host): number => flags.bytes('memory') ?? fairMemoryBytes(host)

/** Where Prometheus can read metrics. */
interface MetricsFlags {
  readonly metricsPort?: number | undefined
  readonly metricsHost: string
}

/** The range of ports; 0 means any free one. */
export const PORT = { min: 0, max: 65_535 } as const

const LISTEN_GROUP = 'Where to listen:'

/** The flags of metrics. */
export const METRICS_OPTIONS = {
  'metrics-port': valueFlag(LISTEN_GROUP, 'Prometheus metrics here; default: nowhere'),
  'metrics-host': valueFlag(LISTEN_GROUP, 'Default 127.0.0.1, this machine alone'),
} as const

/** Metrics tell what a site shows and how busy it is: by default nobody outside of this machine can read them. */
export const readMetricsFlags = (flags: Flags): MetricsFlags => {
  const metricsPort = flags.wholeNumber('metrics-port', PORT)
  const host = flags.text('metrics-host')
  if (host !== undefined && metricsPort === undefined)
    throw new UsageError('--metrics-host is given, but no --metrics-port: there are no metrics without it')
  return { metricsHost: host ?? '127.0.0.1', metricsPort }
}

/** The flag `--mount`. */
export const mountFlag = (group: string) =>
  valueFlag(group, 'Path that the keys lie under; default: that of baseUrl')

/** With "/" at both ends. */
export const readMount = (flags: Flags): string | undefined =>
  flags.parsed('mount', 'a path such as /img/', parseMount)
