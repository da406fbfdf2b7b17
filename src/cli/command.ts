import type { Options, PositionalOptions } from 'yargs'
import type { Host } from '../wire/host.ts'
import type { ServeRunner, StudioRunner, WatchRunner } from '../wire/long-run-options.ts'
import type { CommonFlagName } from './common-flags.ts'
import type { Flags } from './flags.ts'
import type { StopSignal } from './stop.ts'
import type { Terminal } from './terminal.ts'

/** Everything from outside that commands use. */
export interface CommandContext {
  readonly terminal: Terminal
  readonly serve: ServeRunner
  readonly watch: WatchRunner
  readonly studio: StudioRunner
  readonly cwd: string
  readonly host: Host
  readonly programVersion: string
  readonly env: NodeJS.ProcessEnv
  readonly now: () => number
  /** A text that nobody else makes. */
  readonly newId: () => string
  /** Ends the process at once by that signal. */
  readonly leave: (signal: StopSignal) => void
}

/** A command line, and what it does in a few words. */
export type CommandExample = readonly [command: string, meaning: string]

/** One command of the program, one file each in `commands/`; `commands.ts` lists them. */
export interface Command {
  readonly examples: readonly CommandExample[]
  /** Asks for the arguments that it needs; the first example is an answer. */
  readonly asks?: string
  /**
   * Common flags that it ignores: they are accepted (docs/reference/contracts.md), but its `--help` does not show
   * them.
   */
  readonly unusedFlags?: readonly CommonFlagName[]
  /** The head of its help: its command line, and what it does. */
  readonly usage: string
  /** What stands in its command line besides flags. */
  readonly argument?: readonly [name: string, options: PositionalOptions]
  readonly flags?: Readonly<Record<string, Options>>
  /** Runs it; returns the exit code (docs/reference/contracts.md). */
  readonly run: (flags: Flags, context: CommandContext) => Promise<number>
}
