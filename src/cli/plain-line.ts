import { parseArgs } from 'node:util'
import type { Options } from 'yargs'
import type { Command } from './command.ts'
import { COMMANDS, commandNameOf } from './commands.ts'
import { COMMON_OPTIONS } from './common-flags.ts'
import { createFlags, type Flags, shieldArguments } from './flags.ts'

/** A command, and what is given to it. */
export interface ChosenCommand {
  readonly command: Command
  readonly flags: Flags
}

/**
 * A plain command line, read as yargs would: first the command, then its arguments and flags, these spelled in full and, but for lists,
 * given once. Undefined for every other one, right or wrong.
 */
export const readPlainLine = async ([name, ...rest]: readonly string[]): Promise<
  ChosenCommand | undefined
> => {
  const listed = COMMANDS.find((each) => commandNameOf(each) === name)
  if (listed === undefined || rest.some((arg) => MISREAD.test(arg))) return undefined
  const command = await listed.load()
  const read = readStrictly(rest, command)
  if (read === undefined || !isRightCount(read.positionals.length, listed.usage)) return undefined
  const given: Record<string, unknown> = {}
  for (const [flag, { array }] of listOptions(command)) {
    const values = read.values[flag] ?? []
    if (values.includes('') || (!array && values.length > 1)) return undefined
    given[flag] = array ? values : values[0]
  }
  const [argument, { array = false } = {}] = command.argument ?? []
  if (argument !== undefined) given[argument] = array ? read.positionals : read.positionals[0]
  return { command, flags: createFlags(given) }
}

/** yargs takes quotes off a value, and gives these words to a switch before them. */
const MISREAD = /["']|^(?:true|false)?$/

const listOptions = ({ flags }: Command): [string, Options][] =>
  Object.entries({ ...COMMON_OPTIONS, ...flags })

const readStrictly = (args: readonly string[], command: Command) => {
  const options = Object.fromEntries(
    listOptions(command).map(([flag, { type }]) => {
      const kind = type === 'boolean' ? ('boolean' as const) : ('string' as const)
      return [flag, { type: kind, multiple: true as const }]
    }),
  )
  try {
    return parseArgs({ args: shieldArguments(args), options, allowPositionals: true })
  } catch {
    return undefined // yargs says what is wrong
  }
}

/** `usage` as in {@link COMMANDS}. */
const isRightCount = (count: number, usage: string): boolean =>
  count >= (usage.includes('<') ? 1 : 0) && (count <= (/[<[]/.test(usage) ? 1 : 0) || usage.includes('..'))
