import { randomUUID } from 'node:crypto'
import type { PlannedSource } from '../../app/batch/plan.ts'
import { countPlan, hasWork, noCounts } from '../../app/batch/plan-counts.ts'
import { toPlanJson } from '../../app/batch/reports.ts'
import { compact } from '../../core/defined.ts'
import { predictCost } from '../../plan/cost.ts'
import { formatPlanEnd, formatPlanHeader, formatWork } from '../../plan/plan-file.ts'
import { planProject } from '../../wire/plan.ts'
import type { Command, CommandContext } from '../command.ts'
import {
  AGAIN_OPTIONS,
  type CommonFlags,
  formatAgainFlags,
  readAgainFlags,
  readCommonFlags,
  switchFlag,
  valueFlag,
} from '../common-flags.ts'
import { createFailureLog } from '../event-log.ts'
import type { Flags } from '../flags.ts'
import { formatCount } from '../format-numbers.ts'
import { openLineFile, takesStdout } from '../line-file.ts'
import { noteNoSource } from '../no-match.ts'
import { nextAfterSending, readPlanTo, sendWork } from '../plan-queue.ts'
import { countStale, formatPlan, formatSteps, type StaleCounts } from '../plan-report.ts'
import { withProgress } from '../progress.ts'
import { createLeftOut } from '../report-left-out.ts'
import { checkSizeName, formatScopeFlags, readScope, SCOPE_OPTIONS } from '../scope.ts'
import { quoteWord } from '../shell.ts'
import { logNote, speakerOf } from '../terminal.ts'
import { loadCommandConfig, withProject } from '../with-project.ts'

const FLAGS = {
  ...SCOPE_OPTIONS,
  ...AGAIN_OPTIONS,
  check: switchFlag('What to do:', 'Exit with 3 when there is work'),
  out: valueFlag(
    'What to do:',
    'File for the sources with work and their predicted cost, for build --plan; - for stdout',
  ),
  to: valueFlag(
    'What to do:',
    'Send the sources with work, most expensive first, to the queue of `watch`: sqs://name',
  ),
  wait: switchFlag('What to do:', 'With --to: end when the queue is empty'),
}

const FOUND_WORK = 3

const run = async (flags: Flags, context: CommandContext): Promise<number> => {
  const { terminal } = context
  const common = readCommonFlags(flags, context.host)
  const scope = readScope(flags)
  const only = flags.text('only')
  const again = readAgainFlags(flags)
  const isCheck = flags.isSet('check')
  const outFile = flags.text('out')
  const isStdoutTaken = takesStdout({ out: outFile }, common)
  const to = readPlanTo(flags, { scope, again })
  const config = await loadCommandConfig(common, context)
  checkSizeName(scope.narrowing?.size, config)
  const counts = noCounts()
  const stale: StaleCounts = {}
  let troubles = 0
  const leftOut = createLeftOut(config, common)
  const log = createFailureLog(terminal, common)
  const tell = (event: Parameters<typeof log.tell>[0]): void => {
    if (event.kind === 'source-skipped') counts.skipped++
    leftOut.tell(event)
    log.tell(event)
  }
  return withProject({ config, context, tell }, async (project, stop) => {
    const out = outFile === undefined ? undefined : await openLineFile(outFile, terminal.print)
    const forced = again.force && { id: randomUUID(), ...(only !== undefined && { only }) }
    out?.write(formatPlanHeader({ again: formatAgainFlags(again), ...forced }))
    let withWork = 0
    async function* compare(): AsyncGenerator<PlannedSource> {
      for await (const plan of planProject(project, {
        ...scope,
        again,
        foreignCounts: counts,
        tell,
        signal: stop.signal,
      })) {
        countPlan(counts, plan)
        countStale(stale, plan)
        const { key: source, source: listed } = plan.group
        if (listed !== undefined) leftOut.see({ source, isIncluded: listed.isIncluded })
        const cost = predictCost(plan)
        if (cost > 0) {
          withWork++
          out?.write(formatWork({ source: plan.group.key, cost }))
        }
        if (plan.problem !== undefined) troubles++
        report(plan, { common, isStdoutTaken, context })
        yield plan
      }
      out?.write(formatPlanEnd(withWork))
    }
    const read = () => ({ text: `${formatCount(counts.sources, 'source')} compared` })
    const { isQuiet } = common
    const withEach = <T>(work: (plans: AsyncIterable<PlannedSource>) => Promise<T>): Promise<T> =>
      withProgress(terminal, { isQuiet, read }, () => work(compare())).finally(() => out?.close())
    const sent = to
      ? await sendWork(to, withEach, { terminal, isQuiet, signal: stop.signal })
      : await withEach(drain)
    if (sent?.putAside) troubles++
    if (common.isJson) terminal.print(JSON.stringify({ ...toPlanJson(counts), ...(sent && { sent }) }))
    else if (!common.isQuiet) {
      const { say, style } = speakerOf(terminal, isStdoutTaken)
      // A stored plan has the names of its sources, but not which of their results were considered.
      const from = outFile !== undefined && `--plan ${quoteWord(outFile)}`
      const selected = formatScopeFlags(scope, outFile === undefined ? only : undefined)
      const build = compact('imgsizes build', from, selected || false, formatAgainFlags(again) || false)
      const next = to === undefined ? build.join(' ') : nextAfterSending(to)
      say(formatPlan(counts, { stale, next, style, isVerbose: common.isVerbose }))
      for (const line of leftOut.lines()) terminal.log(terminal.logStyle.yellow(line))
    }
    if (counts.sources === 0 && !common.isQuiet) {
      const { cwd } = context
      const note = await noteNoSource(project, { scope, only, cwd, signal: stop.signal })
      logNote(terminal, note)
    }
    if (isCheck && hasWork(counts)) return FOUND_WORK
    return troubles + log.count() > 0 ? 1 : 0
  })
}

const drain = async (plans: AsyncIterable<unknown>): Promise<undefined> => {
  for await (const _ of plans);
  return undefined
}

/** The lines about one source: that it could not be looked at, and, under `--verbose`, its steps. */
const report = (
  plan: PlannedSource,
  {
    common,
    isStdoutTaken,
    context: { terminal },
  }: { readonly common: CommonFlags; readonly isStdoutTaken: boolean; readonly context: CommandContext },
): void => {
  if (plan.problem !== undefined)
    terminal.log(`${terminal.logStyle.red('failed')} ${plan.group.key}: ${plan.problem.message}`)
  if (!common.isVerbose) return
  // With --json, stdout has one object and nothing else.
  const isOnStderr = common.isJson || isStdoutTaken
  const say = isOnStderr ? terminal.log : terminal.print
  for (const line of formatSteps(plan, isOnStderr ? terminal.logStyle : terminal.style)) say(line)
}

/** `imgsizes plan`. */
export const command: Command = {
  examples: [
    ['imgsizes plan', 'what is missing, out of date or wanted by nothing'],
    ['imgsizes plan --verbose', 'the same, key by key'],
    ['imgsizes plan --check --quiet', 'for CI: is everything built?'],
    [
      'imgsizes plan --to sqs://pictures --wait',
      'for the workers of `imgsizes watch`: their work, and its end',
    ],
    ['imgsizes plan --out plan.ndjson', 'for many machines: each runs build --plan plan.ndjson --shard i/n'],
  ],
  unusedFlags: ['concurrency'],
  usage:
    '$0 plan\n\nCompares originals with results and says what `build` would do. Renders, writes and deletes no result.',
  flags: FLAGS,
  run,
}
