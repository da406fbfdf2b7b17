import type { Argv } from 'yargs'
import type { Host } from '../wire/host.ts'
import type { CommonFlagName } from './common-flags.ts'
import type { Flags } from './flags.ts'
import type { ServeRunner, StudioRunner, WatchRunner } from './runners.ts'
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
  /** A text that no one else makes. */
  readonly newId: () => string
  /** Ends the process now, by that signal, whatever is in flight. */
  readonly leave: (signal: StopSignal) => void
}

/** A command line, and what it is for in a few words. */
export type Example = readonly [command: string, meaning: string]

/** One command of the program, one file each in `commands/`. */
export interface Command {
  /** Name and positional arguments as yargs spells them: `url <picture>`. */
  readonly usage: string
  /** One line for the list of commands. */
  readonly summary: string
  readonly examples: readonly Example[]
  /** Asks for the arguments that it needs; the first example is an answer. */
  readonly asks?: string
  /** Common flags that mean nothing to it: taken all the same (docs/reference/contracts.md), and not shown by its `--help`. */
  readonly unusedFlags?: readonly CommonFlagName[]
  /** Its flags and explanation. */
  readonly define: (yargs: Argv) => Argv
  /** Does it and gives the exit code (docs/reference/contracts.md). */
  readonly run: (flags: Flags, context: CommandContext) => Promise<number>
}
