import type { ServeEnd, WatchEnd } from '../wire/long-run-options.ts'
import type { CommandContext } from './command.ts'
import { type CommonFlags, readCommonFlags, readMemory } from './common-flags.ts'
import type { Flags } from './flags.ts'
import { loadCommandConfig, untilStopped } from './with-project.ts'

/** The options of every command that runs until it is told to stop. */
export const readLongRun = async (flags: Flags, context: CommandContext) => {
  const common: CommonFlags = readCommonFlags(flags, context.host)
  const memoryBytes = readMemory(flags, context.host)
  return {
    config: await loadCommandConfig(common, context),
    memoryBytes,
    threads: common.threads,
    programVersion: context.programVersion,
    json: common.isJson,
    quiet: common.isQuiet,
    verbose: common.isVerbose,
  }
}

/**
 * Runs it until a signal comes. Its exit code: 0 where everything ended in time, 1 where something was lost, else the
 * signal's (docs/reference/contracts.md).
 */
export const runLong = async (
  context: CommandContext,
  work: (stop: AbortSignal) => Promise<ServeEnd | WatchEnd>,
): Promise<number> => {
  let end: Awaited<ReturnType<typeof work>> | undefined
  const exitCode = await untilStopped(
    context,
    async ({ signal }) => {
      end = await work(signal)
      return 0
    },
    () => {}, // its own log, which may be JSON, says that it drains
  )
  if (end === 'drained') return 0
  return end === 'lost' ? 1 : exitCode
}
