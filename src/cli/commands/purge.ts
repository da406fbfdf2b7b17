import { type Purged, type PurgeInput, purge } from '../../app/batch/purge.ts'
import { toPurgeJson } from '../../app/batch/reports.ts'
import { parseSourceKey, type SourceKey } from '../../core/source-key.ts'
import type { VariantKey } from '../../url/keyring.ts'
import { findPurged, type PurgeTarget, parsePurgeTarget } from '../../wire/purge.ts'
import type { Command, CommandContext } from '../command.ts'
import { readCommonFlags, switchFlag } from '../common-flags.ts'
import { createEventLog } from '../event-log.ts'
import { type Flags, UsageError } from '../flags.ts'
import { formatCount } from '../format-numbers.ts'
import { noteStillThere } from '../missing-source.ts'
import { explainNames } from '../no-match.ts'
import { logNote } from '../terminal.ts'
import { loadCommandConfig, withProject } from '../with-project.ts'

const FLAGS = { yes: { ...switchFlag('What to do:', 'Do not ask'), alias: 'y' } }

const run = async (flags: Flags, context: CommandContext): Promise<number> => {
  const { terminal } = context
  const common = readCommonFlags(flags, context.host)
  const isSure = flags.isSet('yes')
  const targets = flags.argumentList('sources').map(parsePurgeTarget)
  if (!isSure && !terminal.canAsk)
    throw new UsageError('purge asks before it deletes, and there is no terminal to ask on; pass --yes')
  const config = await loadCommandConfig(common, context)
  const tell = createEventLog(terminal, common)
  return withProject({ config, context, tell, mustExist: true }, async (project, stop) => {
    const input: PurgeInput = { ...project, tell, signal: stop.signal }
    const purged = await findPurged(targets, input)
    const { keys, aliases } = purged
    const finish = (deleted: readonly VariantKey[]): void => {
      if (common.isJson) terminal.print(JSON.stringify(toPurgeJson(deleted)))
      else if (!common.isQuiet) terminal.print(`${formatCount(deleted.length, 'result')} deleted`)
    }
    const say = common.isJson ? terminal.log : terminal.print
    if (!common.isQuiet) for (const key of keys) say(key)
    if (keys.length + aliases.length > 0 && !isSure) {
      if (!(await terminal.confirm(toQuestion(purged), stop.signal))) {
        finish([])
        return 1
      }
    }
    await purge(input, purged)
    finish(keys)
    if (common.isQuiet) return 0
    const note =
      keys.length + aliases.length === 0
        ? await noteNoResult(targets, input)
        : await noteStillThere(listPlain(targets, keys), project.originals, stop.signal)
    if (note !== undefined) logNote(terminal, note)
    return 0
  })
}

/** The sources named without globs that had results. */
const listPlain = (targets: readonly PurgeTarget[], keys: readonly VariantKey[]): readonly SourceKey[] => {
  const names = targets.filter(({ isMatch }) => isMatch === undefined).map(({ text }) => text)
  return [...new Set(names)].flatMap((name) => {
    const source = parseSourceKey(name)
    return source !== undefined && keys.some((key) => key.startsWith(`${name}/`)) ? [source] : []
  })
}

const toQuestion = ({ keys, aliases }: Purged): string => {
  const names = aliases.length === 0 ? '' : `, and ${formatCount(aliases.length, 'second name')}`
  const results = keys.length === 1 ? 'this result' : `these ${formatCount(keys.length, 'result')}`
  return `Delete ${results}${names}?`
}

/** Says that there was nothing to delete, and shows names of sources that have results. */
const noteNoResult = async (
  targets: readonly PurgeTarget[],
  { results, signal }: PurgeInput,
): Promise<string> => {
  const names = new Set<SourceKey>()
  for await (const { variant } of results.list({ onUnlisted: () => {}, signal })) {
    names.add(variant.source)
    if (names.size >= MOST_NAMES) break
  }
  const asked = targets.map(({ text }) => text)
  const nothing = `There is no result of ${asked.join(', ')}.`
  if (names.size === 0) return `${nothing} There are no results at all.`
  return `${nothing} ${explainNames([...names], 'the source folder', asked[0] ?? '')}`
}

const MOST_NAMES = 1_000

/** `imgsizes purge`. */
export const command: Command = {
  asks: 'Which pictures?',
  examples: [
    ['imgsizes purge cat.jpg', 'the results of one picture'],
    ["imgsizes purge 'events/2024/**' --yes", 'of many, without asking'],
  ],
  unusedFlags: ['source', 'concurrency'],
  usage:
    '$0 purge <source or glob>...\n\nDeletes every result of these sources now. The originals are left alone.',
  argument: ['sources', { type: 'string', array: true, describe: 'Source keys, or globs over them' }],
  flags: FLAGS,
  run,
}
