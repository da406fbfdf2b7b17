import { toVerifyJson, type VerifyOutcome } from '../../app/batch/reports.ts'
import type { AppEvent } from '../../app/event.ts'
import { toBatchBounds } from '../../wire/host.ts'
import { refuseCache } from '../../wire/refuse-cache.ts'
import { verifyProject } from '../../wire/verify.ts'
import type { Command, CommandContext } from '../command.ts'
import { type CommonFlags, readCommonFlags, switchFlag } from '../common-flags.ts'
import { createFailureLog } from '../event-log.ts'
import type { Flags } from '../flags.ts'
import { formatCount, formatNumber } from '../format-numbers.ts'
import { withProgress } from '../progress.ts'
import { checkSizeName, formatScopeFlags, readScope, SCOPE_OPTIONS } from '../scope.ts'
import { logNote } from '../terminal.ts'
import { loadCommandConfig, withProject } from '../with-project.ts'

const FLAGS = { ...SCOPE_OPTIONS, repair: switchFlag('What to do:', 'Render again what is bad') }

const run = async (flags: Flags, context: CommandContext): Promise<number> => {
  const { terminal } = context
  const common = readCommonFlags(flags, context.host)
  const scope = readScope(flags)
  const isRepair = flags.isSet('repair')
  const config = await loadCommandConfig(common, context)
  if (isRepair) refuseCache(config, 'verify --repair')
  checkSizeName(scope.narrowing?.size, config)
  const watch = createWatch(common, context)
  return withProject({ config, context, tell: watch.tell, mustExist: true }, async (project, stop) => {
    const bounds = toBatchBounds(context.host, { threads: common.threads })
    const read = () => ({ text: `${formatCount(watch.checked(), 'result')} checked, ${watch.bad()} bad` })
    const outcome = await withProgress(terminal, { isQuiet: common.isQuiet, read }, () =>
      verifyProject(project, { ...scope, repair: isRepair, bounds, tell: watch.tell, signal: stop.signal }),
    )
    report(outcome, common, context)
    if (outcome.checked === 0 && !common.isQuiet)
      logNote(terminal, noteNothing(formatScopeFlags(scope, flags.text('only'))))
    return outcome.left.length > 0 || watch.failures() > 0 ? 1 : 0
  })
}

const noteNothing = (wanted: string): string =>
  wanted === ''
    ? 'Nothing is stored under the configured secrets. Next: imgsizes build'
    : `Nothing that is stored matches ${wanted}.`

const createWatch = (common: CommonFlags, { terminal }: CommandContext) => {
  const log = createFailureLog(terminal, common)
  let checked = 0
  let bad = 0
  return {
    checked: () => checked,
    bad: () => bad,
    failures: log.count,
    tell: (event: AppEvent): void => {
      log.tell(event)
      if (event.kind === 'result-checked') checked++
      else if (event.kind === 'result-bad') bad++
    },
  }
}

const report = (
  outcome: VerifyOutcome,
  { isJson, isQuiet }: CommonFlags,
  { terminal }: CommandContext,
): void => {
  const { checked, bad, left, isRepair } = outcome
  if (isJson) {
    terminal.print(JSON.stringify(toVerifyJson(outcome)))
    return
  }
  const { style } = terminal
  for (const { key, code, message, isOrphan } of left)
    terminal.print(`${style.red(code)} ${key} ${style.dim(isOrphan ? `${message} ${ORPHAN}` : message)}`)
  if (isQuiet) return
  const mended = bad.length - left.length
  const repaired = isRepair && mended > 0 ? `, ${formatNumber(mended)} repaired` : ''
  const rest = `${formatNumber(left.length)} bad`
  terminal.print(
    `${formatCount(checked, 'result')} checked${repaired}, ${left.length > 0 ? style.red(rest) : rest}`,
  )
  if (left.some(({ isOrphan }) => !isOrphan) && !isRepair) terminal.log('Next: imgsizes verify --repair')
}

const ORPHAN = 'Its original is gone, so it cannot be rendered again: prune or purge it.'

/** `imgsizes verify`. */
export const command: Command = {
  examples: [
    ['imgsizes verify', 'after a disk was full, or a copy went wrong'],
    ["imgsizes verify --only 'blog/**' --repair", 'and make it good'],
  ],
  usage: '$0 verify\n\nReads back every stored result, decodes it and holds it against its key.',
  flags: FLAGS,
  run,
}
