import type { PruneCounts } from '../../app/batch/prune.ts'
import { DEFAULT_MAX_SHARE } from '../../app/batch/prune-survey.ts'
import { toPruneJson } from '../../app/batch/reports.ts'
import type { AppEvent } from '../../app/event.ts'
import { compact } from '../../core/defined.ts'
import { DEFAULT_OLDER_THAN_MS, pruneProject } from '../../wire/prune.ts'
import type { Command, CommandContext } from '../command.ts'
import { readCommonFlags, switchFlag, valueFlag } from '../common-flags.ts'
import { createFailureLog } from '../event-log.ts'
import { type Flags, UsageError } from '../flags.ts'
import { formatCount } from '../format-numbers.ts'
import { withProgress } from '../progress.ts'
import { loadCommandConfig, withProject } from '../with-project.ts'

const WORK = 'What to delete:'
const DEFAULT_AGE = '7d'

const FLAGS = {
  'dry-run': switchFlag(WORK, 'Say what would be deleted'),
  'older-than': valueFlag(
    WORK,
    `Only what nothing has needed for this long: 30m, 12h, ${DEFAULT_AGE} (default), 0`,
  ),
  'max-share': valueFlag(
    WORK,
    `Refuse when a larger share of sources would lose all results: 0..1, default ${DEFAULT_MAX_SHARE}`,
  ),
  extras: switchFlag(WORK, 'Also what serve made on request and no size asks for'),
  shard: { hidden: true },
  'allow-empty': switchFlag(WORK, 'Go on even if not a single original is found'),
}

const readPruneFlags = (flags: Flags) => {
  if (flags.text('shard') !== undefined)
    throw new UsageError('prune takes no share: run it once, when all shards of the build have ended')
  return {
    dryRun: flags.isSet('dry-run'),
    olderThanText: flags.text('older-than') ?? DEFAULT_AGE,
    olderThanMs: flags.durationMs('older-than') ?? DEFAULT_OLDER_THAN_MS,
    maxShare: flags.number('max-share', { min: 0, max: 1 }) ?? DEFAULT_MAX_SHARE,
    extras: flags.isSet('extras'),
    allowEmpty: flags.isSet('allow-empty'),
  }
}

type PruneFlags = ReturnType<typeof readPruneFlags>

const run = async (flags: Flags, context: CommandContext): Promise<number> => {
  const { terminal } = context
  const common = readCommonFlags(flags, context.host)
  const given = readPruneFlags(flags)
  const config = await loadCommandConfig(common, context)
  const log = createFailureLog(terminal, common)
  let seen = 0
  const tell = (event: AppEvent): void => {
    log.tell(event)
    if (event.kind !== 'result-deleted') return
    seen++
    if (common.isVerbose) terminal.log(`${given.dryRun ? 'would delete' : 'delete'} ${event.key}`)
  }
  return withProject({ config, context, tell, mustExist: true }, async (project, { signal }) => {
    const read = () => ({
      text: seen === 0 ? 'comparing originals and results' : `${formatCount(seen, 'result')} to delete`,
    })
    const counts = await withProgress(terminal, { isQuiet: common.isQuiet, read }, () =>
      pruneProject(project, { ...given, tell, signal }),
    )
    if (common.isJson) terminal.print(JSON.stringify(toPruneJson(counts)))
    else if (!common.isQuiet) terminal.report(formatPrune(counts, given))
    return log.count() > 0 ? 1 : 0
  })
}

const formatPrune = (
  { deleted, kept, extra, foreign }: PruneCounts,
  { dryRun, olderThanText }: PruneFlags,
): string =>
  compact(
    `${formatCount(deleted, 'result')} ${dryRun ? 'would be ' : ''}deleted`,
    kept > 0 &&
      `${formatCount(kept, 'result')} kept for now, not needed for less than ${olderThanText}; to delete them now: imgsizes prune --older-than 0`,
    extra > 0 &&
      `${formatCount(extra, 'result')} kept that serve made on request, of no configured size; to delete them too: --extras`,
    foreign > 0 && `${formatCount(foreign, 'other file')} in the output, not made by imgsizes, left alone`,
  ).join('\n')

/** `imgsizes prune`. */
export const command: Command = {
  examples: [
    ['imgsizes prune --dry-run --verbose', 'what would go'],
    ['imgsizes prune', 'delete what nothing has wanted for a week'],
    ['imgsizes prune --older-than 0', 'at once'],
  ],
  unusedFlags: ['concurrency'],
  usage:
    '$0 prune\n\nDeletes results that are not needed any more: of originals that are gone, of sizes that are not in the configuration now. Files that imgsizes has not made, and results that may be needed, stay.',
  flags: FLAGS,
  run,
}
