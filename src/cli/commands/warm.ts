import type { Argv } from 'yargs'
import type { AppEvent } from '../../app/event.ts'
import { countLog, type LogCounts, noLogCounts } from '../../app/warm/count-log.ts'
import { createFrequent } from '../../app/warm/frequent.ts'
import { createWanted, type Wanted } from '../../app/warm/wanted.ts'
import { planWanted } from '../../app/warm/warm.ts'
import { mountOf } from '../../config/base-url.ts'
import { isBuilt, warmProject } from '../../wire/build.ts'
import { openLogUrls } from '../../wire/log-urls.ts'
import type { Project } from '../../wire/project.ts'
import { checkLogs, readLog } from '../access-logs.ts'
import { showBuildProgress } from '../build-progress.ts'
import { createBuildTally } from '../build-tally.ts'
import type { Command, CommandContext } from '../command.ts'
import { type CommonFlags, readCommonFlags, SWITCH, VALUE } from '../common-flags.ts'
import { createEventLog } from '../event-log.ts'
import type { Flags } from '../flags.ts'
import { formatCount } from '../format.ts'
import { fairMemoryBytes, toBatchBounds } from '../host.ts'
import { MOUNT_OPTION, readMount } from '../mount-flag.ts'
import { withProgress } from '../progress.ts'
import type { Stop } from '../stop.ts'
import {
  type DueResult,
  formatWarmReport,
  formatWarmTroubles,
  MOST_DUE_LISTED,
  toWarmJson,
  type WarmReport,
} from '../warm-report.ts'
import { loadCommandConfig, withProject } from '../with-project.ts'

const WHICH = 'Which variants:'
const WORK = 'What to do:'

const define = (yargs: Argv): Argv =>
  yargs
    .usage(
      '$0 warm <log>...\n\nRenders what visitors asked for, the most wanted first: every image URL of an access log that ' +
        '`serve` would answer, native or of a configured dialect, is made unless it is there.\n\n' +
        'Formats are told apart by line: Common and Combined (nginx, Apache), S3 server access, ALB, CloudFront ' +
        'and other W3C logs, JSON (Caddy, nginx, pino, Traefik, …), logfmt; packed by gzip or not.',
    )
    .positional('logs', { type: 'string', array: true, describe: 'Files, or - for stdin' })
    .options({
      limit: { ...VALUE, group: WHICH, describe: 'The most wanted so many' },
      'min-hits': { ...VALUE, group: WHICH, describe: 'Those asked for at least so often' },
      mount: { ...MOUNT_OPTION, group: WHICH },
      'dry-run': {
        ...SWITCH,
        group: WORK,
        describe: 'Print what would be rendered, with hits, and render nothing',
      },
      'retry-failed': { ...SWITCH, group: WORK, describe: 'Try again what failed before' },
      memory: { ...VALUE, group: WORK, describe: 'Decoded pictures in flight; default: half of the memory' },
    })

interface WarmFlags {
  readonly common: CommonFlags
  readonly logs: readonly string[]
  readonly limit: number
  readonly minHits: number
  readonly mount: string | undefined
  readonly isDryRun: boolean
  readonly retryFailed: boolean
  readonly memoryBytes: number
}

const readWarmFlags = (flags: Flags, { host }: CommandContext): WarmFlags => ({
  common: readCommonFlags(flags, host),
  logs: flags.argumentList('logs'),
  limit: flags.wholeNumber('limit', AT_LEAST_ONE) ?? Number.POSITIVE_INFINITY,
  minHits: flags.wholeNumber('min-hits', AT_LEAST_ONE) ?? 1,
  mount: readMount(flags),
  isDryRun: flags.isSet('dry-run'),
  retryFailed: flags.isSet('retry-failed'),
  memoryBytes: flags.bytes('memory') ?? fairMemoryBytes(host),
})

const AT_LEAST_ONE = { min: 1, max: Number.MAX_SAFE_INTEGER } as const

/** Some 400 bytes each: more than that many different ones, and the rarest are left to `serve`. */
const MOST_VARIANTS = 200_000

const run = async (flags: Flags, context: CommandContext): Promise<number> => {
  const given = readWarmFlags(flags, context)
  const { common } = given
  await checkLogs(given.logs)
  const config = await loadCommandConfig(common, context)
  const watch = createWatch(common, context)
  return withProject({ config, context, tell: watch.tell }, async (project, stop) => {
    const job: Job = { project, stop, given, context, watch }
    const { wanted, ...counted } = await countLogs(job)
    let due: WarmReport['due']
    try {
      if (given.isDryRun) due = await listDue(wanted, job)
      else await makeWanted(wanted, job)
    } finally {
      report({ ...counted, ...watch.read(), wanted: wanted.variants, ...(due && { due }) }, job)
    }
    return watch.read().tally.failed > 0 ? 1 : 0
  })
}

interface Job {
  readonly project: Project
  readonly stop: Stop
  readonly given: WarmFlags
  readonly context: CommandContext
  readonly watch: Watch
}

