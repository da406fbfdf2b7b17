import { createRunTally } from '../../app/batch/build-tally.ts'
import { sortRefusals, toWarmJson, type WarmReport } from '../../app/batch/reports.ts'
import { type LogCounts, noLogCounts } from '../../app/warm/count-log.ts'
import type { WantedResults } from '../../app/warm/wanted.ts'
import { compact } from '../../core/defined.ts'
import { systemClock } from '../../waiting/system-clock.ts'
import { warmProject } from '../../wire/build.ts'
import { toBatchBounds } from '../../wire/host.ts'
import type { Project } from '../../wire/project.ts'
import { countLogs, listDue } from '../../wire/warm.ts'
import { checkLogs, readLog } from '../access-logs.ts'
import { withBuildProgress } from '../build-progress.ts'
import type { Command, CommandContext } from '../command.ts'
import {
  memoryFlag,
  mountFlag,
  readCommonFlags,
  readMemory,
  readMount,
  switchFlag,
  valueFlag,
} from '../common-flags.ts'
import { createEventLog } from '../event-log.ts'
import type { Flags } from '../flags.ts'
import { formatBytes, formatCount, formatNumber, formatSeconds } from '../format-numbers.ts'
import { withProgress } from '../progress.ts'
import type { Stop } from '../stop.ts'
import type { Style } from '../terminal.ts'
import { loadCommandConfig, withProject } from '../with-project.ts'

const WHICH = 'Which variants:'
const WORK = 'What to do:'

const FLAGS = {
  limit: valueFlag(WHICH, 'Only so many, those that were asked for most'),
  'min-hits': valueFlag(WHICH, 'Only those that were asked for at least so often'),
  mount: mountFlag(WHICH),
  'dry-run': switchFlag(WORK, 'Print what would be rendered, with hits, and render nothing'),
  'retry-failed': switchFlag(WORK, 'Try again what failed before'),
  memory: memoryFlag(WORK),
}

const readWarmFlags = (flags: Flags, { host }: CommandContext) => ({
  common: readCommonFlags(flags, host),
  logs: flags.argumentList('logs'),
  limit: flags.wholeNumber('limit', AT_LEAST_ONE) ?? Number.POSITIVE_INFINITY,
  minHits: flags.wholeNumber('min-hits', AT_LEAST_ONE) ?? 1,
  mount: readMount(flags),
  isDryRun: flags.isSet('dry-run'),
  retryFailed: flags.isSet('retry-failed'),
  memoryBytes: readMemory(flags, host),
})

type WarmFlags = ReturnType<typeof readWarmFlags>

const AT_LEAST_ONE = { min: 1, max: Number.MAX_SAFE_INTEGER } as const

const run = async (flags: Flags, context: CommandContext): Promise<number> => {
  const given = readWarmFlags(flags, context)
  const { common } = given
  await checkLogs(given.logs)
  const config = await loadCommandConfig(common, context)
  const watch = createRunTally(systemClock.now, createEventLog(context.terminal, common))
  return withProject({ config, context, tell: watch.tell }, async (project, stop) => {
    const job: Job = { project, stop, given, context, watch }
    const { wanted, ...counted } = await readLogs(job)
    let due: WarmReport['due']
    try {
      if (given.isDryRun) due = await printDue(wanted, job)
      else await makeWanted(wanted, job)
    } finally {
      report({ ...counted, ...watch.read(), wanted: wanted.variants, due }, job)
    }
    return watch.read().tally.failed > 0 ? 1 : 0
  })
}

interface Job {
  readonly project: Project
  readonly stop: Stop
  readonly given: WarmFlags
  readonly context: CommandContext
  readonly watch: ReturnType<typeof createRunTally>
}

const readLogs = async ({ project, stop, given, context }: Job) => {
  const log = noLogCounts()
  const read = () => ({ text: `${formatCount(log.lines, 'line')} read` })
  const logs = given.logs.map((name) => ({ name, open: () => readLog(name, stop.signal) }))
  const counted = await withProgress(context.terminal, { isQuiet: given.common.isQuiet, read }, () =>
    countLogs(project, logs, { ...given, counts: log }),
  )
  return { ...counted, log }
}

const makeWanted = async (wanted: WantedResults, job: Job): Promise<void> => {
  const { project, given, context, watch } = job
  if (wanted.variants === 0) return
  const { common, memoryBytes, retryFailed } = given
  const scope = { selection: { keys: wanted.sources } }
  const bounds = toBatchBounds(context.host, { threads: common.threads, memoryBytes })
  await withBuildProgress({ project, scope, common, terminal: context.terminal, read: watch.read }, () =>
    warmProject(project, { wanted, retryFailed, bounds, stop: job.stop.signal, tell: watch.tell }),
  )
}

