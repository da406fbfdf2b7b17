import { Problem } from '../../core/problem.ts'
import { createOverridesFile } from '../../wire/overrides.ts'
import { checkLogs, readLog } from '../access-logs.ts'
import type { Command, CommandContext } from '../command.ts'
import { memoryFlag, PORT, valueFlag } from '../common-flags.ts'
import { type Flags, UsageError } from '../flags.ts'
import { readLongRun, runLong } from '../long-run.ts'

const GROUP = 'How to show it:'

const FLAGS = {
  port: valueFlag(GROUP, 'On 127.0.0.1; default: a free one'),
  log: valueFlag(GROUP, 'An access log, as of `warm`: what visitors asked for'),
  memory: memoryFlag(GROUP),
}

const run = async (flags: Flags, context: CommandContext): Promise<number> => {
  const port = flags.wholeNumber('port', PORT) ?? 0
  const name = flags.text('log')
  if (name === '-')
    throw new UsageError('--log is -; the studio reads its log anew each time, so it must be a file')
  if (name !== undefined) await checkLogs([name])
  const options = { port, ...(await readLongRun(flags, context)) }
  return runLong(context, async (stop) => {
    const log = name === undefined ? {} : { log: { name, open: () => readLog(name, stop) } }
    const open = () => context.studio({ ...options, ...log }, stop)
    try {
      return await open()
    } catch (error) {
      if (!(await mayCreate(error, context, stop))) throw error
      await createOverridesFile(options.config)
      return open()
    }
  })
}

/** Whether all that is wrong is that there is no file of overrides yet, and it may be made. */
const mayCreate = async (error: unknown, { terminal }: CommandContext, stop: AbortSignal): Promise<boolean> =>
  error instanceof Problem &&
  error.code === 'overrides-missing' &&
  terminal.canAsk &&
  (await terminal.confirm(`${error.subject} does not exist. Create it?`, stop))

/** `imgsizes studio`. */
export const command: Command = {
  examples: [
    ['imgsizes studio', 'prints the URL to open'],
    ['imgsizes studio --log access.log', 'with what visitors asked for'],
  ],
  usage:
    '$0 studio\n\nA page that shows every picture of the project and how its results stand, for this machine alone: crops, quality and alternative texts are judged there, and set.',
  flags: FLAGS,
  run,
}
