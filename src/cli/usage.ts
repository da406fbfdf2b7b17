import { suggestName } from '../config/suggest.ts'
import type { Command, CommandExample } from './command.ts'
import { formatTable } from './format-numbers.ts'
import { UsageError } from './usage-error.ts'

/** An error of yargs in better words; `help` is that of the command. */
export const explainUsage = (
  message: string,
  { argv, command, help }: { argv: readonly string[]; command: Command | undefined; help: string },
): UsageError => {
  if (command?.asks !== undefined && message.startsWith('Not enough non-option arguments'))
    return new UsageError(`${command.asks} ${command.examples[0]?.[0] ?? ''}`)
  const [, lacking] = /^Not enough arguments following: (.*)$/s.exec(message) ?? []
  if (lacking !== undefined) return new UsageError(`--${lacking} needs a value`)
  const [, names] = /^Unknown arguments?: (.*)$/s.exec(message) ?? []
  if (names === undefined) return new UsageError(message)
  // yargs names max-shar also as maxShar.
  const flags = names.split(', ').filter((name) => isTyped(name, argv))
  const meant = flags.flatMap((name) => suggestFlag(name, help) ?? [])
  const question = meant.length === 0 ? '' : `; did you mean ${meant.join(', ')}?`
  return new UsageError(flags.length === 0 ? message : `Unknown argument: ${flags.join(', ')}${question}`)
}

const isTyped = (name: string, argv: readonly string[]): boolean =>
  argv.some((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`))

const suggestFlag = (name: string, help: string): string | undefined => {
  // Only lines that list flags: the examples may name flags of other commands.
  const flags = [...help.matchAll(/^ +(?:-h, )?--([a-z][a-z-]+)/gm)].map(([, flag = '']) => flag)
  const meant = suggestName(name, [...new Set(flags)])
  return meant === undefined ? undefined : `--${meant}`
}

/**
 * Examples in two columns if all fit, else each meaning below its command: a command is never broken into two lines.
 */
export const formatExamples = (examples: readonly CommandExample[], width: number): string => {
  const table = formatTable(
    examples.map(([command, meaning]) => [`  ${command}`, meaning]),
    ['left', 'left'],
  )
  const fits = table.every((row) => row.length <= width)
  const rows = fits ? table : examples.flatMap(([command, meaning]) => [`  ${command}`, `      ${meaning}`])
  return ['Examples:', ...rows].join('\n')
}

/** Removes the type that yargs puts after each flag in brackets: the texts say themselves which values are allowed. */
export const hideTypes = (help: string): string => help.replace(TYPES, '')

const TYPES = /\n? *(?:\[(?:string|array|boolean|required|default: \[\])\] ?)+(?=\n|$)/g
