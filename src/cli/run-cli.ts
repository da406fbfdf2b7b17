import { randomUUID } from 'node:crypto'
import { readHost } from '../wire/host.ts'
import { readProgramVersion } from '../wire/program-version.ts'
import type { CommandContext } from './command.ts'
import { COMMANDS, commandNameOf } from './commands.ts'
import { exitCodeOf, formatError } from './errors.ts'
import { readPlainLine } from './plain-line.ts'
import { chooseProgramName } from './program.ts'
import { leaveBy } from './stop.ts'
import { openTerminal } from './terminal.ts'
import type { HelpFacts, ParsedLine } from './yargs-line.ts'

/** The parts that `src/main.ts` brings together, because their folders do not know each other. */
export type CliParts = Pick<CommandContext, 'serve' | 'watch' | 'studio'>

/**
 * Runs one command line and returns its exit code (docs/reference/contracts.md). Every error ends here: a `Problem` as
 * a message, a wrong command line or configuration as a message and 2, anything else as a bug with its stack.
 */
export const runCli = async (
  argv: readonly string[],
  { serve, watch, studio }: CliParts,
): Promise<number> => {
  const names = COMMANDS.map(commandNameOf)
  const terminal = openTerminal(chooseProgramName(process.env, names))
  const programVersion = readProgramVersion()
  let isVerbose = false
  const fail = (error: unknown): number => {
    const isOneScreen = terminal.canRedraw && !isVerbose
    terminal.log(formatError(error, { style: terminal.logStyle, programVersion, isOneScreen }))
    return exitCodeOf(error)
  }
  // It is not known what such an error belongs to, so there is nothing that could be ended properly.
  process.on('unhandledRejection', (error) => process.exit(fail(error)))
  const run = async (): Promise<number> => {
    const parsed = await parseCommandLine(argv, { programVersion, width: terminal.width })
    if (parsed.kind === 'text') {
      terminal.print(parsed.text)
      return 0
    }
    isVerbose = parsed.flags.isSet('verbose')
    return parsed.command.run(parsed.flags, {
      terminal,
      serve,
      watch,
      studio,
      programVersion,
      leave: leaveBy,
      cwd: process.cwd(),
      host: readHost(),
      env: process.env,
      now: Date.now,
      newId: randomUUID,
    } satisfies CommandContext)
  }
  const code = await run().catch(fail)
  const failure = await terminal.findFailure()
  if (failure === undefined) return code
  // The exit code of a signal is kept, so that the shell sees it.
  return code > 128 ? code : fail(failure)
}

/** yargs, which takes a tenth of a start to load, reads what is not plain: rare spellings, questions for help, mistakes. */
const parseCommandLine = async (argv: readonly string[], facts: HelpFacts): Promise<ParsedLine> => {
  const plain = await readPlainLine(argv)
  if (plain !== undefined) return { kind: 'command', ...plain }
  const { parseByYargs } = await import('./yargs-line.ts')
  return parseByYargs(argv, facts)
}
