import type { Tell } from '../app/event.ts'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import { openProject, type Project } from '../wire/project.ts'
import type { CommandContext } from './command.ts'
import type { CommonFlags } from './common-flags.ts'
import { formatError } from './errors.ts'
import { listenForStop, type Stop } from './stop.ts'

/** The configuration that a command line means. */
export const loadCommandConfig = (
  common: CommonFlags,
  { cwd }: CommandContext,
  { needsSecret = true }: { readonly needsSecret?: boolean } = {},
): Promise<Config> =>
  keepFromStdout(() =>
    loadConfig({
      cwd,
      needsSecret,
      configFile: common.configFile,
      overrides: { source: common.source, output: common.output },
    }),
  )

/** What a configuration prints, or a package that it imports, goes to stderr: stdout is for what the command says. */
const keepFromStdout = async <T>(work: () => Promise<T>): Promise<T> => {
  const { stdout, stderr } = process
  const write = stdout.write
  stdout.write = stderr.write.bind(stderr)
  try {
    return await work()
  } finally {
    stdout.write = write
  }
}

interface ProjectRun {
  readonly config: Config
  readonly context: CommandContext
  readonly tell: Tell
  /** Whether a missing folder of results is an error, instead of one that will be made. */
  readonly mustExist?: boolean
}

/**
 * Runs `work` on an open project and closes it. Once a signal has come, the exit code is that of the signal, whatever
 * `work` returns, and the error that its abort causes is ignored.
 */
export const withProject = async (
  { config, context, tell, mustExist = false }: ProjectRun,
  work: (project: Project, stop: Stop) => Promise<number>,
): Promise<number> => {
  const { now, newId, programVersion } = context
  let isLedgerRead = true
  const heed: Tell = (event) => {
    if (event.kind === 'ledger-unread') isLedgerRead = false
    tell(event)
  }
  const project = await openProject(config, { now, newId, programVersion, tell: heed, mustExist })
  try {
    const exitCode = await untilStopped(context, (stop) => work(project, stop))
    return exitCode === 0 && !isLedgerRead ? 1 : exitCode
  } finally {
    await project.close()
  }
}

/** Runs `work` with SIGINT and SIGTERM as a {@link Stop}; `say` tells people that one has come. */
export const untilStopped = async (
  { terminal, leave, programVersion }: CommandContext,
  work: (stop: Stop) => Promise<number>,
  say: (text: string) => void = terminal.log,
): Promise<number> => {
  const stop = listenForStop(say, leave)
  try {
    const exitCode = await work(stop)
    return stop.exitCode() ?? exitCode
  } catch (error) {
    const exitCode = stop.exitCode()
    if (exitCode === undefined) throw error
    if (!isAbort(error, stop.signal))
      terminal.log(formatError(error, { style: terminal.logStyle, programVersion }))
    return exitCode
  } finally {
    stop.dispose()
  }
}

/** Whether an error comes from the aborted signal: it is its reason, or wraps it. */
const isAbort = (error: unknown, signal: AbortSignal): boolean =>
  error === signal.reason ||
  (error instanceof Error &&
    (error.name === 'AbortError' || (error.cause !== undefined && isAbort(error.cause, signal))))