/** Prints what would be made, unless the output is one JSON object. */
const printDue = (wanted: WantedResults, { project, given, context, watch, stop }: Job) =>
  listDue(project, wanted, {
    retryFailed: given.retryFailed,
    tell: watch.tell,
    stop: stop.signal,
    onDue: ({ hits, key }) => {
      if (!given.common.isJson && !given.common.isQuiet)
        context.terminal.print(`${String(hits).padStart(8)}  ${key}`)
    },
  })

const report = (warmed: WarmReport, { given, context: { terminal } }: Job): void => {
  const { isJson, isQuiet } = given.common
  if (isJson) terminal.print(JSON.stringify(toWarmJson(warmed)))
  else if (!isQuiet) terminal.print(formatWarmReport(warmed, terminal.style))
  for (const line of formatWarmTroubles(warmed, { style: terminal.logStyle, isQuiet })) terminal.log(line)
}

/** `imgsizes warm`. */
export const command: Command = {
  asks: 'Which log?',
  examples: [
    ['imgsizes warm /var/log/nginx/access.log*', 'what visitors asked for, rotated logs too'],
    ['imgsizes warm access.log --limit 10000 --dry-run', 'what would be made of it'],
    ['aws s3 cp s3://logs/cdn.gz - | imgsizes warm - --min-hits 2', 'from a pipe'],
  ],
  usage:
    '$0 warm <log>...\n\nRenders what visitors asked for, the most wanted first: every image URL of an access log that ' +
    '`serve` would answer, native or of a configured dialect, is made unless it is there.\n\n' +
    'Formats are told apart by line: Common and Combined (nginx, Apache), S3 server access, ALB, CloudFront ' +
    'and other W3C logs, JSON (Caddy, nginx, pino, Traefik, …), logfmt; packed by gzip or not.',
  argument: ['logs', { type: 'string', array: true, describe: 'Files, or - for stdin' }],
  flags: FLAGS,
  run,
}

/** For people. */
export const formatWarmReport = (report: WarmReport, style: Style): string => {
  const { log, wanted, gone, tally, seconds, due } = report
  const { present, rendered, copied, touched, failed, bytesIn, bytesOut } = tally
  const refused = log.refused > 0 ? `, ${formatNumber(log.refused)} refused${formatRefusals(log)}` : ''
  const parts = compact(
    ...(due === undefined
      ? [`${formatNumber(rendered)} rendered`]
      : [`${formatNumber(due.count)} to render`]),
    ...counted([
      [copied, 'copied'],
      [touched, 'given new headers'],
      [present, 'present'],
      [gone, 'without an original'],
    ]),
    failed > 0 && style.red(`${formatCount(failed, 'source')} failed`),
  )
  const bytes = `${formatBytes(bytesIn)} of originals in, ${formatBytes(bytesOut)} of results out, `
  return [
    `${formatCount(log.lines, 'line')}, ${formatCount(log.urls, 'request')}${refused}`,
    `${style.bold(formatCount(wanted, 'variant'))} wanted: ${parts.join(', ')}`,
    `${rendered > 0 ? bytes : ''}in ${formatSeconds(seconds)}`,
  ].join('\n')
}

/** What went wrong and what was left out, for stderr; with `isQuiet` only failures. */
export const formatWarmTroubles = (
  { log, tally, isCapped }: WarmReport,
  { style, isQuiet }: { readonly style: Style; readonly isQuiet: boolean },
): readonly string[] => {
  const shown = tally.failures.slice(0, MOST_LINES)
  const rest = tally.failed - shown.length
  const notes = compact(
    log.lines > 0 &&
      log.urls === 0 &&
      'No line tells of a GET or HEAD request: is this an access log? `imgsizes warm --help` names the formats.',
    isCapped && 'So many variants were asked for that the rarest were not counted.',
    tally.failing > 0 &&
      `${formatCount(tally.failing, 'source')} failed before and not tried again: --retry-failed`,
  )
  return compact(
    ...shown.map(
      ({ source, problem }) =>
        `${style.red('failed')} ${source}: ${problem.message} ${style.dim(`(${problem.code})`)}`,
    ),
    rest > 0 && `… and ${formatNumber(rest)} more`,
    ...(isQuiet ? [] : notes.map((line) => style.yellow(line))),
  )
}

const MOST_LINES = 20

const counted = (parts: readonly (readonly [number, string])[]): readonly string[] =>
  parts.flatMap(([count, word]) => (count > 0 ? [`${formatNumber(count)} ${word}`] : []))

const formatRefusals = (log: LogCounts): string =>
  ` (${sortRefusals(log)
    .map(([code, count]) => `${formatNumber(count)} ${code}`)
    .join(', ')})`
