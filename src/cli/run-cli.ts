import { randomUUID } from 'node:crypto'
import yargs, { type Argv } from 'yargs'
import { suggestName } from '../config/suggest.ts'
import { readHost } from '../wire/host.ts'
import { readProgramVersion } from '../wire/program-version.ts'
import type { Command, CommandContext, CommandExample } from './command.ts'
import { COMMANDS, commandNameOf } from './commands.ts'
import { addCommonFlags } from './common-flags.ts'
import { exitCodeOf, formatError } from './errors.ts'
import {
  checkSwitches,
  createFlags,
  didYouMean,
  type Flags,
  shieldArguments,
  splitAtEnd,
  UsageError,
  unshieldMessage,
} from './flags.ts'
import { formatNumber, formatTable } from './format-numbers.ts'
import { chooseProgramName } from './program.ts'
import { leaveBy } from './stop.ts'
import { openTerminal } from './terminal.ts'

/** The parts that `src/main.ts` brings together, because their folders do not know each other. */
type CliParts = Pick<CommandContext, 'serve' | 'watch' | 'studio'>

/** Those of a terminal of 24, minus heading, last line and prompt. */
const SCREEN_ROWS = 20
/** A log is read by scrolling, but not thousands of rows of one mistake in a file that a program wrote. */
const LOG_ROWS = 200

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
    const mostRows = isVerbose ? Number.POSITIVE_INFINITY : terminal.canRedraw ? SCREEN_ROWS : LOG_ROWS
    terminal.log(formatError(error, { style: terminal.logStyle, programVersion, mostRows }))
    return exitCodeOf(error)
  }
  // It is not known what such an error belongs to, so there is nothing that could be ended properly.
  process.on('unhandledRejection', (error) => process.exit(fail(error)))
  const run = async (): Promise<number> => {
    // As git and npm have it.
    const line = argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv
    const parsed = await parseCommandLine(line, { programVersion, width: terminal.width })
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

interface ParserFacts {
  readonly programVersion: string
  /** The width of help texts in columns. */
  readonly width: number
}

type ParsedLine =
  /** The answer of `--help` or `--version`. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'command'; readonly command: Command; readonly flags: Flags }

/** The command that is asked for. It runs outside of yargs, which would take its errors for wrong usage. */
const parseCommandLine = async (argv: readonly string[], facts: ParserFacts): Promise<ParsedLine> => {
  try {
    return await parse(argv, facts)
  } catch (error) {
    if (!(error instanceof YargsFinding)) throw error
    const [named] = argv.flatMap((arg) => COMMANDS.find((listed) => commandNameOf(listed) === arg) ?? [])
    const told = await parse([...(named ? [commandNameOf(named)] : []), '--help'], facts)
    const help = told.kind === 'text' ? told.text : ''
    throw explainUsage(unshieldMessage(error.message), { argv, command: await named?.load(), help })
  }
}

/** An error that yargs finds in a command line; everything else that it throws is a bug. */
class YargsFinding extends Error {}

const parse = async (argv: readonly string[], facts: ParserFacts): Promise<ParsedLine> => {
  let text = ''
  const parser = createParser(facts)
  for (const listed of COMMANDS) {
    const { usage, summary } = listed
    // yargs calls these of a command only where its name is an argument.
    const command = argv.includes(commandNameOf(listed)) ? await listed.load() : undefined
    if (command === undefined) parser.command(usage, summary)
    else
      parser.command(
        usage,
        summary,
        (own: Argv) => define(command, own, facts.width),
        (given) => {
          checkSwitches(argv, given)
          throw new Chosen(command, createFlags(given))
        },
      )
  }
  try {
    await parser.parseAsync(shieldArguments(argv), {}, (_error, _given, output) => {
      text = output
    })
  } catch (error) {
    if (!(error instanceof Chosen)) throw error
    return { kind: 'command', command: error.command, flags: error.flags }
  }
  return { kind: 'text', text: hideTypes(text) }
}

/** Thrown to leave yargs once the command is known: otherwise it would prepare its help text, which takes 18 ms. */
class Chosen extends Error {
  readonly command: Command
  readonly flags: Flags

  constructor(command: Command, flags: Flags) {
    super('a command was chosen')
    this.command = command
    this.flags = flags
  }
}

const EXAMPLES: readonly CommandExample[] = [
  ['imgsizes init', 'look for pictures and write imgsizes.config.ts'],
  ['imgsizes build', 'make every result that is missing or out of date'],
  ['imgsizes url cat.jpg', 'print the signed URLs of one picture'],
]

/** Describes a command to yargs: its own flags, the common ones that it uses, and examples. */
const define = (command: Command, yargs: Argv, width: number): Argv => {
  const { usage, argument, flags = {}, unusedFlags = [], examples } = command
  if (argument !== undefined) yargs.positional(...argument)
  const parser = yargs.usage(usage).options(flags).epilogue(formatExamples(examples, width))
  return unusedFlags.reduce((described, flag) => described.hide(flag), parser)
}

const listCommands = (): string =>
  formatTable(
    COMMANDS.map((listed) => [`  ${commandNameOf(listed)}`, listed.summary]),
    ['left', 'left'],
  ).join('\n')

const createParser = ({ programVersion, width }: ParserFacts): Argv =>
  addCommonFlags(yargs())
    .scriptName('imgsizes')
    .usage('$0 <command>\n\nEvery picture in every size and format, under one signed URL.')
    .epilogue(`${formatExamples(EXAMPLES, width)}\n\n\`imgsizes <command> --help\` explains one command.`)
    .parserConfiguration({
      'boolean-negation': false,
      'dot-notation': false,
    })
    .locale('en')
    .updateStrings({ 'Positionals:': 'Arguments:' })
    .strict()
    .demandCommand(1, 1, `Which command?\n${listCommands()}`, 'One command at a time.')
    // Answers the scripts of `completion`; the script that yargs would print itself stays hidden.
    .completion('yargs-completion', false)
    .help()
    .alias('help', 'h')
    .version(programVersion)
    .exitProcess(false)
    .wrap(width)
    .fail((message, error) => {
      // yargs throws some of its findings; anything else is a bug.
      throw error === undefined || error.name === 'YError'
        ? new YargsFinding(message || error.message)
        : error
    })

/** An error of yargs in better words; `help` is that of the command. */
const explainUsage = (
  message: string,
  { argv, command, help }: { argv: readonly string[]; command: Command | undefined; help: string },
): UsageError => {
  if (command?.asks !== undefined && message.startsWith('Not enough non-option arguments'))
    return new UsageError(`${command.asks} ${command.examples[0]?.[0] ?? ''}`)
  const [, lacking] = /^Not enough arguments following: (.*)$/s.exec(message) ?? []
  if (lacking !== undefined) return new UsageError(`--${lacking} needs a value`)
  const [, names] = /^Unknown (?:argument|command)s?: (.*)$/s.exec(message) ?? []
  const { flags, rest } = splitAtEnd(argv)
  // Without any word yargs says no more than that a command is wanted.
  const isMeant = (arg: string): boolean =>
    names === undefined ? isMisspelt(arg, help) : isNamed(arg, names.split(', '))
  const wrong = flags.filter(isMeant).map(nameOf)
  const word = command ? undefined : wrong.find((arg) => !isFlag(arg))
  if (word !== undefined) {
    const known = COMMANDS.map(commandNameOf)
    const meant = didYouMean(word, known)
    return new UsageError(
      `There is no command ${JSON.stringify(word)}${meant || `; there are: ${known.join(', ')}`}`,
    )
  }
  const meant = wrong.flatMap((arg) => suggestFlag(arg, help) ?? [])
  const typed = [...wrong, ...rest.filter((arg) => names?.split(', ').includes(arg))]
  if (typed.length === 0) return new UsageError(message)
  const question = meant.length === 0 ? '' : `; did you mean ${meant.join(', ')}?`
  return new UsageError(`Unknown argument: ${listFirst(typed)}${question || hintOfWords(typed, help)}`)
}

const MOST_LISTED = 3

/** A pattern without quotes, which the shell has replaced by a thousand names, is no reason to print them all. */
const listFirst = (words: readonly string[]): string => {
  const more = words.length - MOST_LISTED
  return `${words.slice(0, MOST_LISTED).join(', ')}${more > 0 ? ` and ${formatNumber(more)} more` : ''}`
}

/** Most who name a folder or pictures mean a flag that the command has. */
const hintOfWords = (typed: readonly string[], help: string): string =>
  typed.some((word) => !isFlag(word)) && help.includes('--only')
    ? `; a folder is named by --source, some of its pictures by --only '<pattern>'`
    : ''

const isFlag = (arg: string): boolean => /^-./.test(arg)

/** A flag without its value; any other argument as it is. */
const nameOf = (arg: string): string => (isFlag(arg) ? arg.replace(/=.*$/s, '') : arg)

/** Whether yargs means this argument: it names flags without dashes, and `max-shar` also as `maxShar`. */
const isNamed = (arg: string, names: readonly string[]): boolean =>
  names.some((name) => [name, `-${name}`, `--${name}`].includes(nameOf(arg)))

const isMisspelt = (arg: string, help: string): boolean => {
  const meant = suggestFlag(nameOf(arg), help)
  return meant !== undefined && meant !== nameOf(arg)
}

const suggestFlag = (typed: string, help: string): string | undefined => {
  if (!isFlag(typed)) return undefined
  // Only lines that list flags: the examples may name flags of other commands.
  const flags = [...help.matchAll(/^ +(?:-h, )?--([a-z][a-z-]+)/gm)].map(([, flag = '']) => flag)
  const meant = suggestName(typed.replace(/^-+/, ''), [...new Set(flags)])
  return meant === undefined ? undefined : `--${meant}`
}

/**
 * Examples in two columns if all fit, else each meaning below its command: a command is never broken into two lines.
 */
const formatExamples = (examples: readonly CommandExample[], width: number): string => {
  const table = formatTable(
    examples.map(([command, meaning]) => [`  ${command}`, meaning]),
    ['left', 'left'],
  )
  const fits = table.every((row) => row.length <= width)
  const rows = fits ? table : examples.flatMap(([command, meaning]) => [`  ${command}`, `      ${meaning}`])
  return ['Examples:', ...rows].join('\n')
}

/** Removes the type that yargs puts after each flag in brackets: the texts say themselves which values are allowed. */
const hideTypes = (help: string): string => help.replace(TYPES, '')

const TYPES = /\n? *(?:\[(?:string|array|boolean|required|default: \[\])\] ?)+(?=\n|$)/g