interface Watch {
  tell(event: AppEvent): void
  read(): Pick<WarmReport, 'tally' | 'seconds' | 'gone'>
}

const createWatch = (common: CommonFlags, { terminal, now }: CommandContext): Watch => {
  const startedAt = now()
  const tally = createBuildTally()
  const log = createEventLog(terminal, common)
  let gone = 0
  return {
    tell: (event) => {
      tally.tell(event)
      if (event.kind === 'source-gone') gone += event.results
      log(event)
    },
    read: () => ({ tally: tally.read(), seconds: (now() - startedAt) / 1000, gone }),
  }
}

interface CountedLogs {
  readonly wanted: Wanted
  readonly log: LogCounts
  readonly isCapped: boolean
}

const countLogs = async ({ project, stop, given, context }: Job): Promise<CountedLogs> => {
  const { config, keyring } = project
  const log = noLogCounts()
  const frequent = createFrequent(MOST_VARIANTS)
  const now = Math.floor(context.now() / 1000)
  const readUrl = openLogUrls(project, { mount: given.mount ?? mountOf(config), now })
  const read = () => ({ text: `${formatCount(log.lines, 'line')} read` })
  await withProgress(context.terminal, { isQuiet: given.common.isQuiet, read }, async () => {
    for (const name of given.logs)
      await countLog(name, readLog(name, stop.signal), { readUrl, wanted: frequent, counts: log })
  })
  const counted = frequent.list().filter(({ hits }) => hits >= given.minHits)
  const wanted = createWanted({
    counted: counted.slice(0, given.limit),
    keyring,
    versions: config,
    expectation: project.expect(),
    isIncluded: isBuilt(config),
  })
  return { wanted, log, isCapped: frequent.isFull }
}

const toPlanInput = (wanted: Wanted, { project, stop, given, watch }: Job) => ({
  originals: project.originals,
  results: project.results,
  ledger: project.ledger,
  wanted,
  rules: project.rules({ isNarrowed: true, retryFailed: given.retryFailed }),
  revision: project.config.revision,
  strangers: { foreign: 0 },
  stop: stop.signal,
  tell: watch.tell,
})

const makeWanted = async (wanted: Wanted, job: Job): Promise<void> => {
  const { project, given, context, watch } = job
  const { threads } = given.common
  if (wanted.variants === 0) return
  const progress = showBuildProgress({
    project,
    scope: { selection: { keys: wanted.sources } },
    common: given.common,
    terminal: context.terminal,
    read: watch.read,
  })
  try {
    await warmProject(project, {
      wanted,
      retryFailed: given.retryFailed,
      bounds: toBatchBounds(context.host, { threads, memoryBytes: given.memoryBytes }),
      stop: job.stop.signal,
      tell: watch.tell,
    })
  } finally {
    progress.stop()
  }
}

/** Prints what would be made, unless it is one JSON object that is wanted. */
const listDue = async (wanted: Wanted, job: Job): Promise<NonNullable<WarmReport['due']>> => {
  const { given, context, watch, project } = job
  const first: DueResult[] = []
  let count = 0
  for await (const plan of planWanted(toPlanInput(wanted, job))) {
    const { group, steps, fingerprint, problem } = plan
    const { key: source, source: original } = group
    if (problem !== undefined) watch.tell({ kind: 'source-failed', source, problem })
    watch.tell({
      kind: 'source-planned',
      source,
      sourceBytes: original?.sizeBytes ?? 0,
      steps,
      isIncluded: original?.isIncluded ?? false,
    })
    for (const step of steps) {
      if (step.kind !== 'render') continue
      const { transform, format } = step.result
      const key = project.keyring.keyOf({ source, transform, format })
      const due = { key, hits: wanted.hitsOf(source, step.result, fingerprint) }
      count++
      if (first.length < MOST_DUE_LISTED) first.push(due)
      if (!given.common.isJson && !given.common.isQuiet)
        context.terminal.print(`${String(due.hits).padStart(8)}  ${due.key}`)
    }
  }
  return { count, first }
}

const report = (warmed: WarmReport, { given, context: { terminal } }: Job): void => {
  const { isJson, isQuiet } = given.common
  if (isJson) terminal.print(JSON.stringify(toWarmJson(warmed)))
  else if (!isQuiet) terminal.print(formatWarmReport(warmed, terminal.style))
  for (const line of formatWarmTroubles(warmed, { style: terminal.logStyle, isQuiet })) terminal.log(line)
}

export const warmCommand: Command = {
  usage: 'warm <logs..>',
  summary: 'Render what visitors asked for, from an access log',
  asks: 'Which log?',
  examples: [
    ['imgsizes warm /var/log/nginx/access.log*', 'what visitors asked for, rotated logs too'],
    ['imgsizes warm access.log --limit 10000 --dry-run', 'what would be made of it'],
    ['aws s3 cp s3://logs/cdn.gz - | imgsizes warm - --min-hits 2', 'from a pipe'],
  ],
  define,
  run,
}
