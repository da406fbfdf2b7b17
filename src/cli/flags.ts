import { suggestName } from '../config/suggest.ts'
import { parseBytes, parseDurationMs } from '../config/units.ts'

/**
 * The flags of one command as given, read once and checked: each method throws a {@link UsageError} that names the
 * flag, what was found and what is allowed. yargs reads `--concurrency abc` as NaN and a repeated flag as a
 * list, so it gives everything except switches as text.
 */
export type Flags = ReturnType<typeof createFlags>

/** Both are allowed, too. */
interface Range {
  readonly min: number
  readonly max: number
}

/**
 * A mark that is put before arguments that yargs would misread: a lone `-`, which it loses among several arguments, and
 * everything after `--`. It is invisible, so that yargs' own messages look right.
 */
const SHIELD = '\u200b'

/** The command line for yargs; {@link createFlags} reads it back. `--` ends the flags. */
export const shieldArguments = (argv: readonly string[]): string[] => {
  const { flags, rest } = splitAtEnd(argv)
  // An argument that begins with the mark gets one more, so that removing one is always right.
  const shielded = flags.map((arg) => arg.replace(/^(--?[^=]*=)?(?=\u200b|-$)/, `$1${SHIELD}`))
  return [...shielded, ...rest.map((arg) => SHIELD + arg)]
}

const unshield = (text: string): string => (text.startsWith(SHIELD) ? text.slice(SHIELD.length) : text)

/** A message of yargs, with arguments as they were typed. */
export const unshieldMessage = (message: string): string => message.replaceAll(SHIELD, '')

/** The arguments before `--`, and those after it. */
export const splitAtEnd = (argv: readonly string[]) => {
  const end = argv.indexOf('--')
  return end === -1 ? { flags: argv, rest: [] } : { flags: argv.slice(0, end), rest: argv.slice(end + 1) }
}

/**
 * Refuses a switch with a value other than `true` or `false`: yargs reads any other text as false, so that
 * `prune --dry-run=1` would delete.
 */
export const checkSwitches = (argv: readonly string[], given: Readonly<Record<string, unknown>>): void => {
  for (const arg of splitAtEnd(argv).flags) {
    const [, dashes = '', name = '', value = ''] = /^(--?)([^=]+)=(.*)$/s.exec(arg) ?? []
    // Every other flag is a text, or a list of texts.
    if (typeof given[name] !== 'boolean' || value === 'true' || value === 'false') continue
    throw new UsageError(
      `${dashes}${name} is ${JSON.stringify(value)}; allowed: ${dashes}${name} alone, or with true or false`,
    )
  }
}

/** That one of `words` which the text is; else {@link UsageError}, where `wrong` says what is wrong. */
export const requireWord = <T extends string>(text: string, words: readonly T[], wrong: string): T => {
  const word = words.find((each) => each === text)
  if (word !== undefined) return word
  throw new UsageError(`${wrong}${didYouMean(text, words) || ';'} allowed: ${words.join(', ')}`)
}

/** `given`: what yargs has read. */
export const createFlags = (given: Readonly<Record<string, unknown>>) => {
  /** A text that is not empty, given at most once. */
  const text = (name: string): string | undefined => {
    const value = given[name]
    if (value === undefined) return undefined
    if (Array.isArray(value))
      throw new UsageError(`--${name} is given ${value.length} times; once is allowed`)
    if (typeof value !== 'string' || value === '') throw new UsageError(`--${name} needs a value`)
    return unshield(value)
  }
  /** A text as `parse` reads it; undefined from there means that it is not what is `allowed`. */
  const parsed = <T>(
    name: string,
    allowed: string,
    parse: (value: string) => T | undefined,
  ): T | undefined => {
    const value = text(name)
    if (value === undefined) return undefined
    const found = parse(value)
    if (found === undefined)
      throw new UsageError(`--${name} is ${JSON.stringify(value)}; allowed: ${allowed}`)
    return found
  }
  return {
    isSet: (name: string): boolean => given[name] === true,
    text,
    parsed,
    word: <T extends string>(name: string, words: readonly T[]): T | undefined => {
      const value = text(name)
      return value === undefined
        ? undefined
        : requireWord(value, words, `--${name} is ${JSON.stringify(value)}`)
    },
    wholeNumber: (name: string, { min, max }: Range): number | undefined =>
      parsed(name, `a whole number ${min}..${max}`, (value) =>
        /^[0-9]{1,15}$/.test(value) ? within(Number(value), min, max) : undefined,
      ),
    /** Such as `0.2`. */
    number: (name: string, { min, max }: Range): number | undefined =>
      parsed(name, `a number ${min}..${max}`, (value) =>
        /^(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)$/.test(value) ? within(Number(value), min, max) : undefined,
      ),
    bytes: (name: string): number | undefined =>
      parsed(name, 'bytes as a whole number from 1 on, or such as 512MB, 2GiB, up to GB', (value) =>
        within(/^[0-9]{1,15}$/.test(value) ? Number(value) : parseBytes(value), 1, Number.MAX_SAFE_INTEGER),
      ),
    durationMs: (name: string): number | undefined =>
      parsed(name, 'a duration such as 30m, 12h, 7d, or 0', (value) =>
        value === '0' ? 0 : parseDurationMs(value),
      ),
    /** A positional argument; yargs has checked that it is there. */
    argument: (name: string): string => unshield(String(given[name])),
    /** A positional argument that may be repeated. */
    argumentList: (name: string): readonly string[] => {
      const value = given[name]
      return (Array.isArray(value) ? value : [value]).map((each) => unshield(String(each)))
    },
  }
}

const within = (value: number | undefined, min: number, max: number): number | undefined =>
  value !== undefined && value >= min && value <= max ? value : undefined

/** The command line asks for something impossible: exit code 2, the message, and where to read more. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** `; did you mean card?`, to be added to a message; "" where no known name is similar. */
export const didYouMean = (wrong: string, known: readonly string[]): string => {
  const meant = suggestName(wrong, known)
  return meant === undefined ? '' : `; did you mean ${meant}?`
}
