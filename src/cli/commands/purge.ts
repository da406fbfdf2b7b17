import type { Argv } from 'yargs'
import { listPurge, purge } from '../../app/purge.ts'
import type { VariantKey } from '../../url/keyring.ts'
import type { Project } from '../../wire/project.ts'
import type { Command, CommandContext } from '../command.ts'
import { readCommonFlags, SWITCH } from '../common-flags.ts'
import { createEventLog } from '../event-log.ts'
import type { Flags } from '../flags.ts'
import { formatCount } from '../format.ts'
import { commonPrefix, type PurgeTarget, parsePurgeTarget } from '../purge-target.ts'
import type { Stop } from '../stop.ts'
import { UsageError } from '../usage-error.ts'
import { loadCommandConfig, withProject } from '../with-project.ts'

const define = (yargs: Argv): Argv =>
  yargs
    .usage(
      '$0 purge <source or glob>...\n\nDeletes every result of these sources now. The originals are left alone.',
    )
    .positional('sources', { type: 'string', array: true, describe: 'Source keys, or globs over them' })
    .options({ yes: { ...SWITCH, group: 'What to do:', describe: 'Do not ask' } })
    .alias('yes', 'y')
    .example('imgsizes purge photos/cat.jpg', 'the results of one picture')
    .example("imgsizes purge 'events/2024/**' --yes", 'of many, without asking')

const run = async (flags: Flags, context: CommandContext): Promise<number> => {
  const { terminal } = context
  const common = readCommonFlags(flags, context.host)
  const isSure = flags.isSet('yes')
  const targets = flags.argumentList('sources').map(parsePurgeTarget)
  if (!isSure && !terminal.canAsk)
    throw new UsageError('purge asks before it deletes, and there is no terminal to ask on; pass --yes')
  const config = await loadCommandConfig(common, context)
  const tell = createEventLog(terminal, common)
  return withProject({ config, context, tell }, async (project, stop) => {
    const keys = await findKeys(targets, project, stop)
    const finish = (deleted: readonly VariantKey[]): void => {
      if (common.isJson)
        terminal.print(JSON.stringify({ version: 1, deleted: deleted.length, keys: deleted }))
      else if (!common.isQuiet) terminal.print(`${formatCount(deleted.length, 'result')} deleted`)
    }
    const say = common.isJson ? terminal.log : terminal.print
    if (!common.isQuiet) for (const key of keys) say(key)
    if (keys.length > 0 && !isSure) {
      const question = `Delete ${keys.length === 1 ? 'this result' : `these ${formatCount(keys.length, 'result')}`}?`
      if (!(await terminal.confirm(question, stop.signal))) {
        finish([])
        return 1
      }
    }
    const { results } = project
    await purge({ results, isChosen: () => true, prefix: '', tell, signal: stop.signal }, keys)
    finish(keys)
    return 0
  })
}

/** What is spelled out goes first: a key that stands literally is never taken for a glob as well. */
const findKeys = async (
  targets: readonly PurgeTarget[],
  { results }: Project,
  { signal }: Stop,
): Promise<readonly VariantKey[]> => {
  const found = new Set<string>()
  const literal = await listPurge({
    results,
    signal,
    prefix: commonPrefix(targets.map(({ text }) => `${text}/`)),
    tell: () => {},
    isChosen: (key) => {
      const isNamed = targets.some(({ text }) => text === key)
      if (isNamed) found.add(key)
      return isNamed
    },
  })
  const globs = targets.filter(({ text, isMatch }) => isMatch !== undefined && !found.has(text))
  if (globs.length === 0) return literal
  const matching = await listPurge({
    results,
    signal,
    prefix: commonPrefix(globs.map(({ prefix }) => prefix)),
    tell: () => {},
    isChosen: (key) => !found.has(key) && globs.some(({ isMatch }) => isMatch?.(key)),
  })
  return [...literal, ...matching]
}

export const purgeCommand: Command = {
  usage: 'purge <sources..>',
  summary: 'Delete every result of some sources now',
  define,
  run,
}
